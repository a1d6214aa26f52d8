"""The folder of results: whole files, nobody's edits lost, the same bytes each time."""

from __future__ import annotations

import errno
import json
import os
import resource
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.reports.studies import bridge
from textcoder.domain.study import Study
from textcoder.errors import OutputError
from textcoder.reports import Written, is_complete, write_study
from textcoder.reports.files import guard, put, text_names

NAMES = {
    "report.html",
    "codebook.yaml",
    "codebook.csv",
    "segments.csv",
    "codings.csv",
    "cases_by_codes.csv",
    "quotations_chosen.csv",
    "project.xlsx",
    "manifest.json",
    "texts",
}


def write(study: Study, out: Path, yaml: str = "codes: []\n") -> Written:
    return write_study(study, out, codebook_yaml=yaml, codebook_csv="name\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_all_files_are_written_and_known_to_be_complete(tmp_path: Path) -> None:
    """A researcher would look for a file that the documentation names and not find it."""
    written = write(bridge(), tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == NAMES
    assert set(written.files) == {p for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert written.report.read_bytes().startswith(b"<!doctype html>")
    assert written.notes == ()
    assert is_complete(tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["report.html", "codebook.csv", "codings.csv", "manifest.json", "texts/w1_LE01_karin.md.txt"]
)
def test_a_missing_file_is_noticed(tmp_path: Path, name: str) -> None:
    """A file that someone deleted would never be written again."""
    write(bridge(), tmp_path)
    (tmp_path / name).unlink()
    assert not is_complete(tmp_path)


def test_a_torn_file_is_noticed_but_an_edited_codebook_is_no_tear(tmp_path: Path) -> None:
    """Half a table would pass for the whole, or every edit of the codebook would cause a new run."""
    write(bridge(), tmp_path)
    (tmp_path / "codebook.yaml").write_text("mine")
    assert is_complete(tmp_path)
    (tmp_path / "segments.csv").write_bytes(b"")
    assert not is_complete(tmp_path)


def test_two_runs_write_the_same_bytes_but_for_the_time_in_the_manifest(tmp_path: Path) -> None:
    """Nobody could tell from the files whether a result has changed."""
    write(bridge(), tmp_path / "a")
    write(bridge(), tmp_path / "b")
    a, b = contents(tmp_path / "a"), contents(tmp_path / "b")
    times = [json.loads(files.pop("manifest.json")) for files in (a, b)]
    for manifest in times:
        assert manifest.pop("created")
    assert times[0] == times[1]
    assert a == b


def test_texts_hold_exactly_the_canonical_text(tmp_path: Path) -> None:
    """Offsets would point to other words on a system that writes line ends in its own way."""
    study = builders.study(
        [builders.transcript("a.txt", ("A", "One\n\ntwo\rthree 😀 e\N{COMBINING ACUTE ACCENT}"))], {}
    )
    write(study, tmp_path)
    assert (tmp_path / "texts" / "a.txt.txt").read_bytes().decode("utf-8") == study.transcripts[0].text


# --- what people edited


def test_an_edited_codebook_stays_and_the_new_one_goes_beside_it(tmp_path: Path) -> None:
    """An afternoon's work on definitions would be written over."""
    write(bridge(), tmp_path)
    (tmp_path / "codebook.yaml").write_text("hers\n")
    written = write(bridge(), tmp_path, yaml="codes: [new]\n")
    assert (tmp_path / "codebook.yaml").read_text() == "hers\n"
    assert (tmp_path / "codebook.new.yaml").read_text() == "codes: [new]\n"
    assert (tmp_path / "codebook.csv").read_text() == "name\n"
    assert len(written.notes) == 1
    assert "codebook.yaml has been edited" in written.notes[0]
    assert is_complete(tmp_path)


def test_edits_survive_any_number_of_runs(tmp_path: Path) -> None:
    """The second run would take the edited file for its own."""
    write(bridge(), tmp_path)
    (tmp_path / "codebook.yaml").write_text("hers\n")
    for i in range(3):
        write(bridge(), tmp_path, yaml=f"codes: [{i}]\n")
    (tmp_path / "codebook.new.yaml").write_text("hers too\n")
    write(bridge(), tmp_path, yaml="codes: [last]\n")
    assert (tmp_path / "codebook.yaml").read_text() == "hers\n"
    assert (tmp_path / "codebook.new.yaml").read_text() == "hers too\n"
    assert (tmp_path / "codebook.new-2.yaml").read_text() == "codes: [last]\n"


def test_a_codebook_that_was_there_before_us_is_not_ours_to_change(tmp_path: Path) -> None:
    """A codebook that a person put into the results folder would be lost at the first run."""
    (tmp_path / "codebook.yaml").write_text("hers\n")
    written = write(bridge(), tmp_path)
    assert (tmp_path / "codebook.yaml").read_text() == "hers\n"
    assert len(written.notes) == 1


def test_the_codebook_beside_goes_when_the_edits_are_gone(tmp_path: Path) -> None:
    """A stale codebook.new.yaml would be taken for the current one."""
    write(bridge(), tmp_path)
    (tmp_path / "codebook.yaml").write_text("hers\n")
    write(bridge(), tmp_path, yaml="codes: [new]\n")
    (tmp_path / "codebook.yaml").unlink()
    assert write(bridge(), tmp_path, yaml="codes: [new]\n").notes == ()
    assert (tmp_path / "codebook.yaml").read_text() == "codes: [new]\n"
    assert not (tmp_path / "codebook.new.yaml").exists()


def test_an_unedited_codebook_is_renewed(tmp_path: Path) -> None:
    """The codebook would stay at the first version for ever."""
    write(bridge(), tmp_path)
    assert write(bridge(), tmp_path, yaml="codes: [new]\n").notes == ()
    assert (tmp_path / "codebook.yaml").read_text() == "codes: [new]\n"


# --- texts


def test_texts_that_are_gone_are_removed_and_strange_files_stay(tmp_path: Path) -> None:
    """Words of someone who withdrew would stay with the results; or a file of the researcher would be deleted."""
    study = bridge()
    write(study, tmp_path)
    (tmp_path / "texts" / "my notes.txt").write_text("mine")
    gone = study.transcripts[0]
    left = replace(
        study,
        transcripts=study.transcripts[1:],
        segments=tuple(s for s in study.segments if s.transcript != gone.id),
        codings=tuple(c for c in study.codings if c.transcript != gone.id),
        themes=replace(study.themes, themes=(), unassigned=()),
    )
    write(left, tmp_path)
    names = {path.name for path in (tmp_path / "texts").iterdir()}
    assert names == {"my notes.txt", *text_names(left.transcripts)}


@pytest.mark.parametrize("manifest", ["", "[]", '{"texts": 1}', '{"written": {}, "texts": [{"text": "x"}]}', "\x00"])
def test_a_manifest_that_is_not_ours_is_no_earlier_run(tmp_path: Path, manifest: str) -> None:
    """A file that happens to be called manifest.json would stop the work, or files would be removed on its word."""
    (tmp_path / "manifest.json").write_text(manifest)
    assert not is_complete(tmp_path)
    write(bridge(), tmp_path)
    assert is_complete(tmp_path)


def test_a_manifest_does_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    """Whoever can write to the folder could have us delete any file."""
    (tmp_path / "precious").write_text("x")
    entry = {"text": "../../precious", "bytes": 1, "sha256": "0"}
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text(json.dumps({"written": {}, "texts": [entry]}))
    write(bridge(), tmp_path / "out")
    assert (tmp_path / "precious").exists()


@given(st.lists(st.text(max_size=300), min_size=1, max_size=6))
def test_every_text_gets_a_plain_name_of_its_own(names: list[str]) -> None:
    """Two interviews would share a file, or a name would leave the folder or be refused by some system."""
    transcripts = [replace(builders.transcript(str(i), ("A", "x")), name=name) for i, name in enumerate(names)]
    made = text_names(transcripts)
    assert len({name.casefold() for name in made}) == len(names)
    assert [transcript.id for transcript in made.values()] == [transcript.id for transcript in transcripts]
    for name in made:
        assert Path(name).name == name
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert len(name.encode()) < 160
        assert not name.startswith(".")


# --- what the system refuses


def test_a_folder_that_is_a_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    """A traceback would tell the researcher nothing."""
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match=r"not a folder\. Choose another folder"):
        write(bridge(), tmp_path / "out")
    with pytest.raises(OutputError, match="not a folder"):
        write(bridge(), tmp_path / "out" / "deeper")


def test_a_folder_in_the_place_of_a_file_is_said(tmp_path: Path) -> None:
    """Renaming over a folder fails late; the sentence must still name the file."""
    (tmp_path / "codings.csv").mkdir()
    with pytest.raises(OutputError, match=r"codings\.csv cannot be written"):
        write(bridge(), tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_said(tmp_path: Path) -> None:
    """A traceback would tell the researcher nothing."""
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="no right to write"):
        write(bridge(), tmp_path / "out")


def test_a_file_that_finds_no_room_leaves_the_old_one_whole(tmp_path: Path) -> None:
    """Half a report would pass for a report."""
    put(tmp_path / "report.html", b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OutputError, match=r"report\.html cannot be written: the file would be larger"):
            put(tmp_path / "report.html", b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "only be read"), (errno.EIO, "Choose another folder")],
)
def test_every_refusal_says_what_to_do(tmp_path: Path, code: int, words: str) -> None:
    """The researcher would know that it failed and not what to do."""

    def refuse(path: Path) -> None:
        raise OSError(code, os.strerror(code))

    with pytest.raises(OutputError, match=words):
        guard(tmp_path / "x", refuse)
