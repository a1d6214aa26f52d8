"""Several people code: a blind sample, how far they agree, what they must settle, and the work of two desks put together."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textcoder.domain.acts import Draft, Span, draw, release, resolve
from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import CONSENSUS, Coder, CoderKind, Coding, Status
from textcoder.domain.decision import By, Decision, DecisionKind, Verb, coding_target, review_target
from textcoder.domain.sample import Sample, SampleStatus
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Segment, Transcript
from textcoder.errors import InvalidDecision, InvalidTable, UnknownItem
from textcoder.store import open_catalogue, sqlite_url
from textcoder.workflow.live import LiveProject
from textcoder.workflow.steps import now

if TYPE_CHECKING:
    from textcoder.agreement import CodeAgreement


def draw_sample(
    live: LiveProject,
    name: str,
    n: int,
    coders: Sequence[str],
    *,
    by: Coder,
    seed: int,
    attribute: str = "",
    most_per_case: int | None = None,
    people: bool = False,
) -> Sample:
    """Draw segments, or whole people, for blind coding, by chance, and keep the draw with its seed and probabilities.

    Args:
        live: The project.
        name: Of the round, such as "round 1".
        n: How many segments, or people.
        coders: Ids of those who will code them.
        by: Who draws.
        seed: The same seed draws the same segments.
        attribute: Stratify by this attribute of the words (wave, group, ...); empty for a simple random sample.
        most_per_case: At most so many segments of one person in a stratum.
        people: Draw whole people, with all that they say; words of nobody known are then out of reach.

    Raises:
        TextcoderError: More is asked than there is, or the name is taken.
        UnknownItem: No case or transcript has the attribute.
        InvalidDecision: Whole people with a limit for each.
    """
    from textcoder.sampling import draw_people
    from textcoder.sampling import draw_sample as drawn

    if people and most_per_case is not None:
        raise InvalidDecision("Whole people are drawn with all that they say; leave out the limit for each person.")
    segments = [segment.id for segment in live.segments]
    stratum_of = _values(live, attribute) if attribute else None
    case_of = {segment.id: live.case(segment) for segment in live.segments}
    if people:
        whose = {segment: case for segment, case in case_of.items() if case}
        found = draw_people(whose, n, seed=seed, stratum_of=stratum_of)
    else:
        found = drawn(segments, n, seed=seed, stratum_of=stratum_of, case_of=case_of, most_per_case=most_per_case)
    named = tuple(sorted(set(coders)))
    sample = Sample(name, found.segments, named, seed, attribute, len(segments), people=people)
    live.do(lambda standing: draw(standing, sample, By(by.id, now())), coder=by)
    return sample


def _values(live: LiveProject, attribute: str) -> dict[str, str]:
    cases = {case.id: case for case in live.store.cases()}
    found = {}
    for segment in live.segments:
        transcript, case = live.transcripts[segment.transcript], cases.get(live.case(segment))
        own = {**(case.attributes if case else {}), **transcript.attributes, "wave": transcript.wave or ""}
        found[segment.id] = own.get(attribute, "")
    if not any(found.values()):
        raise UnknownItem(f'Nobody has the attribute "{attribute}"; name one of the cases table, or wave.')
    return found


def release_sample(live: LiveProject, name: str, *, by: Coder) -> Sample:
    """Let the coders of a sample see each other's codings; from then on the machine learns from them."""
    live.do(lambda standing: release(standing, name, By(by.id, now())), coder=by)
    return live.standing.samples[name]


def visible(standing: Standing, coder: str, codings: Iterable[Coding]) -> list[Coding]:
    """The codings that a coder may see: of an open sample that she codes, only her own."""
    spans = defaultdict(list)
    for segment in standing.blind(coder):
        transcript, _, place = segment.rpartition(":")
        start, _, end = place.partition("-")
        spans[transcript].append((int(start), int(end)))
    return [
        coding
        for coding in codings
        if coding.coder == coder
        or not any(coding.start < end and start < coding.end for start, end in spans.get(coding.transcript, ()))
    ]


def said(
    live: LiveProject, *, sample: str | None = None, again: bool = False
) -> tuple[list[Segment], dict[str, dict[str, frozenset[str]]]]:
    """What each person said of the segments that she has looked at as a whole: coder -> segment id -> codes.

    A code implies those above it. The consensus is nobody's own view and is left out, and so is what is still coded blind. Who codes
    a second time what she coded before (`ana@2`) is no second person, and is left out as well.

    Args:
        live: The project.
        sample: Only its segments.
        again: Also those who code a second time.

    Returns:
        The segments that two coders or more have looked at, in the order of the transcripts, and what each coder said.

    Raises:
        UnknownItem: There is no such sample.
        InvalidDecision: It is still coded blind.
    """
    from textcoder.agreement import person_of

    standing = live.standing
    if sample is not None and sample not in standing.samples:
        raise UnknownItem(f'There is no sample called "{sample}"; the project has {_names(standing.samples)}.')
    if sample is not None and standing.samples[sample].status is SampleStatus.OPEN:
        raise InvalidDecision(
            f'"{sample}" is still coded blind; release it first: textcoder sample release "{sample}".'
        )
    frame = (set(standing.samples[sample].segments) if sample else set(live.row_of)) - standing.blind()
    found: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for segment, coders in standing.reviewed.items():
        for coder in coders - {CONSENSUS.id}:
            if segment in frame and segment in live.row_of:
                found[coder][segment] = set()
    if not again:
        found = {coder: of for coder, of in found.items() if person_of(coder) == coder or person_of(coder) not in found}
    above = {code.id: (code.id, *standing.codebook.ancestors(code.id)) for code in standing.codebook}
    for coding in standing.codings.values():
        if coding.status is Status.ACCEPTED and coding.coder in found:
            for row in live.places.under(coding.transcript, coding.start, coding.end):
                mine = found[coding.coder].get(live.segments[row].id)
                if mine is not None:
                    mine.update(above[coding.code])
    units = [s for s in live.segments if sum(s.id in of for of in found.values()) >= 2]
    return units, {coder: {s: frozenset(c) for s, c in of.items()} for coder, of in sorted(found.items())}


def agreement_of(
    live: LiveProject,
    *,
    sample: str | None = None,
    codes: Sequence[str] | None = None,
    measures: Collection[str] = (),
) -> tuple[CodeAgreement, ...]:
    """How far people agree, code by code, over the segments that two or more have looked at; empty where there are none.

    Args:
        live: The project.
        sample: Only its segments.
        codes: Ids; None for all that anybody used.
        measures: Coefficients beside percent, alpha and kappa, by name; see `textcoder.agreement.MEASURES`.
    """
    from textcoder.agreement import Unit, agreement

    units, by_coder = said(live, sample=sample)
    if not units:
        return ()
    rows = [Unit(segment.id, live.case(segment)) for segment in units]
    return agreement(rows, by_coder, codes, seed=live.settings.seed, measures=measures)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A segment and a code on which people disagree, and which nobody has settled yet."""

    segment: Segment
    code: Code
    yes: tuple[str, ...]
    no: tuple[str, ...]


def unsettled(live: LiveProject, *, sample: str | None = None) -> list[Unsettled]:
    """The queue for consensus, in the order of the transcripts; samples that are still coded blind are left out."""
    from textcoder.agreement import Unit, disagreements

    units, by_coder = said(live, sample=sample)
    if not units:
        return []
    place = {segment.id: segment for segment in units}
    book = {code.id: code for code in live.standing.codebook.in_use}
    settled = {
        (row, coding.code)
        for coding in live.standing.codings.values()
        if coding.coder == CONSENSUS.id
        for row in live.places.under(coding.transcript, coding.start, coding.end)
    }
    found = disagreements([Unit(u.id, live.case(u)) for u in units], by_coder)
    return [
        Unsettled(place[one.unit], book[one.code], one.yes, one.no)
        for one in found
        if one.code in book and (live.row_of[one.unit], one.code) not in settled
    ]


def settle(live: LiveProject, span: Span, code: str, *, carries: bool, by: Coder, why: str = "") -> list[Decision]:
    """Keep what the coders agreed on; it counts before what each of them said, which stays on record."""
    return live.do(lambda standing: resolve(standing, span, code, By(by.id, now(), why), carries=carries), coder=by)


# --- the work of two desks --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merged:
    """What came in from another desk.

    Attributes:
        codings: Taken over.
        codes: Names of codes that were new here.
        same: Codings that stood here already, just so.
        conflicts: In words: what contradicts what stands here, or could not be placed. It was left out.
    """

    codings: int
    codes: tuple[str, ...]
    same: int
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Theirs:
    """A coding from elsewhere: whose, where, what; `code` as it is called there."""

    coder: str
    file: str
    sha256: str
    start: int
    end: int
    quotation: str
    code: Code
    status: Status
    why: str = ""


def merge_work(live: LiveProject, source: Path, *, by: Coder, rename: Mapping[str, str] | None = None) -> Merged:
    """Take in the codings of other people, from another project's database or a codings table (CSV), by content.

    Transcripts are found by the hash of their file, else by their name; a quotation must stand in the text here, at its place or at
    just one other. Codes are found by id, else by lens and name. What somebody says here and there differently is a conflict: it is
    listed, and what stands here stays. A second time nothing is taken in twice.

    Args:
        live: The project here.
        source: `project.db` of the other desk, or a CSV as `codings.csv` of the results.
        by: Who merges; the codings stay in the names of those who made them.
        rename: Coder id there to coder id here, where two people chose the same id.

    Raises:
        TextcoderError: The source cannot be read.
        InvalidTable: A row of the CSV is wrong.
    """
    theirs, reviewed, coders = _from_table(source) if source.suffix.lower() == ".csv" else _from_database(source)
    names = dict(rename or {})
    arrivals = _Arrivals(live, Draft(live.standing, By(by.id, now(), f"merged from {source.name}"), Verb.IMPORT))
    live.catch_up()
    for one in theirs:
        arrivals.take(replace(one, coder=names.get(one.coder, one.coder)))
    for coder, sha256, start, end in reviewed:
        arrivals.look(names.get(coder, coder), sha256, start, end)
    decisions = arrivals.draft.decisions()
    live.know(*(replace(coder, id=names.get(coder.id, coder.id)) for coder in coders))
    live.do(lambda standing: decisions, coder=by)
    return Merged(arrivals.taken, tuple(arrivals.new_codes), arrivals.same, tuple(arrivals.conflicts))


class _Arrivals:
    """Places what comes in, piece by piece, and keeps count."""

    def __init__(self, live: LiveProject, draft: Draft) -> None:
        self.live, self.draft = live, draft
        self.taken, self.same = 0, 0
        self.new_codes: list[str] = []
        self.conflicts: list[str] = []
        self._by_hash = {t.sha256: t for t in live.transcripts.values()}
        self._by_name: dict[str, list[Transcript]] = defaultdict(list)
        for transcript in live.transcripts.values():
            self._by_name[transcript.name].append(transcript)
        self._codes = {code.id: code for code in live.standing.codebook}

    def take(self, one: _Theirs) -> None:
        span = self._place(one)
        if span is None:
            return
        code = self._code(one.code)
        target = coding_target(one.coder, *span, code)
        here = self.live.standing.state(DecisionKind.SET_CODING, target)
        if here is None:
            self.draft.coding(one.coder, span, code, one.status)
            self.taken += 1
        elif here["status"] == one.status:
            self.same += 1
        else:
            quotation = self.live.transcripts[span[0]].quotation(span[1], span[2])
            self.conflicts.append(
                f'{one.coder} on "{self._codes[code].name}" in {one.file} [{span[1]}-{span[2]}]: {here["status"]} here, '
                f'{one.status.value} there: "{_short(quotation)}"'
            )

    def look(self, coder: str, sha256: str, start: int, end: int) -> None:
        transcript = self._by_hash.get(sha256)
        if transcript is not None:
            self.draft.set(DecisionKind.SET_REVIEW, review_target(coder, f"{transcript.id}:{start}-{end}"), {})

    def _place(self, one: _Theirs) -> Span | None:
        """Where the quotation stands here."""
        named = self._by_name.get(one.file, [])
        transcript = self._by_hash.get(one.sha256) or (named[0] if len(named) == 1 else None)
        if transcript is None:
            self.conflicts.append(f"{one.file} is not in this project; {one.coder}'s coding of it is left out.")
            return None
        if transcript.quotation(one.start, one.end) == one.quotation:
            return transcript.id, one.start, one.end
        if one.quotation and transcript.text.count(one.quotation) == 1:
            start = transcript.text.index(one.quotation)
            return transcript.id, start, start + len(one.quotation)
        self.conflicts.append(
            f'{one.file} [{one.start}-{one.end}]: the words "{_short(one.quotation)}" do not stand here once; '
            f"{one.coder}'s coding is left out."
        )
        return None

    def _code(self, code: Code) -> str:
        if code.id in self._codes:
            return code.id
        same = self.live.standing.codebook.find(code.name, code.lens)
        if same is None:
            parent = code.parent if code.parent in self._codes else None
            self._codes[code.id] = replace(code, parent=parent, status=CodeStatus.ACTIVE, successors=())
            self.draft.code(self._codes[code.id])
            self.new_codes.append(code.name)
            return code.id
        return same.id


_Work = tuple[list[_Theirs], list[tuple[str, str, int, int]], list[Coder]]


def _from_database(path: Path) -> _Work:
    """People's codings and what they have looked at, from another project.

    Raises:
        InvalidTable: The database holds no project, or several.
    """
    with closing(open_catalogue(sqlite_url(path), create=False)) as there:
        projects = there.projects()
        if len(projects) != 1:
            held = ", ".join(project.id for project in projects) or "none"
            raise InvalidTable(
                path.name, f"one project can be taken in, and this database holds {held}; give its codings.csv."
            )
        store = there.open_project(projects[0].id)
    try:
        standing, transcripts = Standing(store.decisions()), {t.id: t for t in store.transcripts()}
        people = [coder for coder in store.coders() if coder.kind is CoderKind.HUMAN]
    finally:
        store.close()
    theirs = []
    for coding in sorted(standing.codings.values(), key=lambda c: (c.coder, c.transcript, c.start, c.end, c.code)):
        transcript, code = transcripts[coding.transcript], standing.codebook.get(coding.code)
        if code is not None:
            quotation = transcript.quotation(coding.start, coding.end)
            place = (transcript.name, transcript.sha256, coding.start, coding.end, quotation)
            theirs.append(_Theirs(coding.coder, *place, code, coding.status, coding.why))
    looked = []
    for segment, coders in sorted(standing.reviewed.items()):
        transcript_id, _, place_ = segment.rpartition(":")
        start, _, end = place_.partition("-")
        if transcript_id in transcripts:
            looked += [(coder, transcripts[transcript_id].sha256, int(start), int(end)) for coder in sorted(coders)]
    return theirs, looked, people


_NEEDED = ("file", "start", "end", "text", "code", "lens", "coder_id", "status")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")  # see textcoder.reports.tables


def _from_table(path: Path) -> _Work:
    """People's codings from a table such as `codings.csv` of the results; a machine's rows are passed over."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidTable(path.name, f"it cannot be read ({error}). Save it as CSV in UTF-8.") from error
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise InvalidTable(path.name, f"it has no column {', '.join(missing)}; give the codings.csv of a project.", 1)
    theirs, coders = [], {}
    for row_number, row in enumerate(reader, start=2):
        if row.get("coder_kind") == CoderKind.MACHINE or row["status"] == Status.SUGGESTED:
            continue
        if not (row["start"].isdecimal() and row["end"].isdecimal()) or row["status"] not in list(Status):
            raise InvalidTable(
                path.name, "start and end are whole numbers, status is accepted or rejected.", row_number
            )
        code = Code(row.get("code_id") or f"{row['lens']}/{row['code']}", row["code"], lens=row["lens"])
        coders[row["coder_id"]] = Coder(row["coder_id"], row.get("coder") or row["coder_id"], CoderKind.HUMAN)
        words = row["text"][1:] if _GUARDED.match(row["text"]) else row["text"]
        place = (row["file"], "", int(row["start"]), int(row["end"]), words)
        theirs.append(_Theirs(row["coder_id"], *place, code, Status(row["status"])))
    return theirs, [], list(coders.values())


def _short(words: str) -> str:
    return words if len(words) <= 60 else words[:57] + "..."


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
