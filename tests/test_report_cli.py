"""The report as a document, asked for at the command line."""

from __future__ import annotations

import csv
from pathlib import Path

import docx

from tests.test_cli import Run
from tests.test_cli_decide import coded, project, told  # noqa: F401  (coded and project are fixtures)


def test_the_report_is_written_as_a_document_and_again_the_same(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """A folder for a funder would hold what nobody asked for, or other bytes each time."""
    out = tmp_path / "handed in"
    told(run, "export", out / "report.docx", "--out", project)
    said = told(run, "export", "report", out / "findings.md", "--out", project)
    assert "findings_figures" in said
    told(run, "export", "figures", out / "pictures", "--out", project)
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert {name.split("/")[0] for name in files} == {"report.docx", "findings.md", "findings_figures", "pictures"}
    assert docx.Document(str(out / "report.docx")).tables
    assert files["pictures/alt.txt"] == files["findings_figures/alt.txt"]
    for kind, name in (("report.docx", "report.docx"), ("report.md", "findings.md")):
        told(run, "export", "report", out / name, "--out", project)
        assert (out / name).read_bytes() == files[name], kind


def test_other_exports_are_as_they_were(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    told(run, "export", "report", tmp_path / "page.html", "--out", project)
    assert (tmp_path / "page.html").read_bytes().startswith(b"<!doctype html>")
    told(run, "export", "figures", tmp_path / "pictures.zip", "--out", project)
    assert (tmp_path / "pictures.zip").read_bytes().startswith(b"PK")
    status, _, error = run("export", "report.odt", "--out", project)
    assert status == 2 and 'Say which file "report.odt"' in error


def test_whoever_exports_pictures_hears_which_names_they_cannot_write(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """A bar called "row 1" would go into a presentation."""
    assert "western letters" not in told(run, "export", "figures", tmp_path / "pictures", "--out", project)
    with (project / "codebook.csv").open(encoding="utf-8-sig", newline="") as stream:
        name = next(csv.DictReader(stream))["name"]
    told(run, "decide", "rename", name, "Прилавки", "--out", project, "--coder", "Ana")
    assert "western letters" in told(run, "export", "figures", tmp_path / "pictures", "--out", project)
    assert '"Прилавки"' in (tmp_path / "pictures" / "alt.txt").read_text(encoding="utf-8")
    assert "western letters" in told(run, "export", "figures", tmp_path / "pictures.zip", "--out", project)


def test_of_a_project_that_nobody_coded_there_is_no_archive_of_pictures(run: Run, tmp_path: Path) -> None:
    """She would send her funder an archive with nothing in it."""
    (tmp_path / "talk.txt").write_text("Mira: The bus is late.\n", encoding="utf-8")
    told(run, "import", tmp_path / "talk.txt", "--out", tmp_path / "bare")
    for name in ("pictures.zip", "pictures"):
        said = told(run, "export", "figures", tmp_path / name, "--out", tmp_path / "bare")
        assert said == "Nothing is coded yet, so there is no picture.\n"
        assert not (tmp_path / name).exists()
