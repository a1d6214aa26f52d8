"""What is said beside a segment in the same turn: in a story one sentence says what the other means."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


def with_neighbours(rows: Matrix, turns: Sequence[Hashable], shares: Sequence[float]) -> Matrix:
    """Each row, and a share of the rows before and after it in the same turn.

    Args:
        rows: Of segments in the order of the text, (n, d).
        turns: The turn of each (n); neighbours in the list with equal ones are neighbours in the text.
        shares: How much a neighbour counts beside the segment itself: the next on either side, the next but one, and so on.
    """
    found = rows.copy()
    for far, share in enumerate(shares, start=1):
        before = np.flatnonzero([one == other for one, other in zip(turns, turns[far:], strict=False)])
        found[before + far] += np.float32(share) * rows[before]
        found[before] += np.float32(share) * rows[before + far]
    return found
