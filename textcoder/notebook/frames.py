"""Data frames of segments, themes, codings and figures; and what is read from the frames that people bring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from textcoder.errors import TextcoderError
from textcoder.notebook import show

SHOWN = 20
"""Rows of a long frame that a notebook shows."""


class Frame(pd.DataFrame):
    """An ordinary data frame that a notebook shows with its texts whole; so are the parts that are taken of it."""

    @property
    def _constructor(self) -> type[Frame]:
        return Frame

    def _repr_html_(self) -> str:
        rows = self.head(SHOWN) if len(self) > SHOWN else self
        numbered = isinstance(self.index, pd.RangeIndex) or self.index.name is None
        header = [str(name) for name in self.columns]
        cells: Iterable[Sequence[Any]] = rows.itertuples(index=False, name=None)
        if not numbered:
            header = [str(self.index.name), *header]
            cells = rows.itertuples(index=True, name=None)
        many = f"{len(self):,} row{'' if len(self) == 1 else 's'}"
        return show.table(header, cells, caption=f"The first {SHOWN} of {many}" if len(rows) < len(self) else many)


def texts_of(given: Any) -> list[str]:
    """The texts of a frame (its column `text`), a series, or any sequence.

    Raises:
        TextcoderError: There is no such column, it is one text rather than several, or one of them is no text; names the row.
    """
    if isinstance(given, pd.DataFrame):
        if "text" not in given.columns:
            raise TextcoderError(
                f'No column is called "text"; there are: {", ".join(map(str, given.columns))}. Rename the one with the words.'
            )
        given = given["text"]
    if isinstance(given, str | bytes):
        raise TextcoderError("One text was given where several are read; put it in a list: [text].")
    if not isinstance(given, Iterable):
        raise TextcoderError(
            f'{type(given).__name__} was given where texts are read; give a list of texts, or a frame with a column "text".'
        )
    texts = list(given)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise TextcoderError(f"Row {row} holds no text but {type(text).__name__}; {_remedy(text)}.")
    return texts


def _remedy(cell: Any) -> str:
    """What to do about something that is no text."""
    if isinstance(cell, bytes):
        return 'read bytes as words: [one.decode("utf-8") for one in given]'
    if isinstance(cell, Iterable):
        return "give one row of texts: array.ravel()"
    if pd.isna(cell):
        return 'leave such rows out: frame.dropna(subset="text")'
    return "write numbers as words: [str(one) for one in given]"


def check_whole(name: str, value: object, least: int) -> None:
    """See that a parameter is a whole number from `least` on.

    Raises:
        TextcoderError: It is not; names parameter and remedy.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise TextcoderError(f"{name} is {value!r}; give a whole number from {least} on.")


def frame_of(given: Any) -> Frame:
    """Segments as a frame of its own with a column `segment`: what was given, or one row a text.

    The ids are the column `segment`, else made of `transcript`, `start` and `end`, else the frame's index.

    Raises:
        TextcoderError: As `texts_of`; or an id stands twice.
    """
    texts = texts_of(given)
    if isinstance(given, pd.DataFrame):
        frame = Frame(given)
    else:
        frame = Frame({"text": texts}, index=given.index if isinstance(given, pd.Series) else None)
    if "segment" not in frame.columns:
        if set(frame.columns) >= _PLACE:
            places = zip(frame["transcript"], frame["start"], frame["end"], strict=True)
            ids: Sequence[Any] = [f"{transcript}:{start}-{end}" for transcript, start, end in places]
        else:
            ids = [str(label) for label in frame.index]
        frame = Frame(frame.assign(segment=pd.Series(ids, index=frame.index, dtype=object)))
    twice = frame["segment"][frame["segment"].duplicated()]
    if len(twice):
        raise TextcoderError(f"The segment {twice.iloc[0]} stands twice; number the rows anew: reset_index(drop=True).")
    return frame


_PLACE = {"transcript", "start", "end"}


class Ids(Enum):
    """Where the ids of segments come from."""

    NONE = "a list, which has none: the rows were numbered"
    NUMBERS = "a frame or series whose index only numbers its rows"
    GIVEN = "a column, or an index that says more"


def ids_in(given: Any) -> Ids:
    """What the ids say that `frame_of` gives to these segments."""
    if not isinstance(given, pd.DataFrame | pd.Series):
        return Ids.NONE
    columns = set(given.columns) if isinstance(given, pd.DataFrame) else set()
    numbered = "segment" not in columns and not columns >= _PLACE and given.index.equals(pd.RangeIndex(len(given)))
    return Ids.NUMBERS if numbered else Ids.GIVEN


def column(frame: pd.DataFrame, name: str) -> list[str]:
    """A column as text, empty where nothing stands or where there is no such column."""
    if name not in frame.columns:
        return [""] * len(frame)
    return ["" if pd.isna(value) else str(value) for value in frame[name]]


def numbers_of(given: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A table of 1 (carries the code), 0 (does not) and nothing (nobody looked) as floats, NaN for nothing.

    Raises:
        TextcoderError: Something else stands in it.
    """
    table = given if isinstance(given, pd.DataFrame) else pd.DataFrame(given)
    wrong = TextcoderError(
        "A table of codes holds 1 (carries it), 0 (does not) and nothing (nobody looked), and nothing else; "
        "one name of a code for each segment becomes such a table by pandas.get_dummies(names, dtype=float)."
    )
    try:
        numbers = table.to_numpy(dtype=np.float64, na_value=np.nan)
    except ValueError as error:  # words in it
        raise wrong from error
    if not np.isin(numbers[~np.isnan(numbers)], (0.0, 1.0)).all():
        raise wrong
    return np.asarray(numbers, dtype=np.float64)
