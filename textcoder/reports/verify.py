"""Do the results follow from their rows? Each sentence of the answer names file, row and what was expected."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from textcoder.reports.readme import CO_OCCURRENCE
from textcoder.reports.recount import Numbers, Recount, Row, wrongly_counted
from textcoder.reports.tables import CASE, CHOSEN, CODING, CONTEXT, SEGMENT, unguarded
from textcoder.reports.writing import EDITABLE

MOST = 20
"""Problems of one kind that are told one by one; the rest are counted."""
_BLOCK = re.compile(r'<script type="application/json" id="counts">(.*?)</script>', re.DOTALL)
_HEADS = {
    # No figure follows from the context, and folders that were written before have none.
    "segments.csv": tuple(name for name in SEGMENT if name not in CONTEXT),
    "codings.csv": CODING,
    "cases_by_codes.csv": CASE,
    "quotations_chosen.csv": CHOSEN,
}
# SyntaxError is how XML says that it is broken; the others are how an archive does.
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError, ValueError, SyntaxError, OSError)
_NEAR = 0.00011
"""How far two figures may lie apart that were rounded to four digits."""


@dataclass(frozen=True)
class Sheet:
    """A CSV file as it was read.

    Attributes:
        name: The file's name.
        columns: In order.
        rows: Each with its number; texts as they were before they were guarded against formulas.
    """

    name: str
    columns: list[str]
    rows: list[tuple[int, Row]]


@dataclass(frozen=True)
class Promise:
    """What the manifest says: transcript id -> (text file, sha256), and the hash of the report."""

    texts: Mapping[str, tuple[str, str]]
    report: str


def verify_folder(folder: Path) -> list[str]:
    """What is wrong with a folder of results, one sentence each; empty when all is well.

    Every quotation is compared with its text, every text with its hash. Every count in the report, in the workbook's
    codes by attribute and codes that go together, and in the case-by-code table is made again from the rows of
    segments.csv and codings.csv. Rows are counted as in a spreadsheet: the header is row 1.
    Cost: one pass over the files, about 2 s for 10,000 codings.
    """
    problems: list[str] = []
    promise = _manifest(folder, problems)
    texts = _texts(folder, promise, problems)
    segments, codings, cases, chosen = (_sheet(folder / name, head, problems) for name, head in _HEADS.items())
    problems += [
        f"{name}: it is missing; write the results again." for name in EDITABLE if not (folder / name).is_file()
    ]
    for sheet in (segments, codings, chosen):
        if sheet is not None:
            problems += _capped(sheet.name, _wrong_quotations(sheet, texts))
    counts = _report_counts(folder, promise, problems)
    if segments is None or codings is None:
        return problems
    said, coded = ([row for _, row in sheet.rows] for sheet in (segments, codings))
    try:
        parents = {entry["id"]: entry["parent"] for entry in counts["codes"]}
        found = Recount(said, coded, segments.columns, counts["not_in_use"], parents)
        problems += _capped(codings.name, _wrongly_counted(codings))
        problems += _capped("report.html", _wrong_counts(counts, found, transcripts=len(promise.texts)))
        if chosen is not None:
            problems += _capped("report.html", _differences("quotations chosen", counts["chosen"], _chosen(chosen)))
    except (KeyError, TypeError, AttributeError, ValueError):
        return [
            *problems,
            "report.html: the counts inside it are not in the form that was written; write the results again.",
        ]
    if cases is not None:
        problems += _capped(cases.name, _wrong_cases(cases, found, counts["codes"]))
    problems += _workbook_problems(folder, found, {entry["id"]: entry["name"] for entry in counts["codes"]})
    return problems


def _capped(name: str, found: Iterator[str]) -> list[str]:
    """The first `MOST` sentences, and how many more there are."""
    told = [f"{name}{sentence}" for sentence in islice(found, MOST)]
    more = sum(1 for _ in found)
    return [*told, f"{name}: and {more:,} more of this kind."] if more else told


# --- reading -----------------------------------------------------------------------------------------------------


def _bytes(path: Path, problems: list[str]) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        name = f"texts/{path.name}" if path.parent.name == "texts" else path.name
        problems.append(f"{name}: it cannot be read ({error.strerror}); write the results again.")
        return None


def _manifest(folder: Path, problems: list[str]) -> Promise:
    data = _bytes(folder / "manifest.json", problems)
    if data is None:
        return Promise({}, "")
    try:
        manifest = json.loads(data)
        texts = {str(e["transcript"]): (str(e["text"]), str(e["sha256"])) for e in manifest["texts"]}
        return Promise(texts, str(manifest["written"]["report.html"]["sha256"]))
    except (ValueError, KeyError, TypeError):
        problems.append("manifest.json: it is not in the form that was written; write the results again.")
        return Promise({}, "")


def _texts(folder: Path, promise: Promise, problems: list[str]) -> dict[str, str]:
    """Transcript id -> its text, of those whose file is there; each is compared with its hash."""
    texts = {}
    for transcript, (name, sha256) in promise.texts.items():
        if Path(name).name != name:
            problems.append(f"manifest.json: the text {name} would lie outside texts/; expected a plain file name.")
            continue
        data = _bytes(folder / "texts" / name, problems)
        if data is None:
            continue
        if hashlib.sha256(data).hexdigest() != sha256:
            problems.append(f"texts/{name}: it has been changed; expected the sha256 in manifest.json, {sha256[:16]}…")
        texts[transcript] = data.decode("utf-8", errors="replace")
    return texts


def _sheet(path: Path, expected: Iterable[str], problems: list[str]) -> Sheet | None:
    data = _bytes(path, problems)
    if data is None:
        return None
    try:
        csv.field_size_limit(2**31 - 1)  # a question or a survey's answer may be longer than the 128 KiB of the default
        grid = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{path.name}: it is not the table that was written ({error}); write the results again.")
        return None
    head = [unguarded(cell) for cell in grid[0]] if grid else []
    missing = [name for name in expected if name not in head]
    if missing:
        problems.append(f"{path.name}, row 1: no column is called {' or '.join(missing)}; write the results again.")
        return None
    rows = list(enumerate(grid[1:], start=2))
    torn = (f", row {i}: it has {len(row)} cells; expected {len(head)}." for i, row in rows if len(row) != len(head))
    problems += _capped(path.name, torn)
    whole = [(i, row) for i, row in rows if len(row) == len(head)]
    return Sheet(path.name, head, [(i, dict(zip(head, map(unguarded, row), strict=True))) for i, row in whole])


def _report_counts(folder: Path, promise: Promise, problems: list[str]) -> dict[str, Any]:
    """The data block of the report; empty where it is missing or broken, which is said where a count is missed."""
    data = _bytes(folder / "report.html", problems)
    if data is None:
        return {}
    if promise.report and hashlib.sha256(data).hexdigest() != promise.report:
        problems.append(
            f"report.html: it has been changed; expected the sha256 in manifest.json, {promise.report[:16]}…"
        )
    block = _BLOCK.search(data.decode("utf-8", errors="replace"))
    try:
        return dict(json.loads(block[1])) if block else {}
    except (ValueError, TypeError):
        return {}


# --- comparing ---------------------------------------------------------------------------------------------------


def _wrong_quotations(sheet: Sheet, texts: Mapping[str, str]) -> Iterator[str]:
    """Rows whose text is not the slice of the transcript that start and end say."""
    for i, row in sheet.rows:
        if not (row["start"].isdecimal() and row["end"].isdecimal()):
            yield f", row {i}: start {row['start']!r} and end {row['end']!r}; expected whole numbers."
            continue
        start, end, text = int(row["start"]), int(row["end"]), texts.get(row["transcript"])
        if text is None:
            yield f", row {i}: there is no text of the transcript {row['transcript']} ({row['file']})."
        elif not start < end <= len(text):
            yield f", row {i}: {start} to {end} is no place in {row['file']}, which has {len(text)} characters."
        elif text[start:end] != row["text"]:
            expected = f"{_short(text[start:end])} from {row['file']}, {start} to {end}"
            yield f", row {i}: the text is {_short(row['text'])}; expected {expected}."


def _wrongly_counted(sheet: Sheet) -> Iterator[str]:
    """Rows of codings.csv that are in the figures and should not be, or the other way round."""
    for i in wrongly_counted([row for _, row in sheet.rows]):
        number, row = sheet.rows[i]
        yield f", row {number}: counts is {row['counts']!r}, which does not follow from what the other coders said of the span."


def _chosen(sheet: Sheet) -> Numbers:
    """How many quotations stand in quotations_chosen.csv, and of how many people."""
    return {"quotations": len(sheet.rows), "people": len({row["case"] for _, row in sheet.rows if row["case"]})}


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _wrong_counts(counts: Mapping[str, Any], found: Recount, *, transcripts: int) -> Iterator[str]:
    """Counts of the report that do not follow from the rows."""
    codes = [entry["id"] for entry in counts["codes"]]
    for entry in counts["codes"]:
        yield from _differences(f'code "{entry["name"]}"', entry, found.code(entry["id"]))
    for code in sorted(found.by_code.keys() - set(codes)):
        yield f": the code {code} of codings.csv is not counted; expected it among the codes."
    for column, table in counts["attributes"].items():
        for code, values in found.attribute(column, codes).items():
            for value, numbers in values.items():
                yield from _differences(f'code {code}, {column} "{value}"', table[code].get(value, {}), numbers)
    if counts["cases"] is not None:
        cases = found.cases()
        for case in sorted(cases.keys() | counts["cases"].keys()):
            yield from _differences(f'case "{case}"', counts["cases"].get(case, {}), cases.get(case, {}))
    themes = found.themes()
    for theme, numbers in counts["themes"].items():
        yield from _differences(f"theme {theme}", numbers, themes.get(theme, {}))
    yield from _differences("totals", counts["totals"], found.totals(transcripts))
    yield from _differences("segments by lens", counts["lenses"], found.lenses())
    for name, classes in (("lens", found.lens_probabilities()), ("code", found.code_probabilities())):
        if counts[f"{name}_probabilities"] != classes:
            yield f", {name} probabilities: {counts[f'{name}_probabilities']}; expected {classes} from the rows."


def _differences(what: str, told: Mapping[str, Any], expected: Numbers) -> Iterator[str]:
    """Where numbers differ from those expected; a number that is not told counts as 0."""
    for name, number in expected.items():
        if not _same(told.get(name, 0), number):
            yield f", {what}: {name} is {told.get(name)}; expected {number} from the rows."
    for name in sorted(told.keys() - expected.keys() - {"id", "lens", "name", "parent"}):
        if told[name]:
            yield f", {what}: {name} is {told[name]}; expected nothing from the rows."


def _same(told: object, expected: object) -> bool:
    """Whether two figures are one; what a spoiled table holds in the place of a number is none."""
    if isinstance(told, int | float) and isinstance(expected, int | float):
        return abs(told - expected) < _NEAR
    return told == expected


def _wrong_cases(sheet: Sheet, found: Recount, codes: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Cells of the case-by-code table that do not follow from the codings; cases that are missing or too many."""
    expected = found.cases()
    columns = {f"{code['lens']}: {code['name']}": code["id"] for code in codes}
    yield from (f", row 1: the column {name!r} is missing." for name in sorted(columns.keys() - set(sheet.columns)))
    for i, row in sheet.rows:
        if row["case"] not in expected:
            yield f', row {i}: the case "{row["case"]}" has no segment in segments.csv.'
            continue
        mentions = expected.pop(row["case"])
        for column, code in columns.items():
            one = str(int(code in mentions))
            if row.get(column, one) != one:
                yield f", row {i}, column {column!r}: {row[column]!r}; expected {one} from codings.csv."
    yield from (f': the case "{case}" is missing; it has segments in segments.csv.' for case in sorted(expected))


def _workbook_problems(folder: Path, found: Recount, codes: Mapping[str, str]) -> list[str]:
    """What is wrong with the codes by attribute, and with the codes that go together, in project.xlsx.

    Args:
        folder: The results.
        found: The rows.
        codes: Code id to name, in the order of the codebook.
    """
    problems: list[str] = []
    data = _bytes(folder / "project.xlsx", problems)
    if data is None:
        return problems
    problems += _sheet_problems(data, "Codes by attribute", lambda table: _wrong_shares(table, found, list(codes)))
    problems += _sheet_problems(data, CO_OCCURRENCE, lambda table: _wrong_pairs(table, found, codes))
    return problems


def _sheet_problems(data: bytes, name: str, wrong: Callable[[list[dict[str, Any]]], Iterator[str]]) -> list[str]:
    from textcoder.reports.workbook import read_sheet

    try:
        head, *rows = read_sheet(data, name)
        table = [dict(zip(map(str, head), row, strict=True)) for row in rows]
        return _capped("project.xlsx", wrong(table))
    except _BROKEN:
        return [f'project.xlsx: it has no readable sheet "{name}"; write the results again.']


def _wrong_pairs(table: list[dict[str, Any]], found: Recount, codes: Mapping[str, str]) -> Iterator[str]:
    """Rows of the codes that go together that do not follow from the codings; pairs that are missing or too many."""
    expected = found.pairs(list(codes))
    for i, row in enumerate(table, start=2):
        numbers = expected.pop((row["code_id"], row["other_code_id"]), None)
        if numbers is None:
            yield f", {CO_OCCURRENCE}, row {i}: nobody carries both codes, or the pair stands in another row."
        else:
            told = {name: row.get(name) for name in numbers}
            yield from _differences(
                f'{CO_OCCURRENCE}, row {i}, "{row["code"]}" and "{row["other_code"]}"', told, numbers
            )
    for a, b in expected:
        yield f', {CO_OCCURRENCE}: no row says how many people have both "{codes[a]}" and "{codes[b]}".'


def _wrong_shares(table: list[dict[str, Any]], found: Recount, codes: list[str]) -> Iterator[str]:
    from textcoder.reports.workbook import legal

    told = {(row["attribute"], row["value"] or "", row["code_id"]): (i, row) for i, row in enumerate(table, start=2)}
    for column in {
        legal(name): name for name in found.attributes if any(key[0] == legal(name) for key in told)
    }.values():
        for code, values in found.attribute(column, codes).items():
            for value, numbers in values.items():
                i, row = told.pop((legal(column), legal(value), code), (0, {}))
                if not i:
                    yield f', Codes by attribute: no row says how many with {column} "{value}" have the code {code}.'
                shown = {name: row.get(name) for name in numbers} if i else numbers
                yield from _differences(f'Codes by attribute, row {i}, {column} "{value}"', shown, numbers)
    for i, _ in told.values():
        yield f", Codes by attribute, row {i}: there is no such code or value in the rows."
