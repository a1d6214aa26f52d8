"""A document as one page of HTML that needs nothing but itself; whatever people said or named is escaped."""

from __future__ import annotations

import re
from pathlib import Path

from textcoder.reports.evidence.parts import TO_WRITE, Paper, below, shown

_REPORTS = Path(__file__).parent.parent
_REPEATABLE = re.compile(r"^textcoder [a-z]")


def write_page(paper: Paper) -> str:
    """The document as HTML; the same document gives the same page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_REPORTS / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["command"] = lambda text: bool(_REPEATABLE.match(text))
    environment.tests["to_write"] = lambda text: text.startswith(TO_WRITE)
    environment.filters.update(kind=lambda part: type(part).__name__, shown=shown, below=below)
    css = (_REPORTS / "static" / "report.css").read_text(encoding="utf-8")
    own = (_REPORTS / "static" / "evidence.css").read_text(encoding="utf-8")
    return environment.get_template("evidence.html.j2").render(paper=paper, css=css + own, to_write=TO_WRITE) + "\n"
