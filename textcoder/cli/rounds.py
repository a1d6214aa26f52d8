"""textcoder sample, disagreements, merge: several people code."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.options import AsJson, CoderName, Database, Out, Seed, coder_from, live_project

sample_app = typer.Typer(help="Draw segments for blind coding by several people, and release them.")
app.add_typer(sample_app, name="sample", no_args_is_help=True)

OfSample = Annotated[str | None, typer.Option("--sample", help="Only the segments of this sample.")]


@sample_app.command()
def draw(
    name: Annotated[str, typer.Argument(help="What the round is called.")],
    coders: Annotated[list[str], typer.Option("--for", help="Who codes them; repeat.")],
    n: Annotated[int | None, typer.Option("-n", min=1, help="How many segments.")] = None,
    people: Annotated[
        int | None, typer.Option("--people", min=1, help="Draw so many whole people instead, with all that they say.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Stratify by an attribute, such as wave or group.")] = "",
    most: Annotated[int | None, typer.Option("--most-per-person", min=1, help="At most so many of one person.")] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Draw segments by chance, or whole people; each has a known probability of being drawn, and the seed is kept."""
    from textcoder import workflow

    many = people if people is not None else n
    if many is None or (people is not None and n is not None):
        raise typer.BadParameter("Say how many: -n so many segments, or --people so many whole people.")
    with live_project(db, out) as live:
        who = coder_from(coder)
        chosen = seed if seed is not None else live.settings.seed
        sample = workflow.draw_sample(
            live, name, many, coders, by=who, seed=chosen, attribute=by, most_per_case=most, people=people is not None
        )
    if as_json:
        print(json.dumps(asdict(sample), indent=1))
        return
    of_people = f"{people} people with their " if people is not None else ""
    print(
        f"{of_people}{len(sample.segments)} of {sample.population} segments drawn with seed {sample.seed} for {', '.join(sample.coders)}. "
        f'Each codes them without seeing the others: textcoder review --sample "{name}" --coder NAME'
    )


@sample_app.command()
def release(
    name: Annotated[str, typer.Argument(help="The sample.")],
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    as_json: AsJson = False,
) -> None:
    """Let its coders see each other's codings; the machine learns from them from now on."""
    from textcoder import workflow

    with live_project(db, out) as live:
        sample = workflow.release_sample(live, name, by=coder_from(coder))
    if as_json:
        print(json.dumps(asdict(sample), indent=1))
        return
    print(f'Released. `textcoder disagreements --sample "{name}"` lists what is to be settled.')


@sample_app.command("list")
def list_samples(out: Out = Path(), db: Database = None, as_json: AsJson = False) -> None:
    """List samples with how far each coder has come."""
    with live_project(db, out) as live:
        samples, reviewed = live.standing.samples, live.standing.reviewed
    if as_json:
        print(json.dumps([asdict(sample) for sample in samples.values()], indent=1))
        return
    for sample in samples.values():
        done = [f"{who} {sum(who in reviewed.get(s, ()) for s in sample.segments)}" for who in sample.coders]
        print(f"{sample.name} ({sample.status.value}): {len(sample.segments)} segments; {', '.join(done)} done")
    if not samples:
        print("No sample has been drawn yet.")


@app.command()
def disagreements(sample: OfSample = None, out: Out = Path(), db: Database = None, as_json: AsJson = False) -> None:
    """What several people coded differently and nobody has settled; settle with `textcoder decide resolve`."""
    from textcoder import workflow

    with live_project(db, out) as live:
        rows = [
            {
                "segment": f"{live.transcripts[one.segment.transcript].name}:{one.segment.start}-{one.segment.end}",
                "code": one.code.name,
                "lens": one.code.lens,
                "yes": list(one.yes),
                "no": list(one.no),
                "text": live.text(one.segment),
            }
            for one in workflow.unsettled(live, sample=sample)
        ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        print(
            f'{row["segment"]}  "{row["code"]}": yes {", ".join(row["yes"])}; no {", ".join(row["no"])}\n    {row["text"]}'
        )
    print(f"{len(rows)} to settle.")


@app.command()
def merge(
    source: Annotated[Path, typer.Argument(help="project.db or codings.csv of the other desk.")],
    rename: Annotated[
        list[str] | None, typer.Option("--rename", help='Coder there = coder here, such as "ana=ana2".')
    ] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    as_json: AsJson = False,
) -> None:
    """Take in the codings of other people, by content; conflicts are listed, and what stands here stays."""
    from textcoder import workflow

    names = dict(part.split("=", 1) for part in rename or [] if "=" in part)
    if len(names) != len(rename or []):
        raise typer.BadParameter('--rename takes "there=here".')
    with live_project(db, out) as live:
        merged = workflow.merge_work(live, source, by=coder_from(coder), rename=names)
    if as_json:
        print(json.dumps(asdict(merged), ensure_ascii=False, indent=1))
        return
    for conflict in merged.conflicts:
        print(f"Conflict: {conflict}")
    new = f" New codes: {', '.join(merged.codes)}." if merged.codes else ""
    print(
        f"{merged.codings} codings taken in, {merged.same} stood here already, {len(merged.conflicts)} conflicts.{new}"
    )
