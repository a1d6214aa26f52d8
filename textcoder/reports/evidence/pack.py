"""The pack as a folder: written beside its place first, then moved there whole; nothing that a person wrote is replaced."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from textcoder.errors import OutputError
from textcoder.reports.evidence.page import write_page
from textcoder.reports.evidence.parts import Grid, Paper, noted
from textcoder.reports.evidence.sheets import write_sheets
from textcoder.reports.evidence.word import write_word
from textcoder.reports.files import guard
from textcoder.reports.tables import to_csv

SUMS = "SHA256SUMS"
FILES = {
    "brief.docx": "Two pages: what was found, how sure it is, and for each figure the command that shows its rows.",
    "brief.html": "The same as a page; print it for two pages of A4.",
    "evidence.docx": "The whole document, to be gone on with in a word processor.",
    "evidence.html": "The same as a page that opens in any browser, without a network.",
    "evidence.xlsx": "The same as a workbook: all tables with all their rows.",
    "evidence.json": "The same for programs: sections with their sentences and tables.",
    "manifest.json": "Every file that was read and every model with its hash, settings, seed and versions.",
    "codebook.yaml": "The codebook as it stands; `textcoder codebook import` reads it.",
    "codebook.csv": "The same as a table.",
    "decisions.jsonl": "The decision log, one decision a line: who, when, why, what it was before and after.",
}
"""What each file of a pack is; README.txt tells it."""


def render_pack(paper: Paper, *, manifest: Mapping[str, Any], others: Mapping[str, bytes]) -> dict[str, bytes]:
    """All files of a pack by their path in it; the same project gives the same bytes: no time and no place is in them.

    Args:
        paper: What the pack says.
        manifest: What it rests on.
        others: Files that are ready already, such as the codebook.
    """
    files = {
        "evidence.docx": write_word(paper),
        "evidence.html": write_page(paper).encode("utf-8"),
        "evidence.xlsx": write_sheets(paper),
        "evidence.json": _json(_plain(paper)),
        "manifest.json": _json(manifest),
        **others,
        **{f"tables/{grid.file}": to_csv(grid.table) for grid in paper.grids},
    }
    files["README.txt"] = _readme(paper, files).encode("utf-8")
    return files


def write_pack(files: Mapping[str, bytes], out: Path) -> None:
    """Put a pack into a folder: all of it, or nothing.

    A pack that was written there before is replaced if nobody has changed it since.

    Raises:
        OutputError: The folder holds something that is no pack, or that a person has edited; or it cannot be written.
    """
    _check_place(out)
    sums = "".join(f"{_sha256(data)}  {name}\n" for name, data in sorted(files.items()))
    guard(out.parent, lambda folder: folder.mkdir(parents=True, exist_ok=True))
    beside = Path(guard(out, lambda place: tempfile.mkdtemp(prefix=f".{place.name}.part-", dir=place.parent)))
    try:
        for name, data in {**files, SUMS: sums.encode()}.items():
            path = beside / name
            guard(path, lambda place: place.parent.mkdir(parents=True, exist_ok=True))
            guard(path, lambda place, data=data: place.write_bytes(data))  # type: ignore[misc]  # bound now
        beside.chmod(0o755)  # a folder made by `mkdtemp` is its maker's alone
        guard(out, lambda place: _move(beside, place))
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _move(beside: Path, out: Path) -> None:
    old = beside.with_name(f"{beside.name}.old")
    if out.exists():
        out.rename(old)
    beside.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _check_place(out: Path) -> None:
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir():
        raise OutputError(f"{out} is a file; choose another folder with --out.")
    if not any(out.iterdir()):
        return
    sums = _sums(out)
    if sums is None:
        raise OutputError(f"{out} holds other things than an evidence pack; choose another folder with --out.")
    there = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if not path.is_dir()}
    there.pop(SUMS, None)
    for name, path in sorted(there.items()):
        if name not in sums:
            raise OutputError(f"{out} holds {name}, which is no part of the pack; choose another folder with --out.")
        if _sha256(guard(path, Path.read_bytes)) != sums[name]:
            raise OutputError(
                f"{path} has been edited since it was written and would be lost; move it away, or choose another folder with --out."
            )


def _sums(out: Path) -> dict[str, str] | None:
    """Name to hash of the pack in a folder; None where there is none."""
    path = out / SUMS
    if not path.is_file() or not (out / "evidence.json").is_file():
        return None
    pairs = [
        line.split("  ", 1) for line in guard(path, lambda place: place.read_text("utf-8", "replace")).splitlines()
    ]
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def _plain(paper: Paper) -> dict[str, Any]:
    """The document for programs; a table's rows stand in its CSV file."""
    sections = [
        {
            "id": section.id,
            "title": section.title,
            "parts": [
                {
                    "kind": "table",
                    "name": part.name,
                    "columns": part.columns,
                    "note": part.note,
                    "file": f"tables/{part.file}",
                }
                | {"rows": [[None if cell != cell else cell for cell in row] for row in part.rows]}
                if isinstance(part, Grid)
                else {"kind": type(part).__name__.lower(), **asdict(part)}
                for part in section.parts
            ],
        }
        for section in paper.sections
    ]
    return {"title": paper.title, "lead": paper.lead, "sections": sections, "sources": paper.sources}


def _readme(paper: Paper, files: Mapping[str, bytes]) -> str:
    lines = [paper.title, "=" * len(paper.title), "", paper.lead, ""]
    lines += [f"{name}\n    {FILES[name]}" for name in FILES if name in files]
    lines += [f"tables/{grid.file}\n    {grid.name}. {noted(grid)}".rstrip() for grid in paper.grids]
    lines += [
        f"{SUMS}\n    The SHA-256 of every file; `sha256sum -c {SUMS}` checks them.",
        "",
        f"The researcher must still write in {paper.to_write} places: search for TO WRITE.",
        "The pack holds participants' words, and names as the transcripts have them: give it only to those who may read these.",
        "In the CSV files a text that begins with = + - @ has a ' before it, so that no spreadsheet runs it.",
        "",
    ]
    return "\n".join(lines)
