"""Numbers and addresses that Microsoft Presidio's recognisers know by their form, and ours do not; a person is asked about each.

Only recognisers that look at the words on this machine are made, by name: the analyzer's defaults would fetch a spaCy model, and its
recogniser of e-mail addresses a list of domains. Names are left to ours, which reads the same English model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from textcoder.pseudonyms.mention import Mention, without_overlaps
from textcoder.pseudonyms.patterns import (
    BANK_ACCOUNT,
    CARD,
    LICENCE,
    NETWORK_ADDRESS,
    PASSPORT,
    PERSONAL_NUMBER,
    WALLET,
)

Finder = Callable[[str], list[Mention]]
"""A text to what may tell who somebody is; spans never overlap."""

_RECOGNISERS = {
    CARD: ("CreditCardRecognizer",),
    WALLET: ("CryptoRecognizer",),
    NETWORK_ADDRESS: ("IpRecognizer", "MacAddressRecognizer"),
    BANK_ACCOUNT: ("IbanRecognizer", "UsBankRecognizer"),
    PASSPORT: (
        *("UkPassportRecognizer", "UsPassportRecognizer", "DePassportRecognizer", "EsPassportRecognizer"),
        "ItPassportRecognizer",
    ),
    LICENCE: (
        *("UkDrivingLicenceRecognizer", "UsLicenseRecognizer", "DeFuehrerscheinRecognizer"),
        *("ItDriverLicenseRecognizer", "MedicalLicenseRecognizer"),
    ),
    PERSONAL_NUMBER: (
        *("UsSsnRecognizer", "UsItinRecognizer", "DeIdCardRecognizer", "DeTaxIdRecognizer", "EsNifRecognizer"),
        *("EsNieRecognizer", "ItFiscalCodeRecognizer", "ItIdentityCardRecognizer", "PlPeselRecognizer"),
    ),
}
"""Presidio's classes by the kind of what they find. Those for which we have forms of our own are left out."""

_LIKELY = 0.4
"""What Presidio gives a number of a weak form once a word before it speaks for it ("passport"); without one it stays far below."""
_NOT_OURS = ("torch", "transformers", "stanza", "gliner", "langextract", "openai", "azure")
"""Packages with which Presidio would load models or ask services, wherever they happen to be installed."""


def load_presidio(*, path: Path | None = None) -> Finder:
    """Presidio's recognisers of forms, over the words as the registered English model reads them. Nothing is fetched or sent.

    Args:
        path: Where the English model lies, if not in its package.

    Cost: 3 s; then about as much as `load_recogniser`.

    Raises:
        MissingPackage: The extra `presidio` is not installed.
        ModelNotFound: The English model is not installed, or its files differ from the registered ones.
    """
    from textcoder.registry import find_model
    from textcoder.resources import absent, require

    with absent(*_NOT_OURS):
        presidio = require("presidio_analyzer", extra="presidio")
        engines = require("presidio_analyzer.nlp_engine", extra="presidio")
        known = require("presidio_analyzer.predefined_recognizers", extra="presidio")
        import spacy
    engine = engines.SlimSpacyNlpEngine(auto_download=False)
    nlp = spacy.load(find_model("en_core_web_sm", path=path).folder, exclude=["parser", "ner", "senter"])
    nlp.max_length = 200_000_000
    engine.nlp = {"en": nlp}  # loaded, so that it loads none of its own
    kinds: dict[str, str] = {}
    recognisers = []
    for kind, names in _RECOGNISERS.items():
        for name in names:
            # A passport is told in any language; "en" only says whose words stand around it.
            recogniser = getattr(known, name)(supported_language="en")
            kinds |= dict.fromkeys(recogniser.supported_entities, kind)
            recognisers.append(recogniser)
    analyzer = presidio.AnalyzerEngine(
        registry=presidio.RecognizerRegistry(recognizers=recognisers, supported_languages=["en"]),
        nlp_engine=engine,
        supported_languages=["en"],
    )
    return lambda text: mentions_from(analyzer.analyze(text, "en", score_threshold=_LIKELY), kinds)


def mentions_from(results: Iterable[Any], kinds: dict[str, str]) -> list[Mention]:
    """What Presidio found, to be asked, in the order of the text; of those that overlap the likeliest, then the longest.

    Args:
        results: With `start` and `end` in code points, `entity_type` and `score`, as its `RecognizerResult` has them; in any order.
        kinds: Our word for each of its entities.
    """
    best = sorted(results, key=lambda one: (-one.score, one.start - one.end, one.start, one.entity_type))
    return without_overlaps(
        [Mention(one.start, one.end, kinds[one.entity_type], sure=False, why="found by Presidio") for one in best]
    )
