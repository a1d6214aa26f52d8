"""What is there is documented, and what is documented is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from textcoder.cli import app

ROOT = Path(__file__).resolve().parents[1]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs" / "tutorials").glob("*.md"))]


def commands() -> set[str]:
    group = typer.main.get_command(app)
    names: set[str] = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]  # a group has commands
        below = getattr(command, "commands", None)
        names |= {f"{name} {sub}" for sub in below} if below else {name}
    return names


def test_every_command_is_in_a_tutorial() -> None:
    """People would not know of half of what they have."""
    text = "".join(page.read_text(encoding="utf-8") for page in DOCS[1:])
    assert {name for name in commands() if f"textcoder {name}" not in text} == set()


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_command_and_option_in_the_docs_exists(page: Path) -> None:
    """A command copied from the README would fail."""
    known = commands()
    group = typer.main.get_command(app)
    for line in re.findall(
        r"^textcoder (.+)$", "".join(re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.S)), re.M
    ):
        words = line.split()
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
        assert name is not None, line
        command = group
        for part in name.split():
            command = command.commands[part]  # type: ignore[attr-defined]  # a group has commands
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", line)) <= options, line


def test_the_readme_names_every_result_file() -> None:
    from textcoder.reports.writing import EDITABLE, TABLES

    text = DOCS[0].read_text(encoding="utf-8")
    promised = {*TABLES, *EDITABLE, "report.html", "project.xlsx", "manifest.json", "project.db", "texts/"}
    assert {name for name in promised if f"`{name}`" not in text} == set()


PAGES = [
    *DOCS,
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
    ROOT / "api" / "README.md",
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_page_and_picture_that_is_linked_is_there(page: Path) -> None:
    """A reader would stand before an empty frame."""
    linked = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in linked if not (page.parent / link).exists()] == []
