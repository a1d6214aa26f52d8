"""The report as a document: what `textcoder export` does with .docx, .md and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from textcoder.settings import Settings
    from textcoder.store import Store

_ENDINGS = (".docx", ".md")


def document_asked(kind: str, file: Path | None) -> Path | None:
    """The file of a report as a document (`report.docx`, `report final.md`) or where its figures go; None for other exports."""
    if file is None:
        return Path(kind) if Path(kind).suffix.casefold() in _ENDINGS else None
    if kind == "figures":
        return file
    return file if kind.startswith("report") and file.suffix.casefold() in _ENDINGS else None


def write_document(store: Store, path: Path, settings: Settings, coder: str) -> None:
    """Write a report as a document, or its pictures, as a coder may see it, and say where they are."""
    from textcoder.reports.figures import UNWRITTEN
    from textcoder.workflow import fresh_study
    from textcoder.workflow.reporting import is_document, write_figures
    from textcoder.workflow.reporting import write_document as write

    study = fresh_study(store, settings, coder=coder)
    written = write(study, path) if is_document(path) else write_figures(study, path)
    if not written:
        print("Nothing is coded yet, so there is no picture.")
        return
    beside = sorted({file.parent for file in written[1:]} - {path.parent, path})
    print(f"Written to {path}{', its pictures into ' + str(beside[0]) if beside else ''}.")
    if not is_document(path) and UNWRITTEN in _alt(path):
        print(
            "The PNG pictures know western letters only: some names stand as numbers, alt.txt says which; the SVG has all."
        )


def _alt(pictures: Path) -> str:
    """What alt.txt says, in a folder of pictures or an archive of them."""
    if pictures.is_dir():
        return (pictures / "alt.txt").read_text(encoding="utf-8")
    with ZipFile(pictures) as archive:
        return archive.read("alt.txt").decode("utf-8")
