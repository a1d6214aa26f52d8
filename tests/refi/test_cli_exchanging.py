"""REFI-QDA at the command line, on a small coded project in a real database."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest

from tests.refi import twins
from tests.test_cli import Run
from tests.test_cli_decide import coded, place, project, segments, told  # noqa: F401  (coded and project are fixtures)


def test_a_project_moves_to_another_machine_whole(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """The history and the machine's probabilities would stay behind on the old laptop."""
    first = segments(project)[0]
    told(run, "decide", "add", "Tables", "--lens", "barriers", "--out", project, "--coder", "ana")
    told(run, "decide", "accept", place(first), "--code", "Tables", "--out", project, "--coder", "ana")
    told(run, "export", tmp_path / "a.qdpx", "--profile", "nvivo", "--out", project)
    there = tmp_path / "there"
    assert "taken in whole; 2 new transcripts" in told(run, "import", tmp_path / "a.qdpx", "--out", there)
    assert "nothing was changed" in told(run, "import", tmp_path / "a.qdpx", "--out", there)
    told(run, "export", tmp_path / "b.qdpx", "--profile", "nvivo", "--out", there)
    assert (tmp_path / "b.qdpx").read_bytes() == (tmp_path / "a.qdpx").read_bytes()
    for out in (project, there):
        told(run, "report", "--out", out)
    for name in ("codings.csv", "segments.csv", "codebook.yaml"):
        assert (there / name).read_bytes() == (project / name).read_bytes()
    assert told(run, "verify", there).startswith("All quotations and counts")
    assert "Tables" in told(run, "codebook", "history", "--out", there)


def test_what_goes_out_says_what_the_report_of_that_minute_says(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """Another program would count suggestions of before the last decisions, and the next export others."""
    first = segments(project)[0]
    told(run, "decide", "add", "Tables", "--out", project)
    told(run, "decide", "accept", place(first), "--code", "Tables", "--out", project)
    told(run, "export", tmp_path / "a.qdpx", "--out", project)
    told(run, "export", "codings", tmp_path / "codings.csv", "--out", project)
    told(run, "export", tmp_path / "b.qdpx", "--out", project)
    assert (tmp_path / "a.qdpx").read_bytes() == (tmp_path / "b.qdpx").read_bytes()


def test_what_was_coded_elsewhere_counts_here(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """Codings from NVivo would stand in a file of their own and reach no report."""
    (tmp_path / "mira.qdpx").write_bytes(twins.nvivo())
    said = told(run, "import", tmp_path / "mira.qdpx", "--out", project)
    assert "1 new transcripts, 2 codes new or changed, 4 codings of Ana" in said
    assert "Positions were read as UTF-16 units" in said
    told(run, "code", "--out", project)
    told(run, "report", "--out", project)
    with (project / "codings.csv").open(encoding="utf-8-sig", newline="") as stream:
        hers = [row for row in csv.DictReader(stream) if row["coder_id"] == "Ana"]
    assert [row["text"].lstrip("'") for row in hers] == list(twins.QUOTED)
    assert told(run, "verify", project).startswith("All quotations and counts")


def test_a_codebook_goes_out_and_comes_in(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    at = ("--out", project)
    told(run, "decide", "add", "Tables", "--lens", "barriers", "--definition", "Who sits where.", *at)
    told(run, "export", tmp_path / "c.qdc", *at)
    told(run, "codebook", "export", tmp_path / "d.qdc", *at)
    assert (tmp_path / "c.qdc").read_bytes() == (tmp_path / "d.qdc").read_bytes()
    there = tmp_path / "there"
    told(run, "codebook", "import", tmp_path / "c.qdc", "--out", there)
    assert "Barriers: Tables (active)\n    Who sits where." in told(run, "codebook", "show", "--out", there)
    before = told(run, "codebook", "show", *at)
    told(run, "import", tmp_path / "c.qdc", *at)
    assert told(run, "codebook", "show", *at) == before


def test_a_mistake_is_one_sentence(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "p.qdpx").write_bytes(b"PK\x03\x04 cut off")
    status, _, error = run("import", tmp_path / "p.qdpx", "--out", project)
    assert (status, "cut off or damaged" in error, "Traceback" in error) == (2, True, False)
    assert run("import", tmp_path / "none.qdpx", "--out", project)[0] == 2
    assert run("export", tmp_path / "p.qdpx", "--profile", "word", "--out", project)[0] == 2
    assert run("export", tmp_path / "no" / "p.qdpx", "--out", project)[0] == 3
    assert run("export", "codings", "--out", project)[0] == 2


def test_an_export_may_leave_out_what_only_we_read(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """Rejected suggestions and reasons may be nobody else's business."""
    told(run, "export", tmp_path / "p.qdpx", "--plain", "--out", project)
    names = zipfile.ZipFile(io.BytesIO((tmp_path / "p.qdpx").read_bytes())).namelist()
    assert {name.split("/")[0] for name in names} == {"project.qde", "sources"}


@pytest.mark.parametrize("module", ["textcoder.refi", "textcoder.refi.read", "textcoder.cli.exchanging"])
def test_help_does_not_wait_for_lxml(module: str) -> None:
    import subprocess
    import sys

    code = f"import sys, {module}; print('lxml' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
