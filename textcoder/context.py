"""What is said beside a segment in the same turn: in a story one sentence says what the other means."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


def with_neighbours(rows: Matrix, turns: Sequence[Hashable], share: float) -> Matrix:
    """Each row, and a share of the rows right before and after it in the same turn.

    Args:
        rows: Of segments in the order of the text, (n, d).
        turns: The turn of each (n); neighbours in the list with equal ones are neighbours in the text.
        share: How much a neighbour counts beside the segment itself.
    """
    found = rows.copy()
    before = np.flatnonzero([one == other for one, other in pairwise(turns)])
    found[before + 1] += np.float32(share) * rows[before]
    found[before] += np.float32(share) * rows[before + 1]
    return found
