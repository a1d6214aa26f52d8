"""The pictures of a report: as SVG and PNG, the same in both, told in words, in the colours of the page."""

from __future__ import annotations

import io
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from tests import builders
from tests.reports.studies import CODES, bridge, hostile
from textcoder.domain.study import Study
from textcoder.reports import figures
from textcoder.reports.counts import count
from textcoder.reports.documents import render_figures
from textcoder.reports.drawing import DPI, Box, Dot, Picture, Stroke, Words, length, png, shortened, svg
from textcoder.reports.figures import UNWRITTEN, WIDTH, caption, files, pictures
from textcoder.reports.report import page_of
from textcoder.reports.tables import Rows

SVG = "{http://www.w3.org/2000/svg}"
CSS = (Path(figures.__file__).parent / "static" / "report.css").read_text(encoding="utf-8")


def pictures_of(study: Study) -> dict[str, tuple[Picture, ...]]:
    return pictures(page_of(study, count(study), Rows(study)))


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(png(picture)))


def test_each_is_there_as_svg_and_as_png_and_told_in_words() -> None:
    made = render_figures(bridge())
    drawn = [one for parts in pictures_of(bridge()).values() for one in parts]
    assert set(made) == {f"{one.name}.{ending}" for one in drawn for ending in ("svg", "png")} | {"alt.txt"}
    assert all(one.alt in made["alt.txt"].decode() for one in drawn)
    for one in drawn:
        tree = etree.fromstring(made[f"{one.name}.svg"])
        assert tree.findtext(f"{SVG}title") == one.title
        assert tree.findtext(f"{SVG}desc") == one.alt
        assert tree.get("aria-labelledby") == "title desc"
        image = Image.open(io.BytesIO(made[f"{one.name}.png"]))
        assert image.text == {"Title": one.title, "Description": one.alt}


def test_the_dot_stands_at_the_share_and_the_line_at_its_interval() -> None:
    """A picture that shows another number than the table beside it would be believed."""
    study = bridge()
    page = page_of(study, count(study), Rows(study))
    for lens in page["lenses"]:
        if not lens.codes:
            continue
        (picture,) = pictures(page)[f"lens {lens.id}"]
        marks = picture.marks
        grid = [mark.x1 for mark in marks if isinstance(mark, Stroke) and mark.x1 == mark.x2]
        left, right = min(grid), max(grid)
        dots = [mark for mark in marks if isinstance(mark, Dot)]
        lines = [mark for mark in marks if isinstance(mark, Stroke) and mark.x1 != mark.x2]
        for dot, line, view in zip(dots, lines, lens.codes, strict=True):
            share = view.count.overall
            places = [100 * (x - left) / (right - left) * page["scale"] / 100 for x in (dot.x, line.x1, line.x2)]
            assert places == pytest.approx([100 * x for x in (share.share, share.low, share.high)])


def test_the_bar_of_each_group_is_as_long_as_its_share() -> None:
    study = bridge()
    page = page_of(study, count(study), Rows(study))
    for view in page["attributes"]:
        (picture,) = pictures(page)[f"attribute {view.name}"]
        marks = picture.marks
        boxes = [mark for mark in marks if isinstance(mark, Box)]
        whole = [mark for mark in boxes if mark.colour == figures.GRID]
        filled = {(mark.x, mark.y): mark.width for mark in boxes if mark.colour != figures.GRID}
        shares = [share for _, _, row in view.rows for share in row]
        assert len(whole) == len(shares)
        for mark, share in zip(whole, shares, strict=True):
            expected = 0.0 if math.isnan(share.share) else 100 * share.share / view.scale
            assert filled.get((mark.x, mark.y), 0.0) / mark.width == pytest.approx(expected)


def test_each_person_has_a_dot_for_each_code_of_hers() -> None:
    study = bridge()
    (picture,) = pictures_of(study)["cases"]
    marks = picture.marks
    said = sum(n > 0 for row in count(study).cases.values() for n in row.values())
    assert sum(isinstance(mark, Dot) for mark in marks) == said


def test_everything_lies_on_the_sheet() -> None:
    """What stands outside of it is cut off without a word."""
    talks = [
        builders.transcript(f"t{i}.txt", ("I", "What?"), ("P", "I ring. The staff!"), case=f"C{i:02}")
        for i in range(40)
    ]
    for study in (bridge(), hostile("Wide " * 40), builders.study(talks, CODES)):
        for picture in (one for parts in pictures_of(study).values() for one in parts):
            assert picture.width == WIDTH
            for mark in picture.marks:
                match mark:
                    case Words(x, y, text, size, _, align):
                        start = x - align * length(text, size)
                        places = [(start, y - size), (start + length(text, size), y)]
                    case Box(x, y, width, height, _):
                        places = [(x, y), (x + width, y + height)]
                    case Stroke(x1, y1, x2, y2, _, _):
                        places = [(x1, y1), (x2, y2)]
                    case Dot(x, y, radius, _):
                        places = [(x - radius, y - radius), (x + radius, y + radius)]
                for x, y in places:
                    assert -0.5 <= x <= picture.width + 4
                    assert -0.5 <= y <= picture.height + 0.5


def test_the_png_shows_what_the_svg_says() -> None:
    """PDFium draws it: a red square on the left, a blue dot on the right, and nothing in between."""
    picture = Picture("p", "t", "a", 72, 36, (Box(0, 0, 18, 36, "#ff0000"), Dot(63, 18, 6, "#0000ff")))
    image = opened(picture)
    assert image.size == (DPI, DPI // 2)
    assert round(image.info["dpi"][0]) == DPI
    assert image.getpixel((20, 75)) == (255, 0, 0)
    assert image.getpixel((262, 75)) == (0, 0, 255)
    assert image.getpixel((150, 75)) == (255, 255, 255)
    assert [rect.get("fill") for rect in etree.fromstring(svg(picture)).iter(f"{SVG}rect")] == ["#ffffff", "#ff0000"]


def test_words_with_the_letters_of_western_europe_are_drawn() -> None:
    """In Swedish, a name without its letters is another name."""
    bare, dotted = (
        opened(Picture("p", "t", "a", 80, 20, (Words(2, 15, text, 12),))) for text in ("Arendet", "Ärendet")
    )
    assert bare.tobytes() != dotted.tobytes()
    assert dotted.convert("L").getextrema()[0] < 80


def test_a_name_in_another_script_stands_by_the_number_of_its_row() -> None:
    """Boxes in place of letters would be the same for every name."""
    study = builders.study(
        [builders.transcript("t.txt", ("I", "What?"), ("P", "I ring. We sat."), case="C1")],
        {"ring": builders.code("Доверие", "what_works"), "sat": builders.code("信任", "what_works")},
    )
    (picture,) = pictures_of(study)["lens what_works"]
    assert not picture.all_written
    assert {mark.otherwise for mark in picture.marks if isinstance(mark, Words)} >= {"row 1", "row 2"}
    assert "stand as the number of their row" in caption(picture)
    assert "Доверие" in svg(picture).decode()
    assert "Доверие: 1 of 1" in picture.alt
    told = files({"": [picture]})["alt.txt"].decode()
    assert 'row 1 is "' in told and '"信任"' in told, "nobody could say whose bar it is without the document"
    (plain,) = pictures_of(bridge())["lens what_works"]
    assert UNWRITTEN not in files({"": [plain]})["alt.txt"].decode()
    assert caption(plain) == plain.title


@pytest.mark.parametrize("evil", ["</svg><script>x</script>", "\"&'<", "(\\) Tj ET q", "a\x0bb\x00"])
def test_no_name_breaks_out_of_a_picture(evil: str) -> None:
    """A code's name could end the text and draw, or run, what it likes."""
    made = files(pictures_of(hostile(evil)))
    for name, data in made.items():
        if name.endswith(".svg"):
            tags = {element.tag for element in etree.fromstring(data).iter()}
            assert tags <= {SVG + tag for tag in ("svg", "title", "desc", "rect", "line", "circle", "text")}
        elif name.endswith(".png"):
            Image.open(io.BytesIO(data)).verify()


def test_the_same_study_gives_the_same_bytes() -> None:
    assert render_figures(bridge()) == render_figures(bridge())


def test_names_that_would_be_one_file_are_told_apart() -> None:
    """The picture of one attribute would take the place of another's."""
    talks = [
        builders.transcript(f"t{i}.txt", ("P", "I ring."), case=f"C{i}", attributes={"a b": str(i), "A_B": str(i % 2)})
        for i in range(4)
    ]
    names = [picture.name for parts in pictures_of(builders.study(talks, CODES)).values() for picture in parts]
    assert len({name.casefold() for name in names}) == len(names)


def test_a_picture_of_many_codes_is_drawn_in_parts_that_fit_a_page() -> None:
    """Shrunk to a page, the names of fifty codes could not be read; and no code may fall between two parts."""
    sizes = {"what_works": 9, "barriers": 30, "signs_of_progress": 12}
    codes = {f"{lens[0]}{i:02}x": builders.code(f"{lens} {i:02}", lens) for lens, n in sizes.items() for i in range(n)}
    talks = [builders.transcript(f"t{i}.txt", ("P", " ".join(codes)), case=f"C{i}", wave="12"[i % 2]) for i in range(4)]
    study = builders.study(talks, codes)
    drawn = pictures_of(study)
    names = sorted(code.name for code in codes.values())
    for key in ("attribute wave", "cases"):
        assert [len(drawn[key]) for key in ("attribute wave", "cases")] == [3, 3]
        rows = [m.text for one in drawn[key] for m in one.marks if isinstance(m, Words) and m.otherwise[:3] == "row"]
        assert sorted(rows) == names
    told = {one.name: one for one in drawn["attribute wave"]}
    assert list(told) == ["by_wave", "by_wave_2", "by_wave_3"]
    assert "Barriers: barriers 00 (wave 1: 2 of 2, wave 2: 2 of 2)" in " ".join(one.alt for one in told.values())
    assert [one.title[-11:].replace("\N{NO-BREAK SPACE}", " ") for one in told.values()] == [
        f"part {i} of 3" for i in (1, 2, 3)
    ]
    assert all(one.height <= figures._TALL + 10 for parts in drawn.values() for one in parts)


def test_lenses_have_the_colours_of_the_page() -> None:
    """Who knows barriers by their colour on the page would take them for something else on paper."""
    light = CSS[: CSS.index("@media")]
    assert dict(re.findall(r"--l(\d): (#\w+)", light)) == {str(i): c for i, c in enumerate(figures._COLOURS)}


@given(st.text(min_size=1), st.floats(20, 300))
def test_a_shortened_text_has_room(text: str, room: float) -> None:
    found = shortened(text, room, 9)
    assert length(found, 9) <= room
    assert "\n" not in found
