"""In which language a text is written, by the small words that no text can do without."""

from __future__ import annotations

import importlib.util
import re
import runpy
from collections import Counter
from functools import cache
from pathlib import Path

LANGUAGES = ("da", "de", "en", "es", "fi", "fr", "it", "nb", "nl", "pl", "pt", "sv")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_LETTERS_LOOKED_AT = 100_000
_FEWEST_WORDS = 6
# Share of words that are stop words of the language: .39 to .76 in what people say and write in the twelve; below .25
# in their nearest relatives outside (Estonian, Czech, Catalan) and in lists of names, .31 in program code.
_SMALLEST_SHARE = 0.33
# Danish and Norwegian lie nearest to each other; of ten Danish sentences the lead is 1.1 to 2.5.
_LEAD = 1.05


def guess_language(text: str) -> str:
    """ISO 639-1 code of the language, one of `LANGUAGES`; "und" where the text is too short or none of them fits.

    Each word counts for the languages that have it among their stop words, the less the more languages share it; the
    best must lead, and must have enough stop words. Looks at the first 100,000 characters.
    """
    words = Counter(_plain(word) for word in _WORD.findall(text[:_LETTERS_LOOKED_AT]))
    if words.total() < _FEWEST_WORDS:
        return "und"
    points, stops = dict.fromkeys(LANGUAGES, 0.0), dict.fromkeys(LANGUAGES, 0)
    for word, count in words.items():
        languages = _languages_of().get(word, ())
        for language in languages:
            points[language] += count / len(languages) ** 2
            stops[language] += count
    first, second = sorted(LANGUAGES, key=lambda language: (-points[language], language))[:2]
    enough = stops[first] >= _SMALLEST_SHARE * words.total()
    return first if enough and points[first] >= _LEAD * points[second] else "und"


def _plain(word: str) -> str:
    return word.casefold().replace("\u2019", "'")


@cache
def _languages_of() -> dict[str, tuple[str, ...]]:
    """Stop word -> languages that have it, from spaCy's language data (no model is loaded)."""
    spacy = importlib.util.find_spec("spacy")
    if spacy is None or spacy.origin is None:
        raise ModuleNotFoundError("spacy is not installed; run pip install textcoder again.")
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        # The file alone: importing it as a module would bring spaCy, torch and every language's tokeniser, 3 s of a start.
        data = runpy.run_path(str(Path(spacy.origin).parent / "lang" / language / "stop_words.py"))
        for word in {_plain(word) for word in data["STOP_WORDS"]}:
            found.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in found.items()}
