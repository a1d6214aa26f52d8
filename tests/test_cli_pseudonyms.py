"""Pseudonyms at the command line: proposed, decided, applied, checked, taken off again."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from textcoder.pseudonyms import Mention, key
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import pseudonymising

Run = Callable[..., tuple[int, str, str]]
TALK = """\
Interviewer: So, Mira, how has it been going since the spring?

Mira Lund: Dr. Okonjo sent me to nurse Anna, and Anna called me every week of it.

Interviewer: Where was that?

Mira Lund: In Todmorden. You can ring her on 07700 900123 if you like to.
"""


@pytest.fixture
def study(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(key, "_MEMORY_COST", 2**4)
    monkeypatch.setattr(pseudonymising, "load_recogniser", lambda **_: lambda texts: [[] for _ in texts])
    monkeypatch.setenv("TEXTCODER_PASSPHRASE", "correct horse")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "w1_mira.txt").write_text(TALK, "utf-8")
    assert run("import", tmp_path / "in", "--out", tmp_path / "study")[0] == 0
    return tmp_path


def decided(table: Path, choice: str) -> None:
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["name"]: row["pseudonym"] for row in rows}.items() >= {
        "Mira Lund": "[person 1]",
        "Mira": "[person 1]",
        "Okonjo": "[doctor 1]",
        "Anna": "[nurse 1]",
        "07700 900123": "[phone 1]",
        "Todmorden": "[place 1]",
    }.items()
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "decision": row["decision"].replace("ask", choice)} for row in rows)


def test_from_names_to_pseudonyms_and_back(study: Path, run: Run) -> None:
    """The whole way that the tutorial shows."""
    table, lock = study / "names.csv", study / "study.key"
    status, out, _ = run("pseudonyms", "propose", table, "--out", study / "study")
    assert status == 0
    assert "for you to decide" in out
    assert "Mira" not in out
    assert table.stat().st_mode & 0o077 == 0
    assert run("pseudonyms", "propose", table, "--out", study / "study")[0] != 0  # her decisions would be gone
    status, _, said = run("pseudonyms", "propose", study / "names.docx", "--out", study / "study")
    assert status == 2
    assert ".csv or an .xlsx" in " ".join(said.split())
    assert not (study / "names.docx").exists()
    status, _, said = run("pseudonyms", "apply", table, "--out", study / "study", "--to", study / "safe", "--key", lock)
    assert status == 2
    assert "decide it" in said  # Todmorden is asked
    assert not lock.exists()
    decided(table, "replace")
    status, out, said = run(
        "pseudonyms", "apply", table, "--out", study / "study", "--to", study / "safe", "--key", lock
    )
    assert (status, said) == (0, "")
    assert "none holds a name" in out
    assert run("pseudonyms", "check", study / "safe", "--key", lock)[0] == 0
    status, out, _ = run("pseudonyms", "check", study / "in", study / "safe", "--key", lock)
    assert status == 1
    assert "w1_mira.txt" in out
    status, out, _ = run("pseudonyms", "show", "--key", lock)
    assert "[person 1]" in out
    assert "Mira Lund, Mira" in out
    status, _, said = run("import", study / "in", "--out", study / "safe")
    assert status == 2
    assert "pseudonyms import" in said
    back = study / "back"
    assert run("pseudonyms", "restore", "--out", study / "safe", "--to", back, "--key", lock)[0] == 0
    store = open_store(sqlite_url(back / "project.db"))
    assert [one.text for one in store.transcripts()] == [TALK]
    store.close()


def test_new_interviews_ask_for_new_names_first(study: Path, run: Run) -> None:
    """A name that nobody has decided about would stand in the project."""
    table, lock, more = study / "names.csv", study / "study.key", study / "more.csv"
    run("pseudonyms", "propose", table, "--out", study / "study")
    decided(table, "replace")
    run("pseudonyms", "apply", table, "--out", study / "study", "--to", study / "safe", "--key", lock)
    (study / "w2_mira.txt").write_text(TALK.replace("Anna", "Ragnhild"), "utf-8")
    again = "pseudonyms", "import", study / "w2_mira.txt", "--out", study / "safe", "--key", lock, "--table", more
    status, out, _ = run(*again)
    assert status == 1
    assert "Nothing was read yet" in out
    assert "Ragnhild" in more.read_text("utf-8-sig")
    status, out, said = run(*again)
    assert status == 0, said
    assert "1 new transcript, with pseudonyms" in out
    assert b"Ragnhild" not in (study / "safe" / "project.db").read_bytes()


def test_what_presidio_finds_is_asked_and_takes_nothing_from_ours(
    study: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card would stay; or a sure telephone would become a question, or half of a wallet's address a person."""
    wallet = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    forms = {"4111 1111 1111 1111": "card number", "07700 900123": "passport", wallet: "wallet"}

    def find(text: str) -> list[Mention]:
        places = [(text.find(form), form, kind) for form, kind in forms.items()]
        return [
            Mention(at, at + len(form), kind, sure=False, why="found by Presidio")
            for at, form, kind in places
            if at >= 0
        ]

    monkeypatch.setattr("textcoder.pseudonyms.load_presidio", lambda **_: find)
    (study / "in" / "w2_mira.txt").write_text(
        f"{TALK}\nMira Lund: I paid with 4111 1111 1111 1111, and then to {wallet}.\n", "utf-8"
    )
    assert run("import", study / "in", "--out", study / "study")[0] == 0
    table = study / "names.csv"
    status, _, said = run("pseudonyms", "propose", table, "--out", study / "study", "--with", "presidio")
    assert status == 0, said
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["name"]: row for row in csv.DictReader(stream)}
    for form, pseudonym in (("4111 1111 1111 1111", "[card number 1]"), (wallet, "[wallet 1]")):
        assert (rows[form]["pseudonym"], rows[form]["decision"]) == (pseudonym, "ask")
        assert rows[form]["why"] == "found by Presidio"
    assert (rows["07700 900123"]["kind"], rows["07700 900123"]["decision"]) == ("phone", "replace")
    assert not [name for name in rows if name != wallet and name in wallet]


def test_a_correction_brings_no_name_back(study: Path, run: Run) -> None:
    """She would take the corrected recording from the wrong folder, and no undo would take the names out of the project again."""
    table, lock, safe = study / "names.csv", study / "study.key", study / "safe"
    run("pseudonyms", "propose", table, "--out", study / "study")
    decided(table, "replace")
    assert run("pseudonyms", "apply", table, "--out", study / "study", "--to", safe, "--key", lock)[0] == 0
    (study / "fixed.txt").write_text(TALK.replace("every week of it", "every single week"), "utf-8")
    status, _, said = run("correct", "w1_person-1.txt", study / "fixed.txt", "--out", safe)
    assert status == 2
    assert "it may hold names" in said
    assert b"Todmorden" not in (safe / "project.db").read_bytes()
    store = open_store(sqlite_url(safe / "project.db"))
    text = store.transcripts()[0].text
    store.close()
    (study / "fixed.txt").write_text(text.replace("every week of it", "every single week"), "utf-8")
    assert run("correct", "w1_person-1.txt", study / "fixed.txt", "--out", safe)[0] == 0


def test_a_correction_that_takes_pseudonyms_for_names_is_refused_and_new_names_are_told(study: Path, run: Run) -> None:
    """One pseudonym written back into a name stands under half of them, and the table may call a person [Berit], without a number."""
    table, lock, safe, fixed = study / "names.csv", study / "study.key", study / "safe", study / "fixed.txt"
    run("pseudonyms", "propose", table, "--out", study / "study")
    decided(table, "replace")
    table.write_text(table.read_text("utf-8").replace("[nurse 1]", "[Berit]"), "utf-8")
    assert run("pseudonyms", "apply", table, "--out", study / "study", "--to", safe, "--key", lock)[0] == 0
    store = open_store(sqlite_url(safe / "project.db"))
    text = store.transcripts()[0].text
    store.close()
    correct = "correct", "w1_person-1.txt", fixed, "--out", safe
    for dry_run in (("--dry-run",), ()):
        fixed.write_text(text.replace("nurse [Berit]", "nurse Anna"), "utf-8")
        status, _, said = run(*correct, *dry_run)
        assert (status, "1 of the 8 pseudonyms" in said, "1 new word of it" in said) == (2, True, True), said
        assert "Anna" not in said
    assert b"Anna" not in (safe / "project.db").read_bytes()
    fixed.write_text(text.replace("every week of it", "every week, and Ragnhild too"), "utf-8")
    status, out, _ = run(*correct, "--dry-run")
    assert (status, "1 new word of the corrected file may be" in out, "May be names: Ragnhild." in out) == (
        0,
        True,
        True,
    )
    status, _, said = run(*correct)
    assert (status, "--names-are-fine" in said) == (2, True), said
    assert b"Ragnhild" not in (safe / "project.db").read_bytes(), "told, and done in the same moment"
    assert run(*correct, "--names-are-fine")[0] == 0
    assert b"Ragnhild" in (safe / "project.db").read_bytes()
    fixed.write_text(text.replace("every week of it", "every single week"), "utf-8")
    assert "May be names" not in run(*correct)[1]


@pytest.mark.parametrize("style", ["{}: {}", "**{}:** {}", "[{}] {}"])
def test_who_speaks_stays_when_a_text_with_pseudonyms_is_corrected(study: Path, run: Run, style: str) -> None:
    """All that participants said would be nobody's or the interviewer's from one corrected letter on, also once the names are back."""
    table, lock, safe, back = study / "names.csv", study / "study.key", study / "safe", study / "back"
    talk = "\n\n".join(style.format(*line.split(": ", 1)) for line in TALK.split("\n\n"))
    (study / "in" / "w1_mira.txt").write_text(talk, "utf-8")
    assert run("import", study / "in", "--out", study / "study")[0] == 0
    run("pseudonyms", "propose", table, "--out", study / "study")
    decided(table, "replace")
    assert run("pseudonyms", "apply", table, "--out", study / "study", "--to", safe, "--key", lock)[0] == 0
    before, text = turns(safe)
    assert before == [("Interviewer", "interviewer"), ("[person 1]", "participant")] * 2
    (study / "fixed.txt").write_text(text.replace("every week of it", "every single week"), "utf-8")
    status, out, said = run("correct", "w1_person-1.txt", study / "fixed.txt", "--out", safe)
    assert (status, "who speaks" in out) == (0, False), said + out
    assert turns(safe)[0] == before
    assert run("pseudonyms", "restore", "--out", safe, "--to", back, "--key", lock)[0] == 0
    assert turns(back)[0] == turns(study / "study")[0]


def test_a_speaker_who_is_lost_in_a_corrected_text_is_told(study: Path, run: Run) -> None:
    """A pseudonym of her own making need not be read as who speaks, and nobody would know before the tables are wrong."""
    table, lock, safe = study / "names.csv", study / "study.key", study / "safe"
    run("pseudonyms", "propose", table, "--out", study / "study")
    decided(table, "replace")
    table.write_text(table.read_text("utf-8").replace("[person 1]", "[Berit]"), "utf-8")
    assert run("pseudonyms", "apply", table, "--out", study / "study", "--to", safe, "--key", lock)[0] == 0
    (study / "fixed.txt").write_text(turns(safe)[1].replace("every week of it", "every single week"), "utf-8")
    status, out, said = run("correct", "w1_Berit.txt", study / "fixed.txt", "--dry-run", "--out", safe)
    assert (status, "under another name: 1 speaker;" in out) == (0, True), said + out


def turns(folder: Path) -> tuple[list[tuple[str | None, str]], str]:
    """Who speaks in which role, turn by turn, in the text as it is read; and that text."""
    store = open_store(sqlite_url(folder / "project.db"))
    read = {file.transcript for file in store.files()}
    (one,) = (one for one in store.transcripts() if one.id in read)
    store.close()
    return [(turn.speaker, turn.role.value) for turn in one.turns], one.text


def test_rows_that_differ_in_capitals_only_are_told(study: Path, run: Run) -> None:
    """One woman would be two people from now on, because a transcriber wrote her name in lower case once."""
    table, lock = study / "names.csv", study / "study.key"
    run("pseudonyms", "propose", table, "--out", study / "study")
    decided(table, "replace")
    apply = "pseudonyms", "apply", table, "--out", study / "study", "--key", lock
    assert "capitals" not in run(*apply, "--to", study / "safe")[1]
    lines = table.read_text("utf-8").splitlines()
    row = next(line for line in lines if line.startswith("Anna,"))
    table.write_text("\n".join([*lines, row.replace("Anna", "anna", 1).replace("[nurse 1]", "[nurse 9]")]), "utf-8")
    status, out, said = run(*apply, "--to", study / "other")
    assert status == 0, said
    told = f"Rows {lines.index(row) + 1} and {len(lines) + 1} ([nurse 1], [nurse 9]) differ in capitals only"
    assert told in " ".join(out.split())


def test_no_log_holds_a_name(study: Path, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever looks for a fault with all logging on, and sends the log to a friend, would send the names of her participants."""
    caplog.set_level(logging.DEBUG)
    table, lock, more = study / "names.csv", study / "study.key", study / "more.csv"
    safe = study / "safe"
    (study / "w2_mira.txt").write_text(TALK.replace("Anna", "Ragnhild"), "utf-8")
    (study / "w3_mira.txt").write_text(TALK.replace("every week", "each week"), "utf-8")
    said = [
        run("import", study / "in", "--out", study / "study"),
        run("correct", "w1_mira.txt", study / "w3_mira.txt", "--out", study / "study"),
        run("pseudonyms", "propose", table, "--out", study / "study"),
    ]
    decided(table, "replace")
    new = "pseudonyms", "import", study / "w2_mira.txt", "--out", safe, "--key", lock, "--table", more
    said += [
        run("pseudonyms", "apply", table, "--out", study / "study", "--to", safe, "--key", lock),
        run("pseudonyms", "apply", table, "--out", study / "study", "--to", safe, "--key", lock),
        run("pseudonyms", "check", study / "study", safe, "--key", lock),
        run(*new),
        run(*new),
        run("import", study / "w2_mira.txt", "--out", safe),
        run("export", study / "x.qdpx", "--out", safe),
        run("pseudonyms", "restore", "--out", safe, "--to", study / "back", "--key", lock),
    ]
    assert [status for status, _, _ in said] == [0, 0, 0, 0, 3, 1, 1, 0, 2, 0, 0]
    assert caplog.records
    del said[5]  # the check was asked which names stand where
    everything = "".join([caplog.text, *(out + error for _, out, error in said[2:])]).replace("w1_mira", "").lower()
    for name in ("mira", "lund", "okonjo", "anna", "ragnhild", "todmorden", "07700", "900123"):
        assert name not in everything.replace("w2_mira", "")


def test_the_key_lies_elsewhere(study: Path, run: Run) -> None:
    """Whoever is given the folder would be given every name with it."""
    table = study / "names.csv"
    run("pseudonyms", "propose", table, "--out", study / "study")
    decided(table, "keep")
    inside = study / "safe" / "study.key"
    status, _, said = run(
        "pseudonyms", "apply", table, "--out", study / "study", "--to", study / "safe", "--key", inside
    )
    assert status == 2
    assert "must not lie" in " ".join(said.split())


def test_a_corrected_text_is_told_again_with_the_one_before(study: Path, run: Run) -> None:
    """The text that was put away would keep every name; and undo must still bring it back."""
    table, lock, safe = study / "names.csv", study / "study.key", study / "safe"
    corrected = study / "corrected.txt"
    corrected.write_text(TALK.replace("every week of it", "every single week of it"), "utf-8")
    status, out, said = run("correct", "w1_mira.txt", corrected, "--out", study / "study")
    assert status == 0, said + out
    run("pseudonyms", "propose", table, "--out", study / "study")
    decided(table, "replace")
    status, out, _ = run("pseudonyms", "apply", table, "--out", study / "study", "--to", safe, "--key", lock)
    assert status == 0
    assert "in 1 transcript." in out  # the text that was put away is none
    assert b"Todmorden" not in (safe / "project.db").read_bytes()
    status, out, said = run("undo", 1, "--out", safe, "--coder", "researcher")
    assert status == 0, said + out
    store = open_store(sqlite_url(safe / "project.db"))
    (one,) = store.transcripts()
    assert "called me every week of it" in one.text
    assert "Anna" not in one.text
    store.close()
