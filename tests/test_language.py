"""In which language a text is written."""

from __future__ import annotations

import pytest

from textcoder.language import LANGUAGES, guess_language

SENTENCES = {
    "en": "We had no meetings then, but now we meet every Tuesday, and I must say that it works rather well.",
    "sv": "Vi hade ju inga möten då, men nu träffas vi varje tisdag och det fungerar faktiskt ganska bra.",
    "da": "Vi havde jo ikke nogen møder dengang, men nu mødes vi hver tirsdag, og det går egentlig meget godt.",
    "nb": "Vi hadde jo ikke noen møter den gangen, men nå møtes vi hver tirsdag, og det går egentlig ganske bra.",
    "fi": "Meillä ei silloin ollut mitään kokouksia, mutta nyt tapaamme joka tiistai ja se toimii aika hyvin.",
    "de": "Wir hatten damals keine Treffen, aber jetzt sehen wir uns jeden Dienstag, und das klappt ganz gut.",
    "nl": "We hadden toen geen overleg, maar nu zien we elkaar elke dinsdag en dat gaat eigenlijk best goed.",
    "fr": "On n’avait pas de réunions à l’époque, mais maintenant on se voit tous les mardis et ça marche bien.",
    "es": "No teníamos reuniones entonces, pero ahora nos vemos cada martes y la verdad es que funciona bien.",
    "it": "Allora non avevamo riunioni, ma adesso ci vediamo ogni martedì e devo dire che funziona bene.",
    "pt": "Nós não tínhamos reuniões naquela altura, mas agora encontramo-nos todas as terças e corre bem.",
    "pl": "Wtedy nie mieliśmy żadnych spotkań, ale teraz widzimy się w każdy wtorek i to działa dobrze.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_enough(language: str) -> None:
    """Sentences would be cut and words counted by another language's rules."""
    assert guess_language(SENTENCES[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ok.",
        "Привет, мы встречаемся каждый вторник, и это работает хорошо.",
        "Tere, meil ei olnud siis mingeid koosolekuid, aga nüüd kohtume igal teisipäeval.",
        "Mira Tomas Leila Karin Per Omar Aino Daniel",
        "def f(x): return x + 1; import os; for i in range(10): print(i)",
    ],
)
def test_what_is_too_short_or_none_of_the_twelve_is_undetermined(text: str) -> None:
    """A guess without grounds would look like knowledge."""
    assert guess_language(text) == "und"
