"""Settings, made once by the entry point and handed down. No module reads the environment at import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_ENCODER = "all-MiniLM-L6-v2"


@dataclass(frozen=True, slots=True)
class Settings:
    """What one person on a laptop wants, unless she says otherwise.

    Attributes:
        encoder: A name in models/registry.toml, a folder, or a sentence-transformers model name.
        encoder_path: Folder with the weights of `encoder`; None searches the installed packages.
        spacy_path: Likewise for the spaCy model.
        language: ISO 639-1 code for all files; None guesses for each.
        seed: For every random step; kept in the manifest.
        threads: How many texts are embedded side by side; never changes a result.
        max_file_mb: Files beyond this are refused with a sentence (a transcript of 24 hours has about 1.5 MB).
        include_interviewer: Code interviewers' words too.
        min_words: Fewer words than this are back-channel, unless they answer a question.
        max_words: A segment is closed once it has this many words.
        themes: How many themes a lens may have; None lets stability choose.
        lens_threshold: Below this probability the machine abstains from naming a lens.
    """

    encoder: str = DEFAULT_ENCODER
    encoder_path: Path | None = None
    spacy_path: Path | None = None
    language: str | None = None
    seed: int = 20240917
    threads: int = 2
    max_file_mb: int = 100
    include_interviewer: bool = False
    min_words: int = 4
    max_words: int = 60
    themes: int | None = None
    lens_threshold: float = 0.4

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **chosen: object) -> Settings:
        """Settings from `TEXTCODER_*` variables; what was chosen on the command line (not None) counts more.

        Raises:
            ValueError: A variable is not a number where one is needed; names the variable.
        """
        values: dict[str, object] = {}
        for name, kind in (
            ("encoder", str),
            ("encoder_path", Path),
            ("spacy_path", Path),
            ("language", str),
            ("seed", int),
            ("threads", int),
            ("max_file_mb", int),
        ):
            raw = environ.get(f"TEXTCODER_{name.upper()}")
            if raw:
                try:
                    values[name] = kind(raw)
                except ValueError as error:
                    raise ValueError(f"TEXTCODER_{name.upper()} must be a whole number, not {raw!r}.") from error
        values.update({name: value for name, value in chosen.items() if value is not None})
        return cls(**values)  # type: ignore[arg-type]  # names and kinds are those of the table above
