"""What a study is: frozen dataclasses and their rules, standard library only."""
