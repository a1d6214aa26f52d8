"""The pictures of a report: what its page draws beside its numbers, each as a drawing of its own with all of it in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from textcoder.prevalence import Share
from textcoder.reports import phrases
from textcoder.reports.counts import Counts
from textcoder.reports.drawing import (
    GRID,
    INK,
    SOFT,
    Box,
    Dot,
    Mark,
    Picture,
    Stroke,
    Words,
    length,
    png,
    shortened,
    svg,
)
from textcoder.reports.evidence.parts import slug
from textcoder.reports.plots import dot_size, marks_of
from textcoder.reports.views import AttributeView, CodeView, LensView

WIDTH = 470.0
"""Points: the width of a column of A4."""
_COLOURS = ("#566069", "#17704f", "#a8481a", "#33579f", "#74489a", "#7a5c00", "#0c6b79")
"""Of the lenses, as on the page (report.css)."""
_NAMES, _ROW, _HEAD, _TWO_LINES, _BAND = 170.0, 18.0, 22.0, 36.0, 20.0
_TALL = 540.0
"""Points: what fits a page of A4 with a heading and a caption; a longer picture is drawn in parts, so that its letters stay legible."""
_DOTS = (0.0, 2.6, 3.4, 4.2, 5.0)
"""Radius for a number of mentions, by its `dot_size`."""
_NBSP = "\N{NO-BREAK SPACE}"
UNWRITTEN = "The PNG cannot write some names and has numbers in their place; the SVG writes them. In the PNG"
"""What alt.txt says of a picture, before it says which number stands for what."""
_UNWRITTEN = " Names that the picture cannot write stand as the number of their row in the table below."


_Row = tuple[int, CodeView, LensView]
"""Its place among all rows, and what stands on it."""


def pictures(page: Mapping[str, Any]) -> dict[str, tuple[Picture, ...]]:
    """The pictures of a page, by what they belong to: "lens ID", "attribute NAME", "cases"; several where one would not fit a page."""
    made = {f"lens {lens.id}": _glance(lens, page["scale"]) for lens in page["lenses"] if lens.codes}
    made |= {f"attribute {view.name}": _by_attribute(view) for view in page["attributes"] if view.rows}
    if made and page["cases"]:
        made["cases"] = _matrix(page["cases"], page["lenses"], page["counts"])
    return _named_apart(made)


def files(pictures: Mapping[str, Sequence[Picture]]) -> dict[str, bytes]:
    """Each picture as SVG and as PNG, and what they show in words (alt.txt)."""
    drawn = [picture for parts in pictures.values() for picture in parts]
    made: dict[str, bytes] = {}
    for picture in drawn:
        made |= {f"{picture.name}.svg": svg(picture), f"{picture.name}.png": png(picture)}
    told = "\n".join(f"{picture.name}\n{_in_words(picture)}\n" for picture in drawn)
    return {**made, "alt.txt": told.encode()} if made else {}


def _in_words(picture: Picture) -> str:
    """All that a picture shows, on one line; and what its PNG cannot write."""
    numbered = "; ".join(f'{words.otherwise or "nothing"} is "{words.text}"' for words in picture.unwritten)
    said = f"{picture.alt} {UNWRITTEN} {numbered}." if numbered else picture.alt
    return said.replace("\n", " ")


def caption(picture: Picture) -> str:
    """What stands under the PNG."""
    return picture.title + ("." + _UNWRITTEN if not picture.all_written else "")


def _glance(lens: LensView, scale: int) -> tuple[Picture, ...]:
    """A dot for the share of people with each code, and its 95 % interval."""
    pages = _on_pages([(view, lens) for view in lens.codes], _HEAD, banded=False)
    return tuple(_glance_part(lens, scale, rows, _part(i, pages)) for i, rows in enumerate(pages, start=1))


def _glance_part(lens: LensView, scale: int, rows: Sequence[_Row], part: str) -> Picture:
    marks: list[Mark] = []
    left, right = _NAMES, WIDTH - 150
    height = _HEAD + _ROW * len(rows) + 6
    for x in marks_of(scale):
        at = left + (right - left) * x / scale
        marks += [
            Stroke(at, _HEAD - 4, at, height - 6, GRID),
            Words(at, 12, f"{x} %" if x == scale else str(x), 8, SOFT, 0.5),
        ]
    marks += [Words(WIDTH - 74, 12, "People", 8, SOFT, 1), Words(WIDTH, 12, "95 % interval", 8, SOFT, 1)]
    colour, told = _COLOURS[lens.colour], []
    for place, (at_row, view, _) in enumerate(rows):
        share, foot = view.count.overall, _HEAD + _ROW * place + 12
        marks.append(_name(view, at_row, foot))
        told.append(f"{view.count.code.name}: {_share(share)}")
        marks += [Words(WIDTH - 74, foot, _people(share), align=1), Words(WIDTH, foot, _interval(share), align=1)]
        if not math.isnan(share.share):
            middle, low, high = (left + (right - left) * 100 * x / scale for x in (share.share, share.low, share.high))
            marks += [
                Box(left, foot - 6.5, middle - left, 7, _lighter(colour)),
                Stroke(low, foot - 3, high, foot - 3, INK, 1.1),
                Dot(middle, foot - 3, 3.6, colour),
            ]
    title = f"{lens.name}: people with each code, of those asked{part}"
    alt = f"Dot plot. {title}, with 95 % intervals. {'; '.join(told)}."
    return Picture(f"people_{slug(lens.name) or slug(lens.id)}", title, alt, WIDTH, height, tuple(marks))


def _by_attribute(view: AttributeView) -> tuple[Picture, ...]:
    """A bar for the share of people with each code, for each value of an attribute."""
    pages = _on_pages([(code, lens) for code, lens, _ in view.rows], _TWO_LINES)
    return tuple(_by_attribute_part(view, rows, _part(i, pages)) for i, rows in enumerate(pages, start=1))


def _by_attribute_part(view: AttributeView, rows: Sequence[_Row], part: str) -> Picture:
    marks: list[Mark] = []
    room = (WIDTH - _NAMES) / len(view.values)
    bar = room - 8
    values = [phrases.worded(view.name, value) for value in view.values]
    for j, (value, asked) in enumerate(zip(values, view.asked, strict=True)):
        at = _NAMES + room * j
        marks += [
            Words(at, 12, shortened(value, bar, 8), 8, INK, 0, f"column {j + 1}"),
            Words(at, 22, shortened(phrases.counted(asked, "person", "people"), bar, 7), 7, SOFT),
        ]
    told: dict[str, list[str]] = {}
    places, bands, height = _rows([lens for _, _, lens in rows], _TWO_LINES - 4)
    marks += bands
    for foot, (i, code, lens) in zip(places, rows, strict=True):
        shares = view.rows[i][2]
        marks.append(_name(code, i, foot))
        for j, share in enumerate(shares):
            at, known = _NAMES + room * j, 0.0 if math.isnan(share.share) else share.share
            figure = _people(share)
            inside = bar - length(figure, 7) - 4
            # Where the figures leave no room for a bar, they stand by themselves.
            if inside >= 12:
                marks += [
                    Box(at, foot - 6.5, inside, 7, GRID),
                    Box(at, foot - 6.5, inside * min(1.0, 100 * known / view.scale), 7, _COLOURS[lens.colour]),
                ][: 2 if known else 1]
            marks.append(Words(at + bar, foot, figure, 7, INK, 1))
        each = ", ".join(f"{value}: {_people(share)}" for value, share in zip(values, shares, strict=True))
        told.setdefault(lens.name, []).append(f"{code.count.code.name} ({each})")
    title = f"People with each code by {view.name}, of those asked; a full bar stands for {view.scale} %{part}"
    in_words = " ".join(f"{lens}: {'; '.join(codes)}." for lens, codes in told.items())
    return Picture(f"by_{slug(view.name)}", title, f"Bar chart. {title}. {in_words}", WIDTH, height, tuple(marks))


def _matrix(cases: Sequence[tuple[str, str]], lenses: Sequence[LensView], counts: Counts) -> tuple[Picture, ...]:
    """A dot for how often each person mentions each code; larger for more."""
    pages = _on_pages([(view, lens) for lens in lenses for view in lens.codes], _HEAD)
    return tuple(_matrix_part(cases, rows, counts, _part(i, pages)) for i, rows in enumerate(pages, start=1))


def _matrix_part(cases: Sequence[tuple[str, str]], rows: Sequence[_Row], counts: Counts, part: str) -> Picture:
    room = (WIDTH - _NAMES) / len(cases)
    # Ids of people are written upright where there is room, else every second one, every third, ...
    widest = max(length(case, 6.5) for case, _ in cases) + 4
    every = max(1, math.ceil(widest / room)) if widest < WIDTH - _NAMES else len(cases)
    places, bands, height = _rows([lens for _, _, lens in rows], _HEAD - 4)
    marks: list[Mark] = []
    for j, (case, _) in enumerate(cases):
        at = _NAMES + room * (j + 0.5)
        marks.append(Stroke(at, _HEAD - 6, at, height - 4, GRID, 0.5))
        if j % every == 0 and every < len(cases):
            marks.append(Words(at, 12, case, 6.5, SOFT, 0.5, str(j + 1)))
    marks += bands
    for foot, (i, view, lens) in zip(places, rows, strict=True):
        marks.append(_name(view, i, foot))
        for j, (case, _) in enumerate(cases):
            n = counts.cases[case][view.count.code.id]
            if n:
                radius = min(_DOTS[dot_size(n)], max(1.0, room / 2 - 0.5))
                marks.append(Dot(_NAMES + room * (j + 0.5), foot - 3, radius, _COLOURS[lens.colour]))
    title = f"How often each person mentions each code; each size of a dot stands for about twice the number{part}"
    told = f"{phrases.counted(len(rows), 'code', 'codes')} by {phrases.counted(len(cases), 'person', 'people')}"
    where = "the numbers stand in the table beside it and in cases_by_codes.csv"
    return Picture("codes_by_cases", title, f"Dot matrix. {title}. {told}: {where}.", WIDTH, height, tuple(marks))


def _on_pages(rows: Sequence[tuple[CodeView, LensView]], head: float, *, banded: bool = True) -> list[list[_Row]]:
    """The rows of each picture, with their places among all: as many lenses as fit a page; a longer one is divided evenly."""
    pages: list[list[_Row]] = [[]]
    left = _TALL - head
    numbered = [(i, view, lens) for i, (view, lens) in enumerate(rows)]
    for _, of_lens in groupby(numbered, key=lambda row: row[2].id):
        found, band = list(of_lens), _BAND if banded else 0.0
        parts = math.ceil(len(found) / ((_TALL - head - band) // _ROW))
        size = math.ceil(len(found) / parts)
        for start in range(0, len(found), size):
            some = found[start : start + size]
            if pages[-1] and band + _ROW * len(some) > left:
                pages.append([])
                left = _TALL - head
            pages[-1] += some
            left -= band + _ROW * len(some)
    return pages


def _part(number: int, pages: Sequence[Sequence[_Row]]) -> str:
    """What tells a part from the others; it is not broken over lines."""
    return f", part{_NBSP}{number}{_NBSP}of{_NBSP}{len(pages)}" if len(pages) > 1 else ""


def _rows(lenses: Sequence[LensView], top: float) -> tuple[list[float], list[Mark], float]:
    """Where the words of each row stand, the names of the lenses above their rows, and where all of it ends."""
    places: list[float] = []
    bands: list[Mark] = []
    for i, lens in enumerate(lenses):
        if i == 0 or lens.id != lenses[i - 1].id:
            top += _BAND
            bands.append(Words(0, top - 6, lens.name, 8, _COLOURS[lens.colour], 0, f"lens {len(bands) + 1}"))
        top += _ROW
        places.append(top - 6)
    return places, bands, top + 4


def _name(view: CodeView, row: int, foot: float) -> Words:
    return Words(0, foot, shortened(view.count.code.name, _NAMES - 12, 9), 9, INK, 0, f"row {row + 1}")


def _people(share: Share) -> str:
    return f"{share.people:,} of {share.asked:,}" if share.asked else "\N{EN DASH}"


def _interval(share: Share) -> str:
    return phrases.interval(share).replace("\N{NO-BREAK SPACE}", " ")


def _share(share: Share) -> str:
    if not share.asked:
        return "people are not known"
    return f"{_people(share)} ({phrases.percent(share.share)}, 95 % interval {phrases.interval(share)})"


def _lighter(colour: str) -> str:
    """The colour as on white paper that shows through."""
    return "#" + "".join(f"{round(255 - 0.35 * (255 - int(colour[i : i + 2], 16))):02x}" for i in (1, 3, 5))


def _named_apart(made: Mapping[str, Sequence[Picture]]) -> dict[str, tuple[Picture, ...]]:
    """Pictures whose names would be one file on some system get a number."""
    taken: set[str] = set()
    most = sum(map(len, made.values()))

    def free(name: str) -> Iterator[str]:
        short = name.encode()[:80].decode(errors="ignore").strip("_") or "picture"
        yield short
        yield from (f"{short}_{n}" for n in range(2, most + 2))

    def named(picture: Picture) -> Picture:
        name = next(one for one in free(picture.name) if one not in taken)
        taken.add(name)
        return replace(picture, name=name)

    return {key: tuple(map(named, parts)) for key, parts in made.items()}
