"""One function for each thing a user does. The rooms meet here, and only here; each function is a short list of named steps.

A step is remembered with a key made of all that it depends on. A step whose key has not changed is not repeated, and each step is
one transaction, so that work can be stopped at any moment and goes on where it was.
"""

from textcoder.workflow.batch import code_batch
from textcoder.workflow.codebooks import draft_codebook, export_codebook, import_codebook
from textcoder.workflow.coding import code, find_themes, place_lenses
from textcoder.workflow.importing import Reading, assign_roles, import_files
from textcoder.workflow.results import TABLES, export, read_study, write_results
from textcoder.workflow.searching import Hit, search
from textcoder.workflow.steps import RESEARCHER, Progress, silent

__all__ = [
    "RESEARCHER",
    "TABLES",
    "Hit",
    "Progress",
    "Reading",
    "assign_roles",
    "code",
    "code_batch",
    "draft_codebook",
    "export",
    "export_codebook",
    "find_themes",
    "import_codebook",
    "import_files",
    "place_lenses",
    "read_study",
    "search",
    "silent",
    "write_results",
]
