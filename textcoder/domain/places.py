"""Which segments a span lies on. Segments of one transcript never overlap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence

from textcoder.domain.transcript import Segment


class Places:
    """Finds segments by place.

    Attributes:
        segments: In the order given; a row is a place in it.
        row_of: Segment id to row.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self.row_of = {segment.id: row for row, segment in enumerate(segments)}
        self._in: dict[str, tuple[list[int], list[int], list[int]]] = defaultdict(lambda: ([], [], []))
        for row, segment in sorted(enumerate(segments), key=lambda pair: (pair[1].transcript, pair[1].start)):
            starts, ends, rows = self._in[segment.transcript]
            starts.append(segment.start)
            ends.append(segment.end)
            rows.append(row)

    def under(self, transcript: str, start: int, end: int) -> list[int]:
        """Rows of the segments that share with a span at least half of the shorter of the two, in order.

        So a code for three words counts for the sentence that holds them, and a code for a page for each sentence on it.
        """
        exact = self.row_of.get(f"{transcript}:{start}-{end}")
        if exact is not None:
            return [exact]
        starts, ends, rows = self._in.get(transcript, ([], [], []))
        return [
            rows[i]
            for i in range(bisect_right(ends, start), bisect_left(starts, end))
            if 2 * (min(end, ends[i]) - max(start, starts[i])) >= min(end - start, ends[i] - starts[i])
        ]
