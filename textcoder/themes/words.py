"""Words that tell something: no stop words, no fillers of talk, no speakers' names; inflections count as one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

WORD = re.compile(r"(?<!\w)[^\W\d_]{2,}(?:-[^\W\d_]+)*")
REDACTED = re.compile(r"\b([^\W\d_])\1+\b", re.IGNORECASE)
CLAUSE = re.compile(r"[.!?;:,()\[\]{}\"“”«»\n]|\s[-–—]+\s|\.\.\.|…")

FUNCTION_WORDS = frozenset(
    """
    a about above across after afterwards against all almost alone along already also although always am among an
    and another any anybody anyhow anyone anything anywhere are around as at be became because become becomes been
    before beforehand behind being below beside besides between beyond both but by can cannot could despite did do
    does doing done down during each eight eighteen eighty either eleven else elsewhere enough especially even ever
    every everyone everywhere except few fifteen fifty five for forty four fourteen from further had has have having
    he hence her here hers herself him himself his how however hundred i if in indeed instead into is it its itself
    just last latter least less many may me might mine more moreover most mostly much must my myself namely neither
    never nevertheless next nine nineteen ninety no none nor not now nowhere of off often on once one only onto or
    other others otherwise our ours ourselves out over own per perhaps quite rather same seven seventeen seventy
    several shall she should since six sixteen sixty so some sometimes somewhere still such ten than that the their
    theirs them themselves then there therefore these they thirteen thirty this those though thousand three through
    throughout thus till to together too toward towards twelve twenty two under unless until up upon us usually
    various very via was we well were what whatever when whenever where whereas wherever whether which while who
    whoever whole whom whose why will with within without would yet you your yours yourself yourselves zero
    """.split()
)
# What talk is full of and no list of function words has. Contractions are split at the apostrophe, hence "don", "ve".
FILLERS = frozenset(
    """
    actually ah aha ain alright anyway basically couldn definitely didn doesn don eh eighteen eighty er erm etc
    exactly fourteen gonna gotta ha hadn haha hasn haven hm hmm honestly huh inaudible isn kind kinda laugh laughing
    laughs like literally ll maybe mean means mhm mm mmm mustn nah nd needn nineteen ninety nope obviously oh ok
    okay ooh pause pauses pretty probably rd re really seven seventeen seventy shouldn sigh sighs silence sixteen
    sort st sure th thank thanks thirteen thirty thousand totally uh uhm um unintelligible ve wanna wasn weren won
    wouldn ya yeah yep yes
    """.split()
)
# What says little alone and something in company: "waiting time", "small steps", "asked again".
WEAK = frozenset(
    """
    able add added afternoon again answer answered anyway april ask asked asking asks august autumn away back bad
    best better big bit bits bring brings brought call called calls came case cases cause change check checked close
    come comes coming comment comments couple day days december difference different end ends evening everybody
    everything example fair far february feel feels felt fifth find finds fine first follow found fourth friday
    fridays full gave get gets getting give gives giving go goes going gone good got great guess guy guys half
    happen happened happens hard hear heard help hold hour hours idea interesting issue issues january july june
    keep keeps kept kinds knew know knows late later leave left let lets little long look looked looking looks lot
    lots love made main make makes making march matter meant mind minute minutes moment monday mondays month months
    morning mornings move moved name names need needed needs new nice night nights nobody nothing notice noticed
    november october old ones opinion part people person place point put puts question questions read ready real
    reason remember rest right run running runs said sat saturday saturdays saw say saying says second see seeing
    seem seems seen sees sense september set short show showed shows side single sit sits small somebody somehow
    someone something sorry speak spoke spring stand start started starts stay stood stop stopped stops stuff summer
    sunday sundays suppose supposed take taken takes taking talk talked talking talks tell telling tells thing
    things think thinking thinks third thought thursday thursdays time times today told tomorrow took top tried true
    try trying tuesday tuesdays turn understand use used uses using view wait waited want wanted wants way ways
    wednesday wednesdays week weeks went whole winter word words work worked working works write wrong wrote year
    years yesterday
    """.split()
)


def stop_words(language: str, speakers: Collection[str] = ()) -> frozenset[str]:
    """What no keyword may be: function words and fillers of talk, and the speakers' names.

    The lists are our own for English and spaCy's for other languages. A language that spaCy has no list for gets none: what
    all themes share is then weighed down by c-TF-IDF alone.
    """
    names = frozenset(word for name in speakers for word in words_of(name))
    return names | (FUNCTION_WORDS | FILLERS if language == "en" else _stop_words_of_spacy(language))


def _stop_words_of_spacy(language: str) -> frozenset[str]:
    from spacy.util import get_lang_class

    try:
        return frozenset(get_lang_class(language).Defaults.stop_words)
    except ImportError:  # spaCy's way to say that it has no data for a language
        return frozenset()


def words_of(text: str) -> list[str]:
    """Words in lower case, split at apostrophes, without numbers and single letters; hyphened words stay whole."""
    return WORD.findall(text.lower())


def unredacted(text: str) -> str:
    """The text with a gap where somebody wrote XXX; "mm" and the like go with it."""
    return REDACTED.sub("…", text)


def terms_of(text: str, stop: Collection[str]) -> list[str]:
    """Telling words and pairs of neighbouring ones (joined by "_"), with repetition; pairs do not reach over a comma."""
    return [term for clause in CLAUSE.split(unredacted(text)) for term in _terms(words_of(clause), stop)]


def _terms(words: list[str], stop: Collection[str]) -> Iterator[str]:
    for word, after in zip_longest(words, words[1:], fillvalue=""):
        if word in stop:
            continue
        if word not in WEAK:
            yield word
        if after and after not in stop and not (word in WEAK and after in WEAK):
            yield f"{word}_{after}"


def shared_terms(terms: Sequence[Sequence[str]]) -> list[list[str]]:
    """Each text's terms without those that only it has; order and repetition kept."""
    uses = Counter(term for words in terms for term in set(words))
    return [[term for term in words if uses[term] > 1] for words in terms]


def weigh_words(terms: Sequence[Sequence[str]]) -> csr_matrix:
    """TF-IDF of terms, (n, vocabulary), unit rows; a text without any has an empty row."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(terms):
        return csr_matrix((len(terms), 1), dtype=np.float32)
    return TfidfVectorizer(analyzer=_as_they_are, sublinear_tf=True, dtype=np.float32).fit_transform(terms)


def _as_they_are(terms: Sequence[str]) -> Sequence[str]:
    return terms


@lru_cache(maxsize=2**16)
def stem(word: str) -> str:
    """What inflections of an English word share, roughly: meetings and meet, plans and planning; other languages lose a plural s.

    >>> [stem(word) for word in ("meetings", "meet", "planning", "plans", "needed", "agencies", "speed", "bus")]
    ['meet', 'meet', 'plan', 'plan', 'need', 'agenci', 'speed', 'bus']
    """
    if word.endswith("ies") and len(word) > 4:
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and re.search("[aeiouy]", rest) and not rest.endswith("e"):
            return rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "ls" else rest
    return (
        word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word.removesuffix("e") if len(word) > 4 else word
    )
