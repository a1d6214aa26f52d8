"""textcoder from a notebook, in the manner of scikit-learn: data frames in and out, estimators with `fit` and `predict_proba`.

    import textcoder.notebook as tc

    transcripts = tc.read_transcripts("interviews/", cases="cases.csv")
    segments = tc.segment(transcripts)
    themes = tc.ThemeFinder().fit(segments).themes_
    coder = tc.Coder(codebook="codebook.yaml").fit(segments)
    coder.suggest()

Wherever a frame of segments is taken, any sequence of texts will do. Frames have the columns of the tables that `textcoder run`
writes, so that `pandas.read_csv("results/segments.csv")` goes in, too, and is read as `textcoder run` reads it: with what stands beside
a segment, and with its question (see `segment`). Texts are read one by one. Nothing is kept on disk; for a study with a history of
decisions see `textcoder.workflow` and, for a service that runs, `textcoder.client`. docs/tutorials/notebook.ipynb goes through it all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import textcoder.notebook.agreement as agreement
    from textcoder.notebook.coding import Coder
    from textcoder.notebook.estimators import Embedder, LensReader, ThemeFinder
    from textcoder.notebook.frames import Frame
    from textcoder.notebook.reading import Transcripts, read_transcripts, segment

__all__ = [
    "Coder",
    "Embedder",
    "Frame",
    "LensReader",
    "ThemeFinder",
    "Transcripts",
    "agreement",
    "read_transcripts",
    "segment",
]

_WHERE = {
    "Coder": "coding",
    "Embedder": "estimators",
    "Frame": "frames",
    "LensReader": "estimators",
    "ThemeFinder": "estimators",
    "Transcripts": "reading",
    "read_transcripts": "reading",
    "segment": "reading",
}


def __getattr__(name: str) -> Any:
    """A name, loaded when it is first asked for: scikit-learn and pandas take a second."""
    if name == "agreement":
        return import_module("textcoder.notebook.agreement")
    if name not in _WHERE:
        raise AttributeError(f"textcoder.notebook has no {name}; it has {', '.join(__all__)}.")
    return getattr(import_module(f"textcoder.notebook.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
