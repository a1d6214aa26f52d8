"""Coder: a codebook and what people said -> codings with probabilities, in the manner of a multilabel classifier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from textcoder.coder import Calibration, Known, MachineCoder, fits_lens, suggest
from textcoder.domain.codebook import Code, Codebook, CodeStatus, Example
from textcoder.domain.coding import LensPlacement, Status
from textcoder.domain.project import DEFAULT_LENSES, NO_LENS
from textcoder.domain.transcript import Segment
from textcoder.errors import TextcoderError, UnknownItem
from textcoder.formats.examples import write_examples
from textcoder.notebook.context import vectors_in_context
from textcoder.notebook.estimators import LensReader
from textcoder.notebook.frames import Frame, Ids, column, frame_of, ids_in, numbers_of, texts_of
from textcoder.notebook.vectors import readings_of, vectors_of
from textcoder.review import next_to_review
from textcoder.settings import DEFAULT_ENCODER, Settings

Numbers = npt.NDArray[np.float64]
Given = str | PathLike[str] | pd.DataFrame | Codebook | Mapping[str, str] | Iterable[str | Code]


class Coder(BaseEstimator):  # type: ignore[misc]  # sklearn ships no types
    """Suggests codes for segments, and learns from what people decide; a segment may carry several codes.

    Without any decision a code is its entry (name, definition, examples); each decision bends that meaning. All is a pure function of
    codebook, segments and decisions, whatever their order. How well it does stands in models/cards/coder.md.

    A text is read by itself. A segment of a frame is read as `textcoder run` reads it: with a share of those beside it in the same turn
    (columns `transcript`, `turn`, `start`) and of its question (`question`, `question_from`); see `segment`. Neighbours are those that
    are given with it: give whole turns, and split by people or files, since a random split tears turns apart.

    Decisions (`y`) are given in one of two ways:

    * a table of codes, (n_segments, n_codes): 1 for carries it, 0 for does not, nothing (NaN) where nobody looked. As a frame its
      columns are names of codes. A row without gaps was read as a whole: it carries none of the codes that have no column, either.
      A 0 beside gaps is a suggestion that a person rejected. Its rows are found by the ids of segments in its index, or go with the
      segments in order: where both have one index, and where the segments came as a list, which has none.
    * a frame of codings, one row each, with the columns `segment` and `code`, and `status` where some are rejected: what
      `suggest` gave, with your own word in `status` (accepted, rejected; what is still suggested teaches nothing).

    Args:
        codebook: A file (YAML, CSV, XLSX), a frame with the columns `name` and, if you like, `lens`, `definition`, `include`,
            `exclude`, `examples`; name -> definition; or names. None takes the names from `y`. Drafts of the machine in it count as
            confirmed.
        by_lens: Suggest a code that stands under a lens only where the segment may be seen through that lens.
        encoder: As in `Embedder`.
        threads: Texts embedded side by side; never changes a result.

    Attributes:
        codes_: The entries, `textcoder.domain.codebook.Code`.
        classes_: Names of the codes in the order of all columns; "name (lens)" where two lenses have a code of one name.
        thresholds_: (n_codes,): below it the machine does not suggest the code.
        decisions_: What people said of the fitted segments, (n_segments, n_codes); NaN where nobody looked.
        changed_: Names of the codes that the last `update` made the machine suggest elsewhere.
        segments_: The segments that it was fitted to.
        machine_: The coder itself, `textcoder.coder.MachineCoder`.

    Example:
        >>> texts = ["Nobody picks up the phone.", "The bus takes two hours.", "We had soup for lunch."]
        >>> coder = Coder({"Telephone": "Nobody can be reached by phone.", "Travel": "It is hard to get there."})
        >>> coder.fit(texts).predict_proba(texts).argmax(axis=0).tolist()
        [0, 1]
        >>> coder.update(pd.DataFrame({"segment": ["2"], "code": ["Travel"], "status": ["rejected"]})).decisions_[2].tolist()
        [nan, 0.0]
    """

    def __init__(
        self, codebook: Given | None = None, *, by_lens: bool = True, encoder: str = DEFAULT_ENCODER, threads: int = 2
    ) -> None:
        self.codebook = codebook
        self.by_lens = by_lens
        self.encoder = encoder
        self.threads = threads

    def fit(self, X: Any, y: Any = None) -> Coder:  # noqa: N803  # scikit-learn's name
        """Read the codebook, the segments and what people said of them.

        Args:
            X: All segments of the study, coded and uncoded: a frame with a column `text`, or texts; in any order.
            y: Decisions, see above; None where there are none yet.

        Raises:
            TextcoderError: There is no codebook, or `y` does not fit to it or to the segments.
        """
        segments, ids = frame_of(X), ids_in(X)
        codes = codes_of(_names_in(y) if self.codebook is None else self.codebook)
        times = Counter(code.name for code in codes)
        names = [code.name if times[code.name] == 1 else f"{code.name} ({code.lens})" for code in codes]
        texts = texts_of(segments)
        nothing = np.full((len(texts), len(names)), np.nan)
        decisions = _joined(y, nothing, segments, names, ids, whole=True)
        placements = self._place(segments, codes)
        manner = self._manner(texts)  # first: its pass through the encoder makes the vectors too
        words = vectors_of(texts, self._settings)
        in_context = vectors_in_context(segments, words, self._settings)
        machine = MachineCoder(partial(vectors_of, settings=self._settings), Calibration.shipped())
        machine.fit(codes, in_context, _known_of(decisions, codes), words=words, manner=manner)
        # Only now that nothing can fail any more: half a fit would pass for a whole one.
        self.segments_, self.codes_, self.placements_ = segments, codes, placements
        self.classes_ = np.array(names, dtype=object)
        self.decisions_, self.machine_ = decisions, machine
        self.changed_: tuple[str, ...] = ()
        self._ids, self._words = ids, words
        return self

    def update(self, y: Any) -> Coder:
        """Learn from further decisions on the fitted segments; where they differ from earlier ones they count.

        Args:
            y: As for `fit`; a table may hold some of the segments only, by the ids in its index.
        """
        check_is_fitted(self)
        self.decisions_ = _joined(y, self.decisions_, self.segments_, list(self.classes_), self._ids, whole=False)
        names = {code.id: name for code, name in zip(self.codes_, self.classes_, strict=True)}
        self.changed_ = tuple(names[code] for code in self.machine_.update(_known_of(self.decisions_, self.codes_)))
        return self

    @property
    def thresholds_(self) -> npt.NDArray[np.float32]:
        """As learned."""
        check_is_fitted(self)
        return self.machine_.thresholds_

    def predict_proba(self, X: Any) -> npt.NDArray[np.float32]:  # noqa: N803
        """Probability of each code for any segments, (n, n_codes); codes are independent of each other, so rows do not sum to 1.

        It is what the machine makes of the words, and of what stands beside them in `X`: what people said of just these segments
        stands in `codings`. A row for each of `X`, whatever their order.
        """
        check_is_fitted(self)
        texts = texts_of(X)
        manner = self._manner(texts)
        vectors = vectors_in_context(X, vectors_of(texts, self._settings), self._settings)
        return self.machine_.predict_proba(vectors, manner)

    def predict(self, X: Any) -> npt.NDArray[np.int64]:  # noqa: N803
        """Which codes the machine suggests for any segments, (n, n_codes) of 0 and 1; from each code's threshold on."""
        frame = frame_of(X)
        likely = self.predict_proba(frame) >= self.thresholds_
        for row, placement in enumerate(self._place(frame, self.codes_).values()):
            for j in np.flatnonzero(likely[row]).tolist():
                likely[row, j] = fits_lens(self.codes_[j], placement)
        return likely.astype(np.int64)

    def suggest(self) -> Frame:
        """What the machine suggests for the fitted segments where nobody has decided, the most probable first.

        Returns:
            One row a coding: segment, case (where it is known), code, lens, probability, status ("suggested"), why, text. Set
            `status` to accepted or rejected, and give it back to `update`.
        """
        found = self.codings()
        return Frame(found[found["status"] == Status.SUGGESTED.value].reset_index(drop=True))

    def codings(self) -> Frame:
        """People's decisions (accepted, rejected; probability 1 and 0) and the machine's suggestions for all other segments."""
        check_is_fitted(self)
        rows = [
            (row, j, "", float(said), (Status.ACCEPTED if said else Status.REJECTED).value)
            for (row, j), said in np.ndenumerate(self.decisions_)
            if said == 1.0 or (said == 0.0 and np.isnan(self.decisions_[row]).any())
        ]
        # The rows of this fit stand for the segments, whatever their ids look like.
        units = [Segment(id_, id_, 0, row, row + 1) for row, id_ in enumerate(self.placements_)]
        places = {code.id: j for j, code in enumerate(self.codes_)}
        rows += [
            (one.start, places[one.code], one.why, one.probability, one.status.value)
            for one in suggest(self.machine_, units, {k: v for k, v in self.placements_.items() if v is not None}, {})
            if np.isnan(self.decisions_[one.start, places[one.code]])
        ]
        rows.sort(key=lambda row: (-row[3], row[0], row[1]))
        ids, texts, cases = list(self.segments_["segment"]), texts_of(self.segments_), column(self.segments_, "case")
        made = [
            (ids[row], cases[row], self.classes_[j], self.codes_[j].lens, probability, status, why, texts[row])
            for row, j, why, probability, status in rows
        ]
        frame = Frame(made, columns=["segment", "case", "code", "lens", "probability", "status", "why", "text"])
        return frame if any(cases) else Frame(frame.drop(columns="case"))

    def query(self, n: int = 10) -> Frame:
        """The segments that would teach the machine most, best first: segment, reason, text. Read each as a whole, and `update`."""
        check_is_fitted(self)
        read = np.flatnonzero(~np.isnan(self.decisions_).any(axis=1)).tolist()
        proposals = next_to_review(
            self.machine_.probabilities_,
            self.machine_.thresholds_,
            self._words,
            reviewed=read,
            positives=np.nansum(self.decisions_, axis=0).astype(int).tolist(),
            names=list(self.classes_),
            limit=n,
        )
        ids, texts = list(self.segments_["segment"]), texts_of(self.segments_)
        rows = [(ids[one.row], one.reason, texts[one.row]) for one in proposals]
        return Frame(rows, columns=["segment", "reason", "text"])

    def _manner(self, texts: Sequence[str]) -> npt.NDArray[np.float32] | None:
        """How each text is said; None beside another encoder, which was chosen lest the default one run."""
        return readings_of(texts, self._settings)[1] if self.encoder == DEFAULT_ENCODER else None

    @property
    def _settings(self) -> Settings:
        return Settings(encoder=self.encoder, threads=self.threads)

    def _place(self, frame: Frame, codes: Sequence[Code]) -> dict[str, LensPlacement | None]:
        """Of each segment, in order; None where lenses do not count, so that nothing is ruled out."""
        ids = [str(id_) for id_ in frame["segment"]]
        if not self.by_lens or all(code.lens == NO_LENS for code in codes):
            return dict.fromkeys(ids)
        return dict(zip(ids, LensReader(threads=self.threads).place(frame), strict=True))


def codes_of(given: Given) -> tuple[Code, ...]:
    """The entries of a codebook in any of the forms that `Coder` takes; read and checked as a file of the same content is.

    Whoever gives a codebook means its codes: a draft of the machine counts as confirmed, and what is retired is left out.

    Raises:
        InvalidTable: An entry is wrong; names it and the remedy.
        UnreadableFile: There is no such file.
        TextcoderError: There are no codes.
    """
    codes = tuple(_entries(given))
    if not codes:
        raise TextcoderError("The codebook has no codes; give it names, or a frame with a column `name`.")
    return tuple(replace(code, status=CodeStatus.ACTIVE) for code in Codebook(codes).in_use)


def _entries(given: Given) -> Iterable[Code]:
    from textcoder.formats.codebook import read_codebook
    from textcoder.workflow.importing import bytes_of

    if isinstance(given, str | PathLike):
        path = Path(given)
        return read_codebook(bytes_of(path, str(path), Settings()), path.name, lenses=DEFAULT_LENSES)
    if isinstance(given, Codebook):
        return given
    if isinstance(given, Mapping):
        given = pd.DataFrame({"name": list(given), "definition": list(given.values())})
    if not isinstance(given, Iterable):
        raise TextcoderError(f"{given!r} is no codebook; give a file, a frame with a column `name`, or names of codes.")
    if not isinstance(given, pd.DataFrame):
        several = list(given)
        if codes := [one for one in several if isinstance(one, Code)]:
            return codes
        given = pd.DataFrame({"name": list(map(str, several))})
    if given.empty:
        return ()
    frame = given.drop(columns=[name for name in _OF_THEMES if name in given.columns])
    if "examples" in frame.columns:
        frame = frame.assign(examples=[_as_cell(cell) for cell in frame["examples"]])
    return read_codebook(frame.to_csv(index=False).encode(), "codebook.csv", lenses=DEFAULT_LENSES)


_OF_THEMES = ("theme", "segments", "people", "stability", "keywords", "quotation")
"""Columns of `ThemeFinder.themes_` that are no part of an entry."""


def _as_cell(examples: Any) -> Any:
    """Examples as a table's cell holds them; a list in a frame is several."""
    if not isinstance(examples, list | tuple):
        return examples
    return write_examples([Example(str(text)) for text in examples])


def _names_in(y: Any) -> list[str]:
    if not isinstance(y, pd.DataFrame):
        raise TextcoderError(
            "A coder needs codes: give it a codebook, or a frame of decisions with names of codes; one name of a code for each "
            "segment becomes such a frame by pandas.get_dummies(names, dtype=float)."
        )
    if {"segment", "code"} <= set(y.columns):
        return sorted({str(code) for code in y["code"]})
    return [str(name) for name in y.columns]


def _joined(y: Any, stood: Numbers, segments: pd.DataFrame, names: Sequence[str], ids: Ids, *, whole: bool) -> Numbers:
    """What stood, (n_segments, n_codes), and over it what `y` says; `whole` where it must be on all segments of a list."""
    if y is None:
        return stood
    joined = stood.copy()
    if isinstance(y, pd.DataFrame) and {"segment", "code"} <= set(y.columns):
        rows, columns = _rows(list(y["segment"]), segments), _columns(list(y["code"]), names)
        for row, j, status in zip(rows, columns, column(y, "status"), strict=True):
            if status not in ("", *Status):
                raise TextcoderError(f'There is no status "{status}"; use accepted, rejected or suggested.')
            if status != Status.SUGGESTED:
                joined[row, j] = float(status != Status.REJECTED)
        return joined
    said = numbers_of(y)
    if isinstance(y, pd.DataFrame):
        rows, columns = _rows_of(y, segments, ids, whole=whole), _columns(list(y.columns), names)
    else:
        rows, columns = list(range(len(stood))), list(range(len(names)))
        if said.shape != stood.shape:
            raise TextcoderError(
                f"The decisions are {' by '.join(map(str, said.shape))}; there are {len(rows)} segments and {len(columns)} codes. "
                "For some of the segments give a frame with their ids as its index."
            )
    place = np.ix_(rows, columns)
    joined[place] = np.where(np.isnan(said), joined[place], said)
    # Whoever read a segment as a whole gave it none of the codes that have no column.
    read = np.array(rows, dtype=np.intp)[~np.isnan(said).any(axis=1)]
    joined[read] = np.nan_to_num(joined[read])
    return joined


def _rows_of(y: pd.DataFrame, segments: pd.DataFrame, ids: Ids, *, whole: bool) -> list[int]:
    """The segment of each row of a table: as scikit-learn has it, the rows in order, or by the ids in its index.

    Numbers in an index say nothing of a list, which has none: after a shuffle they are those of before.
    """
    in_order = list(range(len(segments)))
    if y.index.equals(segments.index):
        return in_order
    if not all(isinstance(one, str) for one in y.index):
        if ids is Ids.NONE and len(y) == len(segments):
            return in_order
        if ids is Ids.NONE and whole:
            raise TextcoderError(
                f"The table of decisions has {len(y)} rows, and there are {len(segments)} texts; give a row for each text, or "
                "the decisions on some of them as a frame with the columns segment and code."
            )
        if ids is Ids.NUMBERS and len(y) == len(segments):
            raise TextcoderError(
                "The rows of the decisions are numbered otherwise than the texts, so that it cannot be told which belong together; "
                "give y.sort_index() where the numbers are those of the texts, y.set_axis(X.index) where the order is."
            )
    return _rows(list(y.index), segments)


def _rows(ids: Sequence[Any], segments: pd.DataFrame) -> list[int]:
    known = {str(id_): row for row, id_ in enumerate(segments["segment"])}
    if missing := [id_ for id_ in ids if str(id_) not in known]:
        raise UnknownItem(
            f"{len(missing)} of {len(ids)} rows of the decisions are on no segment that was fitted, such as {missing[0]}; "
            "fit to all segments, and give the ids of `segment` as index or column."
        )
    return [known[str(id_)] for id_ in ids]


def _columns(given: Sequence[Any], names: Sequence[str]) -> list[int]:
    known = {str(name): j for j, name in enumerate(names)}
    if missing := [name for name in given if str(name) not in known]:
        raise UnknownItem(f'There is no code "{missing[0]}" in the codebook; there are: {", ".join(known)}.')
    return [known[str(name)] for name in given]


def _known_of(decisions: Numbers, codes: Sequence[Code]) -> Known:
    """As the machine learns it: a row without gaps was read as a whole, any other 0 is a rejection."""
    gaps = np.asarray(np.isnan(decisions).any(axis=1))

    def where(said: npt.NDArray[np.bool_]) -> dict[str, frozenset[int]]:
        return {code.id: frozenset(np.flatnonzero(said[:, j]).tolist()) for j, code in enumerate(codes)}

    return Known(
        where(decisions == 1.0),
        where((decisions == 0.0) & gaps[:, None]),
        frozenset(np.flatnonzero(~gaps).tolist()),
    )
