"""What stands beside a segment in the same turn, and what was asked: a frame of segments is read as `textcoder run` reads a study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from textcoder import coder, lenses
from textcoder.errors import TextcoderError
from textcoder.notebook.frames import column
from textcoder.notebook.vectors import Matrix, vectors_of
from textcoder.settings import Settings

_PLACE = ("transcript", "turn", "start")
_ASKING = ("interviewer", "survey", "")


def readings_in_context(given: Any, readings: Matrix) -> Matrix:
    """Log-odds of the lenses (n, 4), each row with a share of its neighbours'; as they are where no column says who is one."""
    if not isinstance(given, pd.DataFrame) or not {*_PLACE} <= set(given.columns):
        return readings
    order = _Order.of(given)
    return lenses.in_context(readings[order.rows], order.turns)[order.back]


def vectors_in_context(given: Any, vectors: Matrix, settings: Settings) -> Matrix:
    """Vectors (n, d), each with a share of its neighbours' and of its question's; as they are where no column says what these are.

    Args:
        given: Texts, or a frame; see `textcoder.notebook.segment` for its columns.
        vectors: Of its texts, in the order of its rows.
        settings: For the questions' vectors.

    Raises:
        TextcoderError: A place or `question_from` is wrong; names it and the remedy.
    """
    if not isinstance(given, pd.DataFrame):
        return vectors
    order, asking = _Order.of(given), column(given, "question_from")
    if odd := sorted({*asking} - {*_ASKING}):
        raise TextcoderError(
            f'question_from is "{odd[0]}"; write interviewer or survey, or nothing for questions that were asked in writing.'
        )
    questions = column(given, "question")
    asked = coder.asked_of([questions[row] for row in order.rows], partial(vectors_of, settings=settings))
    aloud = np.array([asking[row] == "interviewer" for row in order.rows], dtype=bool)
    return coder.in_context(vectors[order.rows], order.turns, asked, aloud)[order.back]


@dataclass(frozen=True, slots=True)
class _Order:
    """The segments of a frame as they follow each other in the text, so that nothing depends on the order of rows.

    Attributes:
        rows: For each segment a row of the frame, (n_segments,); rows with the same words in the same place are one segment.
        turns: The turn of each, (n_segments,); of its own for one that has no place.
        back: For each row of the frame its segment, (n,).
    """

    rows: npt.NDArray[np.intp]
    turns: Sequence[tuple[str, ...]]
    back: npt.NDArray[np.intp]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> _Order:
        names = (*_PLACE, "end", "text", "question", "question_from")
        keys: list[tuple[tuple[str, ...], float, tuple[str, ...]]] = []
        for row, cells in enumerate(zip(*(column(frame, name) for name in names), strict=True)):
            transcript, turn, start, *others = cells
            placed = bool(transcript and turn and start)
            where = (transcript, turn) if placed else ("", "", str(row))
            keys.append((where, _number(start) if placed else 0.0, tuple(others)))
        row_of = {key: row for row, key in enumerate(keys)}
        ordered = sorted(row_of)
        place = {key: i for i, key in enumerate(ordered)}
        return cls(
            np.array([row_of[key] for key in ordered], dtype=np.intp),
            [where for where, _, _ in ordered],
            np.array([place[key] for key in keys], dtype=np.intp),
        )


def _number(start: str) -> float:
    try:
        number = float(start)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise TextcoderError(
            f'start is "{start}", so that it cannot be told what stands beside a segment; give its place as a number, or leave '
            "out the column turn, and each is read by itself."
        )
    return number
