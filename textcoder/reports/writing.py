"""The folder of results: every file is complete or not there, and what a person has edited is never written over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count as count_up
from pathlib import Path
from typing import Any

from textcoder.domain.study import Study
from textcoder.reports.counts import count
from textcoder.reports.files import guard, put, text_names
from textcoder.reports.tables import (
    Rows,
    Table,
    attribute_table,
    case_table,
    chosen_table,
    codebook_table,
    coding_table,
    file_table,
    segment_table,
    to_csv,
)

TABLES = ("segments.csv", "codings.csv", "cases_by_codes.csv", "quotations_chosen.csv")
EDITABLE = ("codebook.yaml", "codebook.csv")
WHY_EMPTY = {
    "Codebook": "no code is in use yet.",
    "Segments": "nothing was found that a participant said.",
    "Codings": "nothing is coded yet.",
    "Cases by codes": "nobody who was asked is known; a table of cases tells who they are.",
    "Codes by attribute": "no code is in use, or nothing is known about the people; a table of cases tells their groups.",
    "Co-occurrence": "nobody carries two codes.",
    "Quotations chosen": "nobody has chosen quotations yet.",
    "Files": "the project was made without files.",
}
"""Sheet of the workbook to why it has no rows, where it has none."""
NO_SHEETS: Mapping[str, Callable[[], Table]] = {}


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        folder: Where.
        files: All files of ours in it, texts included.
        notes: What a person should know, as full sentences: such as a codebook that was left as she edited it.
    """

    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...]

    @property
    def report(self) -> Path:
        """The page to read."""
        return self.folder / "report.html"


def write_study(
    study: Study,
    out: Path,
    *,
    codebook_yaml: str,
    codebook_csv: str,
    sheets: Mapping[str, Callable[[], Table]] = NO_SHEETS,
) -> Written:
    """Write report, codebook, tables, texts and manifest into `out`.

    The manifest goes last, so that it never tells of what is not there. A codebook file that differs from what was last
    written there has been edited: it stays, and the current book goes beside it.

    Args:
        study: What to write.
        out: The folder; made if it is missing.
        codebook_yaml: The codebook as an editable YAML file.
        codebook_csv: The same as a table.
        sheets: Of the workbook, beside its own: see `render`.

    Raises:
        OutputError: The folder cannot be written to, or the disk is full. Every file is then whole: old or new.
    """
    earlier = Earlier.read(out)
    books, notes = _place_codebooks(out, {"codebook.yaml": codebook_yaml, "codebook.csv": codebook_csv}, earlier)
    texts = {name: transcript.text.encode("utf-8") for name, transcript in text_names(study.transcripts).items()}
    files = {**books, **render(study, sheets=sheets)}
    for name, data in texts.items():
        put(out / "texts" / name, data)
    for name, data in files.items():
        put(out / name, data)
    kept = _remove_stale(out, earlier, texts=texts, books=books)
    written = {**kept, **{name: _fingerprint(data) for name, data in files.items()}}
    put(out / "manifest.json", _manifest(study, written))
    paths = [*(out / name for name in files), *(out / "texts" / name for name in texts), out / "manifest.json"]
    return Written(out, tuple(sorted(paths)), tuple(notes))


def render(study: Study, *names: str, sheets: Mapping[str, Callable[[], Table]] = NO_SHEETS) -> dict[str, bytes]:
    """The files that a machine reads or a person looks at, by name, or only some of them; a person edits none of them.

    Args:
        study: What they are about.
        names: Of the files wanted; none for all.
        sheets: What the workbook holds beside its own sheets: name to what makes the table, which is asked only where it is written.
    """
    from textcoder.reports.readme import readme_table
    from textcoder.reports.report import render_report
    from textcoder.reports.workbook import with_numbers, write_workbook

    counts, rows = count(study), Rows(study)
    segments, codings = cache(lambda: segment_table(study, rows)), cache(lambda: coding_table(study, rows))
    cases = cache(lambda: case_table(study, counts, rows))
    chosen = cache(lambda: chosen_table(study, rows))

    def workbook() -> bytes:
        known = set(rows.columns.values())
        own = {
            "Read me": readme_table(study, tuple(sheets)),
            "Codebook": codebook_table(study, counts),
            "Segments": with_numbers(segments(), known),
            "Codings": with_numbers(codings(), known),
            "Cases by codes": with_numbers(cases(), known),
            "Codes by attribute": attribute_table(counts, rows),
            **{name: make() for name, make in sheets.items()},
            "Quotations chosen": with_numbers(chosen(), known),
            "Files": file_table(study),
        }
        return write_workbook(own, title=study.project.name, empty=WHY_EMPTY)

    made: dict[str, Callable[[], bytes]] = {
        "segments.csv": lambda: to_csv(segments()),
        "codings.csv": lambda: to_csv(codings()),
        "cases_by_codes.csv": lambda: to_csv(cases()),
        "quotations_chosen.csv": lambda: to_csv(chosen()),
        "project.xlsx": workbook,
        "report.html": lambda: render_report(study, counts, rows).encode("utf-8"),
    }
    return {name: make() for name, make in made.items() if not names or name in names}


def is_complete(out: Path) -> bool:
    """Whether all files of the last run are there, by name and size; codebooks may have been edited since."""
    earlier = Earlier.read(out)
    sizes = {out / name: entry["bytes"] for name, entry in earlier.written.items() if not name.startswith("codebook.")}
    sizes |= {out / "texts" / name: entry["bytes"] for name, entry in earlier.texts.items()}
    return (
        {"report.html", *TABLES, "project.xlsx"} <= set(earlier.written)
        and all((out / name).is_file() for name in EDITABLE)
        and all(path.is_file() and path.stat().st_size == size for path, size in sizes.items())
    )


def _remove_stale(
    out: Path, earlier: Earlier, *, texts: Mapping[str, bytes], books: Mapping[str, bytes]
) -> dict[str, Mapping[str, Any]]:
    """Remove what the last run wrote and this one did not: texts that are gone, codebooks beside an edited one.

    Returns the entries of codebooks that a person has edited, so that it stays known what we once wrote there.
    """
    for name in earlier.texts.keys() - texts.keys():
        guard(out / "texts" / name, lambda path: path.unlink(missing_ok=True))
    kept = {}
    for name in earlier.written.keys() - books.keys():
        if name in EDITABLE:
            kept[name] = earlier.written[name]
        elif name.startswith("codebook.") and not _is_edited(out / name, b"", earlier):
            guard(out / name, lambda path: path.unlink(missing_ok=True))
    return kept


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the last run wrote into a folder, as its manifest tells.

    Attributes:
        written: File name -> its size (`bytes`) and `sha256`.
        texts: Likewise for the files in texts/.
    """

    written: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, out: Path) -> Earlier:
        """From the folder's manifest; empty where there is none that we could have written.

        Only plain names are taken: others may write to the folder, and a manifest must not lead out of it.
        """
        try:
            manifest = json.loads((out / "manifest.json").read_bytes())
            written = {
                str(name): {"bytes": int(e["bytes"]), "sha256": str(e["sha256"])}
                for name, e in manifest["written"].items()
            }
            texts = {str(e["text"]): {"bytes": int(e["bytes"]), "sha256": str(e["sha256"])} for e in manifest["texts"]}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # no manifest, or not one of ours
            return cls({}, {})
        return cls(
            *({name: e for name, e in entries.items() if Path(name).name == name} for entries in (written, texts))
        )


def _manifest(study: Study, written: Mapping[str, Mapping[str, Any]]) -> bytes:
    """What the results rest on, as sorted JSON; `created` is the only time in it."""
    texts = [
        {
            "transcript": transcript.id,
            "name": transcript.name,
            "text": name,
            **_fingerprint(transcript.text.encode("utf-8")),
        }
        for name, transcript in text_names(study.transcripts).items()
    ]
    created = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = {**study.manifest, "created": created, "texts": texts, "written": written}
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def _fingerprint(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _place_codebooks(out: Path, books: Mapping[str, str], earlier: Earlier) -> tuple[dict[str, bytes], list[str]]:
    """Under which name each book goes: its own, or one beside it where a person has edited it; and what to tell her."""
    placed: dict[str, bytes] = {}
    notes = []
    for name, text in books.items():
        data = text.encode("utf-8")
        chosen = next(free for free in _names_like(name) if not _is_edited(out / free, data, earlier))
        placed[chosen] = data
        if chosen != name:
            notes.append(
                f"{name} has been edited since it was written and was left as it is; the current codebook is in "
                f"{chosen}. To bring the edits in: textcoder codebook import {out / name} --out {out}"
            )
    return placed, notes


def _names_like(name: str) -> Iterator[str]:
    """codebook.yaml, codebook.new.yaml, codebook.new-2.yaml, ..."""
    stem, ending = name.rsplit(".", 1)
    yield name
    yield f"{stem}.new.{ending}"
    yield from (f"{stem}.new-{n}.{ending}" for n in count_up(2))


def _is_edited(path: Path, data: bytes, earlier: Earlier) -> bool:
    """Whether the file holds something that neither the last run wrote nor this one would write."""
    if not path.exists():
        return False
    there = guard(path, Path.read_bytes)
    last = earlier.written.get(path.name, {}).get("sha256")
    return there != data and hashlib.sha256(there).hexdigest() != last
