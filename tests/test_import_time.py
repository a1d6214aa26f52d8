"""`textcoder --help` answers at once because nothing heavy is loaded for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "numpy",
    "torch",
    "spacy",
    "sqlalchemy",
    "sklearn",
    "scipy",
    "bertopic",
    "sentence_transformers",
    "onnxruntime",
    "fastapi",
    "yaml",
    "docx",
)


@pytest.mark.parametrize("module", ["textcoder", "textcoder.cli", "textcoder.domain.study", "textcoder.workflow"])
def test_importing_loads_no_heavy_library(module: str) -> None:
    """A researcher who only asks for help would wait ten seconds for torch."""
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
