"""Reports and exports of a coded study: what a person reads, and what she carries on with."""

from textcoder.reports.writing import Written, is_complete, render, write_study

__all__ = ["Written", "is_complete", "render", "write_study"]
