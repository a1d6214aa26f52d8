"""What was done, told to people; undo and redo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from textcoder.domain.coding import Coder
from textcoder.domain.decision import By, Decision, DecisionKind, Verb, code_from_row, coding_of, proposal_of, turn_of
from textcoder.domain.history import last_to_redo, last_to_undo
from textcoder.domain.history import undo as undone
from textcoder.domain.history import with_later as all_on
from textcoder.workflow.live import LiveProject
from textcoder.workflow.steps import many, now

_SAID = {
    Verb.ACCEPT: "accepted {codes} on {spans}",
    Verb.REJECT: "rejected {codes} on {spans}",
    Verb.RECODE: "recoded {spans}: {codes}",
    Verb.CODE: "coded {spans} with {codes}",
    Verb.UNCODE: "took back {codes} on {spans}",
    Verb.REVIEW: "reviewed {segments}: {held}",
    Verb.RESOLVE: "settled {codes} on {spans}",
    Verb.ADD: "added {names}",
    Verb.RENAME: "renamed {renamed}",
    Verb.DEFINE: "changed the entry of {names}",
    Verb.MERGE: "merged {merged}; {spans} moved",
    Verb.SPLIT: "split {split}; {spans} moved",
    Verb.MOVE: "moved {names}",
    Verb.RETIRE: "retired {names}",
    Verb.RESTORE: "restored {names}",
    Verb.THRESHOLD: "set the threshold of {names}",
    Verb.ADOPT: "adopted the theme {names}",
    Verb.DISMISS: "dismissed the theme {themes}",
    Verb.ROLE: "set {roles_}",
    Verb.SPEAKER: "gave {turns} to {speakers}",
    Verb.MEMO: "wrote a memo",
    Verb.QUOTE: "chose {quotes} for the report",
    Verb.UNQUOTE: "took {quotes} out of the report's quotations",
    Verb.SET_ASIDE: "set aside what the machine proposes of {proposed}",
    Verb.TAKE_UP: "took up again what the machine proposes of {proposed}",
    Verb.SAMPLE: "drew the sample {targets}",
    Verb.RELEASE: "released the sample {targets}",
    Verb.CORRECT: "corrected {texts}: {followed}",
    Verb.PLACE: "placed {waiting}",
    Verb.DROP: "dropped {waiting}",
    Verb.IMPORT: "imported {changes_}",
    Verb.DRAFT: "drafted {codes_}",
    Verb.UNDO: "undid act {undoes}: {things_} as before",
    Verb.REDO: "undid the undo {undoes}: {things_} again",
    Verb.UNSTATED: "changed {things_}",
}


def told(live: LiveProject, act: Sequence[Decision]) -> str:
    """One line on an act: number, what, of what, why. It holds no participant's words."""
    first = act[0]
    line = f"Act {first.act}: {_SAID[first.verb].format(**_parts(live, act))}."
    return f"{line} ({first.why})" if first.why and first.verb not in (Verb.UNDO, Verb.REDO) else line


def _parts(live: LiveProject, act: Sequence[Decision]) -> dict[str, object]:
    codings = [coding_of(d.target) for d in act if d.kind is DecisionKind.SET_CODING]
    accepted = [
        coding_of(d.target)[4]
        for d in act
        if d.kind is DecisionKind.SET_CODING and d.after and d.after["status"] == "accepted"
    ]
    entries = [
        tuple(None if row is None else code_from_row(row) for row in (d.before, d.after))
        for d in act
        if d.kind is DecisionKind.SET_CODE
    ]
    names = [code.name for before, after in entries if (code := after or before) is not None]
    retired = [after.name for _, after in entries if after and after.successors]
    kept = list(dict.fromkeys(_name(live, code) for _, after in entries if after for code in after.successors))
    places = {said[1:4] for said in codings}
    themes = [d.after["name"] for d in act if d.kind is DecisionKind.SET_THEME and d.after]
    return {
        "codes": _quoted(_name(live, said[4]) for said in codings),
        "held": _quoted(_name(live, code) for code in accepted) or "no code",
        "spans": many(len(places), "span"),
        "segments": many(sum(d.kind is DecisionKind.SET_REVIEW for d in act) or len(places), "segment"),
        "names": _quoted(names) or _quoted(themes),
        "renamed": ", ".join(f'"{b.name}" to "{a.name}"' for b, a in entries if a and b and a.name != b.name),
        "merged": f"{_quoted(retired)} into {_quoted(kept)}",
        "split": f"{_quoted(retired) or 'part of a code'} into {_quoted(after.name for before, after in entries if after and not before)}",
        "themes": _quoted(themes),
        "quotes": many(sum(d.kind is DecisionKind.SET_QUOTE for d in act), "quotation"),
        "turns": _turns(live, act),
        "speakers": _quoted(
            (d.after or (d.before or {})["read"])["speaker"] or "nobody by name"
            for d in act
            if d.kind is DecisionKind.SET_SPEAKER
        ),
        "proposed": _quoted(
            _name(live, code) for d in act if d.kind is DecisionKind.SET_PROPOSAL for code in proposal_of(d.target)[1]
        ),
        "targets": _quoted(d.target for d in act),
        "texts": ", ".join(d.target for d in act if d.kind is DecisionKind.SET_TEXT),
        "followed": _followed(act),
        "waiting": f"what waited since a text was corrected ({', '.join(d.target for d in act if d.kind is DecisionKind.SET_WAITING)})",
        "undoes": first.undoes if (first := act[0]) else 0,
        **{f"{one}s_": many(len(act), one) for one in ("role", "change", "code", "thing")},
    }


def _followed(act: Sequence[Decision]) -> str:
    """How many codings, quotations and memos follow a corrected text, and how much waits for a person."""
    kinds = (
        (DecisionKind.SET_CODING, "coding"),
        (DecisionKind.SET_QUOTE, "quotation"),
        (DecisionKind.SET_MEMO, "memo"),
    )
    waits = [d.after["id"] for d in act if d.kind is DecisionKind.SET_WAITING and d.before is None and d.after]
    left = {(d.kind, d.target) for d in act if d.after is not None} - {(DecisionKind.SET_MEMO, memo) for memo in waits}
    counts = [(sum(of is kind for of, _ in left), name) for kind, name in kinds]
    waiting = len(waits)
    followed = ", ".join(many(n, name) for n, name in counts if n) or "nothing to follow"
    return f"{followed}{f'; {waiting} waiting' if waiting else ''}"


def _turns(live: LiveProject, act: Sequence[Decision]) -> str:
    """The turns that were given to somebody, with the name of their file; a file that is gone has its id only."""
    of = [turn_of(d.target)[0] for d in act if d.kind is DecisionKind.SET_SPEAKER]
    names = {one.id: one.name for one in live.transcripts.values()} if of else {}
    return ", ".join(f"{many(n, 'turn')} of {names.get(one, one)}" for one, n in Counter(of).items())


def undo(
    live: LiveProject,
    act: int | None = None,
    *,
    coder: Coder,
    why: str = "",
    with_later: bool = False,
    rest: bool = False,
) -> list[Decision]:
    """Take back an act, or the coder's last one.

    Args:
        live: The project.
        act: Its number; None for the last act of this coder that is in effect.
        coder: Who undoes.
        why: Her reason.
        with_later: Take back later acts that stand on it, newest first, all or none.
        rest: Take back only what no later act stands on.

    Raises:
        Conflict: Later acts stand on it, and neither option was chosen.
        InvalidDecision: There is nothing to undo.
    """
    live.catch_up()
    number = act if act is not None else last_to_undo(live.acts, coder.id).number
    numbers = all_on(live.acts, number, live.standing) if with_later else [number]
    by = By(coder.id, now(), why)
    return live.undo(numbers, lambda one, standing: undone(live.acts, one, standing, by, rest=rest), coder=coder)


def redo(live: LiveProject, *, coder: Coder, why: str = "") -> list[Decision]:
    """Bring back what this coder undid last.

    Raises:
        Conflict: Later acts stand on what was undone.
        InvalidDecision: There is nothing to redo.
    """
    live.catch_up()
    return undo(live, last_to_redo(live.acts, coder.id).number, coder=coder, why=why)


def _name(live: LiveProject, code: str) -> str:
    """A code as people know it; with its lens where another lens has the name too."""
    book = live.standing.codebook
    entry = book.get(code)
    if entry is None:
        return code
    twins = [other for other in book.in_use if other.name.casefold() == entry.name.casefold()]
    return f"{entry.lens}/{entry.name}" if len(twins) > 1 else entry.name


def _quoted(names: object) -> str:
    return ", ".join(f'"{name}"' for name in Counter(names))  # type: ignore[call-overload]  # an iterable of names
