"""What is answered about corrected figures and errors; see `textcoder_api.schemas` for the others."""

from __future__ import annotations

from textcoder_api.schemas import Figure, Row, UnitRow


class CorrectedRow(Row):
    """The share of one code in one cell: corrected, of the machine alone, of the sample alone. Null where it cannot be estimated."""

    value: Figure
    low: Figure
    high: Figure
    machine: Figure
    machine_low: Figure
    machine_high: Figure
    sample: Figure
    sample_low: Figure
    sample_high: Figure
    kept: Figure
    missed: Figure
    people: int
    people_sampled: int
    sampled: int
    note: str


class PrevalenceRow(Row):
    """One code; a cell for each column, null where it is not shown."""

    row: UnitRow
    overall: CorrectedRow | None
    cells: tuple[CorrectedRow | None, ...]


class BetweenRow(Row):
    """The corrected difference of two cells (second minus first), beside what the machine alone shows."""

    row: UnitRow
    first: str
    second: str
    value: Figure
    low: Figure
    high: Figure
    machine: Figure
    p: Figure
    p_adjusted: Figure


class PrevalenceOne(Row):
    """Corrected shares and their differences. Where `sample` is empty, nothing is corrected, and `note` says what to do."""

    of: str
    by: tuple[str, ...]
    sample: str
    columns: tuple[tuple[str, ...], ...]
    rows: tuple[PrevalenceRow, ...]
    differences: tuple[BetweenRow, ...]
    comparisons: int
    multiplicity: str
    method: str
    note: str


class ErrorRateRow(Row):
    """One kind of error in one group, of so many sampled units in which it could be made."""

    value: Figure
    low: Figure
    high: Figure
    units: int


class ErrorTestRow(Row):
    """Whether one kind of error differs by an attribute; `detectable` is the difference found in four of five such studies."""

    row: UnitRow
    attribute: str
    kind: str
    levels: tuple[str, ...]
    rates: tuple[ErrorRateRow, ...]
    p: Figure
    p_adjusted: Figure
    first: str
    second: str
    difference: Figure
    low: Figure
    high: Figure
    detectable: Figure
    power: Figure


class MeaningRow(Row):
    """What the errors do to one comparison, in figures and in words."""

    row: UnitRow
    attribute: str
    first: str
    second: str
    machine: Figure
    corrected: Figure
    low: Figure
    high: Figure
    sentence: str


class ErrorsOne(Row):
    """Whether the machine errs alike everywhere. Where `sample` is empty nobody knows, and `note` says what to do."""

    sample: str
    tests: tuple[ErrorTestRow, ...]
    meanings: tuple[MeaningRow, ...]
    at: float
    comparisons: int
    multiplicity: str
    method: str
    note: str
