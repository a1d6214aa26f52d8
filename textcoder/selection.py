"""Which files of a folder are not transcripts of their own: what lies beside interviews in real folders would be coded as talk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

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
    longest stays, interviews before tables.
    """
    aside = {t.id: "its name says that it is about the folder" for t in transcripts if _BESIDE.fullmatch(_base(t.name))}
    rest = [t for t in transcripts if t.id not in aside]
    talks = [t for t in rest if _has_speakers(t)]
    if len(talks) >= 3 and len(talks) * 2 > len(rest):
        silent = [t for t in rest if not _has_speakers(t) and t.kind == "dialogue"]
        aside |= {t.id: "no speakers were found in it, as they were in the other files" for t in silent}
    seen: dict[int, str] = {}
    for transcript in sorted(
        rest, key=lambda t: (t.id in aside, not _has_speakers(t), t.kind, -len(t.text), t.name, t.id)
    ):
        runs = _runs(transcript.text)
        again = [seen[run] for run in runs if run in seen]
        if runs and transcript.id not in aside and len(again) > REPEATED * len(runs):
            others = sorted(set(again), key=lambda name: (-again.count(name), name))
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            aside[transcript.id] = f"{len(again) / len(runs):.0%} of its words stand in {others[0]}{more} too"
        else:
            seen |= {run: transcript.name for run in runs if run not in seen}
    return aside


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
