"""textcoder decide: one command for each thing that a person can decide; undo and redo."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textcoder.cli.app import app
from textcoder.cli.options import (
    AsJson,
    CodeName,
    CodeNames,
    CoderName,
    Database,
    Look,
    OfCode,
    Out,
    Spans,
    Why,
    coder_from,
    live_project,
)

if TYPE_CHECKING:
    from textcoder.domain.decision import By, Decision
    from textcoder.workflow import LiveProject
    from textcoder.workflow.live import Plan

decide_app = typer.Typer(help="Decide about segments, codes and themes; each decision is kept and can be undone.")
app.add_typer(decide_app, name="decide", no_args_is_help=True)


# --- segments ---------------------------------------------------------------------------------------------------------------------------


@decide_app.command()
def accept(
    spans: Spans,
    code: OfCode,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """The segments carry the code."""
    from textcoder.domain import acts

    _on_spans(acts.accept, spans, code, out, db, coder, why, as_json)


@decide_app.command()
def reject(
    spans: Spans,
    code: OfCode,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """The segments do not carry the code."""
    from textcoder.domain import acts

    _on_spans(acts.reject, spans, code, out, db, coder, why, as_json)


@decide_app.command()
def recode(
    spans: Spans,
    code: OfCode,
    to: Annotated[str, typer.Option("--to", help="The code that they carry instead.")],
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """The segments carry another code than this one; memos stay."""
    from textcoder.domain import acts

    with live_project(db, out) as live:
        about, other = live.find_code(code).id, live.find_code(to).id
        places = [live.find_span(span) for span in spans]
        _do(live, lambda standing: acts.recode(standing, places, about, other, _by(coder, why)), coder, as_json)


@decide_app.command("code")
def code_span(
    spans: Spans,
    code: OfCode,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Code spans of your own choosing: any start and end."""
    from textcoder.domain import acts
    from textcoder.domain.decision import Verb

    _on_spans(partial(acts.accept, verb=Verb.CODE), spans, code, out, db, coder, why, as_json)


@decide_app.command()
def uncode(
    spans: Spans,
    code: OfCode,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Take back what you said of the segments and the code, yes or no."""
    from textcoder.domain import acts

    _on_spans(acts.uncode, spans, code, out, db, coder, why, as_json)


@decide_app.command("review")
def review_segment(
    segment: Annotated[str, typer.Argument(help="A segment, such as mira.txt:120-180.")],
    code: Annotated[
        list[str] | None, typer.Option("--code", "-c", help="A code that it carries; repeat, or none.")
    ] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """The segment as a whole carries just these codes, and none of the others that were suggested."""
    with live_project(db, out) as live:
        codes = [live.find_code(name).id for name in code or []]
        found = live.segment_at(live.find_span(segment))
        _print(live, live.review(found, codes, coder=coder_from(coder), why=why), as_json)


@decide_app.command()
def resolve(
    segment: Annotated[str, typer.Argument(help="A segment, such as mira.txt:120-180.")],
    code: OfCode,
    carries: Annotated[bool, typer.Option("--yes/--no", help="Whether it carries the code.")],
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """What the coders agreed on after they had disagreed; it counts before what each of them said."""
    from textcoder.domain import acts

    with live_project(db, out) as live:
        about, place = live.find_code(code).id, live.find_span(segment)
        by = _by(coder, why)
        _do(live, lambda standing: acts.resolve(standing, place, about, by, carries=carries), coder, as_json)


# --- codes ------------------------------------------------------------------------------------------------------------------------------


@decide_app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name of the new code.")],
    lens: Annotated[str, typer.Option(help="what_works, barriers, signs_of_progress or none.")] = "none",
    definition: Annotated[str, typer.Option(help="One sentence.")] = "",
    include: Annotated[str, typer.Option(help="When to use it.")] = "",
    exclude: Annotated[str, typer.Option(help="When not to use it.")] = "",
    parent: Annotated[str | None, typer.Option(help="The code above it.")] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """A new code; says which codes are nearly the same."""
    from textcoder.domain import acts
    from textcoder.domain.codebook import Code
    from textcoder.workflow import similar_codes

    with live_project(db, out) as live:
        above = live.find_code(parent).id if parent else None
        live.check_lens(lens)
        code = Code(str(uuid.uuid4()), name, definition, include, exclude, lens=lens, parent=above)
        alike = similar_codes(live, name, definition)
        _do(live, lambda standing: acts.add_code(standing, code, _by(coder, why)), coder, as_json)
        if alike and not as_json:
            print(
                f"Nearly the same: {', '.join(f'{one.name} ({cosine:.2f})' for one, cosine in alike[:3])}. `textcoder undo` takes it back."
            )


@decide_app.command()
def rename(
    code: CodeName,
    name: Annotated[str, typer.Argument(help="Its new name.")],
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Give a code another name; it stays the same code."""
    from textcoder.domain.decision import Verb

    _change(code, out, db, coder, why, as_json, Verb.RENAME, name=name)


@decide_app.command()
def define(
    code: CodeName,
    definition: Annotated[str | None, typer.Option(help="One sentence.")] = None,
    include: Annotated[str | None, typer.Option(help="When to use it.")] = None,
    exclude: Annotated[str | None, typer.Option(help="When not to use it.")] = None,
    example: Annotated[
        list[str] | None, typer.Option(help="A quotation that shows it; replaces those there were.")
    ] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Change the entry of a code: definition, when to use, when not, examples."""
    from textcoder.domain.codebook import Example
    from textcoder.domain.decision import Verb

    given: dict[str, Any] = {"definition": definition, "include": include, "exclude": exclude}
    fields = {name: value for name, value in given.items() if value is not None}
    if example is not None:
        fields["examples"] = tuple(Example(text) for text in example)
    if not fields:
        raise typer.BadParameter("Say what to change: --definition, --include, --exclude or --example.")
    _change(code, out, db, coder, why, as_json, Verb.DEFINE, **fields)


@decide_app.command()
def merge(
    codes: CodeNames,
    into: Annotated[str, typer.Option("--into", help="The code that stays.")],
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    preview: Look = False,
    as_json: AsJson = False,
) -> None:
    """Put codes into another one, with all that stands under them."""
    from textcoder.domain import acts

    with live_project(db, out) as live:
        gone, kept = [live.find_code(code).id for code in codes], live.find_code(into).id
        _do(live, lambda standing: acts.merge(standing, gone, kept, _by(coder, why)), coder, as_json, preview)


@decide_app.command()
def split(
    code: CodeName,
    name: Annotated[list[str] | None, typer.Option("--name", help="Name of a part, the largest first; repeat.")] = None,
    parts: Annotated[int | None, typer.Option(min=2, help="How many parts. [default: as the segments fall]")] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    preview: Look = False,
    as_json: AsJson = False,
) -> None:
    """Divide a code: proposes which segments go together; with a --name for each part it is done."""
    from textcoder.domain import acts
    from textcoder.workflow import propose_split

    with live_project(db, out) as live:
        found = live.find_code(code)
        proposal = propose_split(live, found.id, n_parts=parts or (len(name) if name else None))
        if not name:
            _print_parts(live, proposal, as_json)
            return
        if len(name) != len(proposal):
            raise typer.BadParameter(f"{len(proposal)} parts were found; give --name {len(proposal)} times.")
        made = [(_part(found, one), spans) for one, spans in zip(name, proposal, strict=True)]
        _do(live, lambda standing: acts.split(standing, found.id, made, _by(coder, why)), coder, as_json, preview)


@decide_app.command()
def move(
    codes: CodeNames,
    under: Annotated[str | None, typer.Option("--parent", help='The code above; "" for the top.')] = None,
    lens: Annotated[str | None, typer.Option(help="Another lens.")] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    preview: Look = False,
    as_json: AsJson = False,
) -> None:
    """Put codes below another one, or under another lens."""
    from textcoder.domain import acts
    from textcoder.domain.decision import Verb

    if under is None and lens is None:
        raise typer.BadParameter("Say where to: --parent or --lens.")
    with live_project(db, out) as live:
        fields: dict[str, Any] = {}
        if under is not None:
            fields["parent"] = live.find_code(under).id if under else None
        if lens is not None:
            live.check_lens(lens)
            fields["lens"] = lens
        about, by = [live.find_code(name).id for name in codes], _by(coder, why)
        _do(
            live,
            lambda s: [d for code in about for d in acts.change_code(s, code, by, Verb.MOVE, **fields)],
            coder,
            as_json,
            preview,
        )


@decide_app.command()
def retire(
    codes: CodeNames,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    preview: Look = False,
    as_json: AsJson = False,
) -> None:
    """Put codes out of use; their codings stay on record and count nowhere."""
    from textcoder.domain import acts

    with live_project(db, out) as live:
        about, by = [live.find_code(name).id for name in codes], _by(coder, why)
        _do(live, lambda s: [d for code in about for d in acts.retire(s, code, by)], coder, as_json, preview)


@decide_app.command()
def restore(
    code: CodeName,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Use a retired code again."""
    from textcoder.domain import acts

    with live_project(db, out) as live:
        about = live.find_code(code).id
        _do(live, lambda standing: acts.restore(standing, about, _by(coder, why)), coder, as_json)


@decide_app.command()
def threshold(
    code: CodeName,
    probability: Annotated[
        float | None, typer.Argument(help="From 0 to 1; none leaves it to the machine again.")
    ] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    preview: Look = False,
    as_json: AsJson = False,
) -> None:
    """Set from which probability the machine suggests a code."""
    from textcoder.domain import acts
    from textcoder.domain.decision import Verb
    from textcoder.workflow import preview_threshold

    with live_project(db, out) as live:
        about = live.find_code(code).id
        if preview and probability is not None:
            found = preview_threshold(live, about, probability)
            print(
                json.dumps(asdict(found), indent=1)
                if as_json
                else f"Suggested for {found.before} segments of {found.people_before} people now, "
                f"for {found.after} of {found.people_after} then."
            )
            return
        by = _by(coder, why)
        _do(
            live,
            lambda standing: acts.change_code(standing, about, by, Verb.THRESHOLD, threshold=probability),
            coder,
            as_json,
        )


# --- themes, roles, memos ---------------------------------------------------------------------------------------------------------------


@decide_app.command()
def adopt(
    theme: Annotated[str, typer.Argument(help="A candidate theme by id or name; `textcoder themes` lists them.")],
    name: Annotated[str | None, typer.Option(help="Name of the code. [default: the theme's]")] = None,
    definition: Annotated[str, typer.Option(help="One sentence.")] = "",
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Make a candidate theme a code; its segments are suggestions until you accept them."""
    from textcoder.domain import acts
    from textcoder.domain.codebook import Code, Origin

    with live_project(db, out) as live:
        found = live.find_theme(theme)
        code = Code(str(uuid.uuid4()), name or found.name, definition, lens=found.lens, origin=Origin.DATA)
        _do(live, lambda standing: acts.adopt(standing, found, code, _by(coder, why)), coder, as_json)


@decide_app.command()
def dismiss(
    theme: Annotated[str, typer.Argument(help="A candidate theme by id or name; `textcoder themes` lists them.")],
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Say that a candidate theme is none; it is not proposed again."""
    from textcoder.domain import acts

    with live_project(db, out) as live:
        found = live.find_theme(theme)
        _do(live, lambda standing: acts.dismiss(standing, found, _by(coder, why)), coder, as_json)


@decide_app.command("role")
def give_role(
    speaker: Annotated[str, typer.Argument(help='A speaker and role, such as "Hanna=interviewer".')],
    transcript: Annotated[str | None, typer.Option(help="Only in this transcript, by file name.")] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    as_json: AsJson = False,
) -> None:
    """Set a speaker's role; the next run or import follows."""
    from textcoder import workflow
    from textcoder.cli.options import roles_from

    with live_project(db, out) as live:
        made = workflow.assign_roles(live.store, roles_from([speaker]), transcript=transcript, coder=coder_from(coder))
    print(
        json.dumps({"roles": made})
        if as_json
        else f"{made} role{'s' if made != 1 else ''} set; the next run or import follows."
    )


@decide_app.command("speaker")
def correct_speaker(
    name: Annotated[str, typer.Argument(help="Who speaks: one of the transcript's speakers, or a new name.")],
    transcript: Annotated[str, typer.Option(help="The transcript, by file name.")],
    at: Annotated[
        list[int] | None, typer.Option(help="A place in a turn that is hers, as `textcoder search` shows it; repeat.")
    ] = None,
    instead_of: Annotated[str | None, typer.Option(help='Or all turns of this speaker; "" for those without.')] = None,
    role: Annotated[
        str | None, typer.Option(help="Of a new name: interviewer, participant or other. [default: as the turns have]")
    ] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    preview: Look = False,
    as_json: AsJson = False,
) -> None:
    """Put right who speaks: single turns, or every turn of a misnamed speaker; the next run or import follows."""
    from textcoder import workflow
    from textcoder.domain.transcript import Role

    if role is not None and role not in list(Role):
        raise typer.BadParameter(f'--role takes one of {", ".join(Role)}, not "{role}".')
    if bool(at) == (instead_of is not None):
        raise typer.BadParameter("Say either which turns, by --at, or whose, by --instead-of.")
    with live_project(db, out) as live:
        plan = workflow.correcting_speaker(
            live,
            transcript,
            name,
            _by(coder, why),
            turns=at or (),
            speaker=instead_of,
            role=None if role is None else Role(role),
        )
        if not preview:
            _do(live, plan, coder, as_json)
            return
        found = workflow.preview_speaker(live, transcript, plan)
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1) if as_json else "\n".join(found.sentences))


@decide_app.command()
def memo(
    on: Annotated[
        str,
        typer.Argument(help="project, transcript:NAME, segment:mira.txt:120-180, code:NAME, case:ID or theme:NAME."),
    ],
    text: Annotated[str, typer.Argument(help='What you want to keep; "" takes the memo away.')],
    memo_id: Annotated[str | None, typer.Option("--id", help="Rewrite the memo with this id.")] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    as_json: AsJson = False,
) -> None:
    """Write a memo on anything."""
    from textcoder.domain import acts
    from textcoder.domain.memo import Memo

    with live_project(db, out) as live:
        kind, item = live.find_item(on)
        by = _by(coder, "")
        written = Memo(memo_id or str(uuid.uuid4()), kind, item, text, by.coder, by.at)
        _do(live, lambda standing: acts.write_memo(standing, written, by), coder, as_json)


@decide_app.command("quote")
def choose_quotation(
    span: Annotated[str, typer.Argument(metavar="SEGMENT", help="Words to quote, such as mira.txt:120-180.")],
    note: Annotated[str | None, typer.Option(help="What they are to show.")] = None,
    place: Annotated[float | None, typer.Option(help="Place in the order. [default: last]")] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Choose words for the report; `textcoder chosen` lists what is chosen, and whose voices are missing."""
    from textcoder.domain import acts

    with live_project(db, out) as live:
        words, by = live.find_span(span), _by(coder, why)
        _do(live, lambda standing: acts.quote(standing, words, by, note=note, place=place), coder, as_json)


@decide_app.command("unquote")
def leave_quotation(
    spans: Spans,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Take words out of those chosen for the report."""
    from textcoder.domain import acts

    with live_project(db, out) as live:
        words, by = [live.find_span(span) for span in spans], _by(coder, why)
        _do(live, lambda standing: acts.unquote(standing, words, by), coder, as_json)


# --- undo -------------------------------------------------------------------------------------------------------------------------------


@app.command()
def undo(
    act: Annotated[int | None, typer.Argument(help="Number of any past act. [default: your last one]")] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    with_later: Annotated[bool, typer.Option("--with-later", help="Undo later acts that stand on it, too.")] = False,
    rest: Annotated[bool, typer.Option("--rest", help="Undo only what no later act stands on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take back an act, also one of long ago; `textcoder codebook history` lists them."""
    from textcoder import workflow

    with live_project(db, out) as live:
        undone = workflow.undo(live, act, coder=coder_from(coder), why=why, with_later=with_later, rest=rest)
        _print(live, undone, as_json)
        _hint(undone, as_json)


@app.command()
def redo(
    out: Out = Path(), db: Database = None, coder: CoderName = None, why: Why = "", as_json: AsJson = False
) -> None:
    """Bring back what you undid last."""
    from textcoder import workflow

    with live_project(db, out) as live:
        redone = workflow.redo(live, coder=coder_from(coder), why=why)
        _print(live, redone, as_json)
        _hint(redone, as_json)


# --- what they share --------------------------------------------------------------------------------------------------------------------


def _by(coder: str | None, why: str) -> By:
    from textcoder.domain.decision import By
    from textcoder.workflow import now

    return By(coder_from(coder).id, now(), why)


def _on_spans(
    act: Callable[..., list[Decision]],
    spans: list[str],
    code: str,
    out: Path,
    db: str | None,
    coder: str | None,
    why: str,
    as_json: bool,
) -> None:
    """Say something of spans and a code; `act` is one of `acts` that take what stands, spans, a code and who decides."""
    with live_project(db, out) as live:
        about, places = live.find_code(code).id, [live.find_span(span) for span in spans]
        _do(live, lambda standing: act(standing, places, about, _by(coder, why)), coder, as_json)


def _part(code: Any, name: str) -> Any:
    from dataclasses import replace

    return replace(code, id=str(uuid.uuid4()), name=name, examples=(), threshold=None)


def _change(
    code: str, out: Path, db: str | None, coder: str | None, why: str, as_json: bool, verb: Any, **fields: Any
) -> None:
    from textcoder.domain import acts

    with live_project(db, out) as live:
        about = live.find_code(code).id
        by = _by(coder, why)
        _do(live, lambda standing: acts.change_code(standing, about, by, verb, **fields), coder, as_json)


def _do(live: LiveProject, plan: Plan, coder: str | None, as_json: bool, preview: bool = False) -> None:
    """Decide, or only look ahead, and say what came of it."""
    if not preview:
        _print(live, live.do(plan, coder=coder_from(coder)), as_json)
        return
    from textcoder.workflow import preview as look_ahead

    found = look_ahead(live, plan)
    print(json.dumps(asdict(found), ensure_ascii=False, indent=1) if as_json else "\n".join(found.sentences))


def _print(live: LiveProject, decisions: list[Decision], as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(decision) for decision in decisions], ensure_ascii=False, indent=1))
        return
    if not decisions:
        print("Nothing to change: it is so already.")
        return
    from textcoder.workflow import told

    for act in dict.fromkeys(decision.act for decision in decisions):
        print(told(live, [decision for decision in decisions if decision.act == act]))


def _hint(decisions: list[Decision], as_json: bool) -> None:
    """What the machine had said of a text that was put away is not kept with it."""
    from textcoder.domain.decision import DecisionKind

    if not as_json and any(decision.kind is DecisionKind.SET_TEXT for decision in decisions):
        print(
            "The machine's suggestions on that text were not kept with it; `textcoder code` reads it and suggests anew."
        )


def _print_parts(live: LiveProject, parts: list[list[tuple[str, int, int]]], as_json: bool) -> None:
    if as_json:
        print(json.dumps([[f"{t}:{a}-{b}" for t, a, b in part] for part in parts], indent=1))
        return
    for number, part in enumerate(parts, start=1):
        print(f"Part {number}: {len(part)} segments")
        for transcript, start, end in part[:5]:
            print(f"  {live.transcripts[transcript].quotation(start, end)}")
    print("Do it with a --name for each part; single segments can be moved with `textcoder decide recode`.")
