"""Which files of a folder are not transcripts of their own: what lies beside interviews in real folders would be coded as talk."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations

from textcoder.domain.transcript import Transcript

REPEATED = 0.6
"""Share of a file's runs of eight words that stand in other files too, above which it is another form of them. Two interviews with one
person share well under .01; a table of quotations or a second export of the same talk shares nearly all."""
_RUN = 8
_BESIDE = re.compile(r"(?:read[ _-]?me|licen[cs]e|copying|changelog|notice)(?:\..*)?", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def set_aside(transcripts: Sequence[Transcript]) -> dict[str, str]:
    """Transcript id -> why it is no transcript of its own, as a sentence. Order changes nothing. Cost: linear in the words.

    Three kinds: files that are named as notes on the folder (README, LICENCE); files in which nobody speaks, among at least three in
    which people do; and files that repeat the words of others (exports of the same talk, tables of quotations), of which the
    one that repeats fewest others stays, then the longest.
    """
    aside = {t.id: "its name says that it is about the folder" for t in transcripts if _BESIDE.fullmatch(_base(t.name))}
    rest = [t for t in transcripts if t.id not in aside]
    talks = [t for t in rest if _has_speakers(t)]
    if len(talks) >= 3 and len(talks) * 2 > len(rest):
        silent = [t for t in rest if not _has_speakers(t) and t.kind == "dialogue"]
        aside |= {t.id: "no speakers were found in it, as they were in the other files" for t in silent}
    runs = {t.id: _runs(t.text) for t in rest}
    alike = _alike(runs)
    seen: dict[int, str] = {}
    # A table of quotations shares words with many files, an interview only with what was made of it: the latter comes first and stays.
    for transcript in sorted(rest, key=lambda t: (t.id in aside, t.kind, alike[t.id], -len(t.text), t.name, t.id)):
        own = runs[transcript.id]
        again = Counter(seen[run] for run in own if run in seen)
        if transcript.id not in aside and again.total() > REPEATED * len(own):
            first, *others = sorted(again, key=lambda name: (-again[name], name))
            more = f" and {len(others)} more" if others else ""
            aside[transcript.id] = f"{again.total() / len(own):.0%} of its words stand in {first}{more} too"
        else:
            seen |= {run: transcript.name for run in own if run not in seen}
    return aside


def _alike(runs: Mapping[str, set[int]]) -> Counter[str]:
    """With how many other files each shares more than a twentieth of the shorter one's runs."""
    holders: dict[int, list[str]] = defaultdict(list)
    for transcript, own in runs.items():
        for run in own:
            holders[run].append(transcript)
    pairs = Counter(pair for held in holders.values() if len(held) > 1 for pair in permutations(sorted(held), 2))
    return Counter(one for (one, other), n in pairs.items() if 20 * n > min(len(runs[one]), len(runs[other])))


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _has_speakers(transcript: Transcript) -> bool:
    """Two people talk, named or told apart by role."""
    return len({(turn.speaker, turn.role) for turn in transcript.turns}) > 1


def _runs(text: str) -> set[int]:
    """Hashes of all runs of eight words; of a short text, of all its words."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return set(_hashes(words))


def _hashes(words: list[str]) -> Iterable[int]:
    for i in range(max(len(words) - _RUN + 1, min(len(words), 1))):
        yield hash(tuple(words[i : i + _RUN]))
