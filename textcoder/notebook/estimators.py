"""Embedder, LensReader and ThemeFinder as scikit-learn knows such things."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin

from textcoder.domain.coding import LensPlacement
from textcoder.domain.project import DEFAULT_LENSES, NO_LENS
from textcoder.errors import TextcoderError
from textcoder.lenses import LENSES, place_segments, probabilities
from textcoder.notebook.context import readings_in_context
from textcoder.notebook.frames import Frame, check_whole, column, frame_of, texts_of
from textcoder.notebook.vectors import readings_of, vectors_of
from textcoder.settings import DEFAULT_ENCODER, Settings
from textcoder.themes import ThemeInput, discover_themes

_USUAL = Settings()


class Embedder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn ships no types
    """Texts -> unit vectors; the same text has the same vector whatever its neighbours.

    There is nothing to fit: the encoder was trained elsewhere. Each distinct text is embedded once a session.

    Args:
        encoder: A name in models/registry.toml, a folder, or a sentence-transformers model on the hub.
        threads: Texts embedded side by side; never changes a result.

    Example:
        >>> Embedder().fit_transform(["Nobody answers.", "Nobody picks up the phone."]).shape
        (2, 384)
    """

    def __init__(self, encoder: str = DEFAULT_ENCODER, *, threads: int = 2) -> None:
        self.encoder = encoder
        self.threads = threads

    def fit(self, X: Any, y: None = None) -> Embedder:  # noqa: N803  # scikit-learn's name
        """See that `X` holds texts, and that the encoder is there; nothing is learned from the texts."""
        texts_of(X)
        self._n_features_out = vectors_of([], Settings(encoder=self.encoder, threads=self.threads)).shape[1]
        return self

    def transform(self, X: Any) -> npt.NDArray[np.float32]:  # noqa: N803
        """(n_texts, d), unit rows, in the order of `X`: a frame with a column `text`, or texts."""
        found = vectors_of(texts_of(X), Settings(encoder=self.encoder, threads=self.threads))
        self._n_features_out = found.shape[1]
        return found

    def __sklearn_is_fitted__(self) -> bool:
        return True


class LensReader(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn ships no types
    """Sees each segment through the three default lenses: what works, barriers, signs of progress, or none of them.

    There is nothing to fit. A text is read by itself; a segment of a frame with the columns `transcript`, `turn` and `start`, as
    `segment` gives it, with its neighbours in the same turn, as `textcoder run` reads it (`textcoder.lenses.in_context`). Neighbours
    are those that are given: where only some of the segments are, as in a random split, a segment has fewer of them. How often it is
    right, and where it fails, stands in models/cards/lens-head.md.

    Args:
        threshold: Below this probability the machine abstains.
        threads: Texts read side by side; never changes a result.

    Attributes:
        classes_: The lenses in the order of the columns of `predict_proba`.
    """

    def __init__(self, threshold: float = _USUAL.lens_threshold, *, threads: int = 2) -> None:
        self.threshold = threshold
        self.threads = threads

    @property
    def classes_(self) -> npt.NDArray[np.str_]:
        """The lenses, `none` last."""
        return np.array(LENSES)

    def fit(self, X: Any, y: None = None) -> LensReader:  # noqa: N803
        """See that `X` holds texts; nothing is learned from them."""
        texts_of(X)
        return self

    def predict_proba(self, X: Any) -> npt.NDArray[np.float32]:  # noqa: N803
        """(n, 4), in the order of `classes_`, a row for each of `X`, whatever their order; each row sums to 1."""
        return probabilities(self._readings(X))

    def predict(self, X: Any) -> npt.NDArray[np.object_]:  # noqa: N803
        """The lens of each segment, (n,); `none` where the machine abstains."""
        return np.array([seen_as(one) for one in self.place(frame_of(X))], dtype=object)

    def transform(self, X: Any) -> Frame:  # noqa: N803
        """The segments with the columns `lens` (empty where the machine abstains), `lens_probability` and `abstained`."""
        frame = frame_of(X)
        placed = self.place(frame)
        return Frame(
            frame.assign(
                lens=["" if one.abstained else one.lens for one in placed],
                lens_probability=[one.probability for one in placed],
                abstained=[int(one.abstained) for one in placed],
            )
        )

    def place(self, frame: Frame) -> list[LensPlacement]:
        """As the rest of textcoder has it, one for each row of a frame of segments."""
        if not isinstance(self.threshold, Real) or not 0 <= self.threshold <= 1:
            raise TextcoderError(f"threshold is {self.threshold!r}; give a probability from 0 to 1.")
        return place_segments(list(frame["segment"]), self._readings(frame), threshold=self.threshold)

    def _readings(self, X: Any) -> npt.NDArray[np.float32]:  # noqa: N803
        return readings_in_context(X, readings_of(texts_of(X), Settings(threads=self.threads))[0])

    def __sklearn_is_fitted__(self) -> bool:
        return True


def seen_as(placement: LensPlacement) -> str:
    """The lens under which a segment is looked at: `none` where the machine abstained."""
    return NO_LENS if placement.abstained else placement.lens


class ThemeFinder(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # sklearn ships no types
    """Candidate themes, apart for each lens, named in people's own words. Whether one is a code of the study is for you to decide.

    The result depends on the segments and `random_state` alone, not on their order. What no phrase describes is no theme.

    Args:
        n_themes: How many each lens gets; None lets the segments decide.
        by_lens: Look at each lens by itself: by the column `lens` where there is one, else by `LensReader`. False looks at all
            segments together.
        encoder: As in `Embedder`.
        language: ISO 639-1, for stop words and names.
        random_state: For resamples.
        threads: Texts embedded side by side; never changes a result.

    Attributes:
        themes_: One row a theme: theme (its id), name, lens, segments and people (how many), stability (0 to 1: how surely it is
            found again), keywords, quotation. A part of it can be given to `Coder` as a codebook.
        labels_: For each segment the row of `themes_`, -1 for what belongs nowhere; (n,).
        unassigned_: What belongs nowhere, the oddest first, with the nearest theme.
        segments_: The segments given, with `lens`, `theme` (its name) and `theme_id`.
        theme_map_: All of it as `textcoder.domain.theme.ThemeMap`.
    """

    def __init__(
        self,
        n_themes: int | None = None,
        *,
        by_lens: bool = True,
        encoder: str = DEFAULT_ENCODER,
        language: str = "en",
        random_state: int = _USUAL.seed,
        threads: int = 2,
    ) -> None:
        self.n_themes = n_themes
        self.by_lens = by_lens
        self.encoder = encoder
        self.language = language
        self.random_state = random_state
        self.threads = threads

    def fit(self, X: Any, y: None = None) -> ThemeFinder:  # noqa: N803
        """Find the themes of segments.

        Args:
            X: A frame with a column `text`, or texts; its columns `case`, `speaker` and `lens` are used where they are there.
            y: Not used.

        Raises:
            TextcoderError: A parameter is no number of its kind, or `X` holds no texts.
        """
        from textcoder.segmentation import load_language_model

        if self.n_themes is not None:
            check_whole("n_themes", self.n_themes, 1)
        check_whole("random_state", self.random_state, 0)  # None, too, would give other themes each time
        frame = frame_of(X)
        settings = Settings(encoder=self.encoder, threads=self.threads)
        if "lens" not in frame.columns and self.by_lens:
            frame = LensReader(threads=self.threads).transform(frame)
        lenses = [lens or NO_LENS for lens in column(frame, "lens")] if self.by_lens else [NO_LENS] * len(frame)
        cases, ids = column(frame, "case"), [str(id_) for id_ in frame["segment"]]
        self.theme_map_ = discover_themes(
            [ThemeInput(*one) for one in zip(ids, texts_of(frame), cases, lenses, strict=True)],
            vectors_of(texts_of(frame), settings),
            lenses=[lens.id for lens in DEFAULT_LENSES],
            seed=self.random_state,
            n_themes=self.n_themes,
            nlp=load_language_model("en", parse=True) if self.language == "en" else None,
            embed=lambda texts: vectors_of(texts, settings),
            language=self.language,
            speakers=set(column(frame, "speaker")) - {""},
        )
        row_of = {id_: row for row, id_ in enumerate(ids)}
        self.labels_ = np.full(len(frame), -1, dtype=np.intp)
        for number, theme in enumerate(self.theme_map_.themes):
            self.labels_[[row_of[segment] for segment in theme.segments]] = number
        self.themes_ = self._themes(frame, row_of, cases)
        named = [
            ("", "") if n < 0 else (self.theme_map_.themes[n].name, self.theme_map_.themes[n].id) for n in self.labels_
        ]
        self.segments_ = Frame(
            frame.assign(lens=lenses, theme=[name for name, _ in named], theme_id=[id_ for _, id_ in named])
        )
        self.unassigned_ = self._unassigned(frame, row_of)
        return self

    def _themes(self, frame: Frame, row_of: dict[str, int], cases: list[str]) -> Frame:
        texts = texts_of(frame)
        rows = [
            (
                theme.id,
                theme.name,
                theme.lens,
                len(theme.segments),
                len({cases[row_of[segment]] for segment in theme.segments} - {""}),
                theme.stability,
                ", ".join(theme.keywords),
                texts[row_of[theme.representatives[0]]],
            )
            for theme in self.theme_map_.themes
        ]
        return Frame(
            rows, columns=["theme", "name", "lens", "segments", "people", "stability", "keywords", "quotation"]
        )

    def _unassigned(self, frame: Frame, row_of: dict[str, int]) -> Frame:
        texts, names = texts_of(frame), {theme.id: theme.name for theme in self.theme_map_.themes}
        rows = [
            (one.segment, one.lens, names.get(one.nearest or "", ""), one.similarity, texts[row_of[one.segment]])
            for one in self.theme_map_.unassigned
        ]
        return Frame(rows, columns=["segment", "lens", "nearest", "similarity", "text"])
