"""The evidence pack: sections written once, and rendered alike as Word document, page, workbook and tables."""

from textcoder.reports.evidence.pack import FILES, render_pack, write_pack
from textcoder.reports.evidence.parts import Grid, Heading, Paper, Part, Quoted, Says, Section, ToWrite

__all__ = [
    "FILES",
    "Grid",
    "Heading",
    "Paper",
    "Part",
    "Quoted",
    "Says",
    "Section",
    "ToWrite",
    "render_pack",
    "write_pack",
]
