"""What programs really write comes in with every coding on its words, and the report says what was lost, guessed or moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.refi import twins
from tests.refi.pictures import guid_of
from tests.refi.projects import Memory
from tests.refi.twins import ANA, BUS, CODES, QUOTED, SOURCE, TEXT, TRUST, USERS, archived, project, selections, source
from textcoder.domain.memo import MemoOn
from textcoder.domain.standing import Standing
from textcoder.refi.model import Became, Picture, Read, Selection, Source
from textcoder.refi.read import read_book, read_project
from textcoder.refi.write import write_project
from textcoder.settings import Settings
from textcoder.workflow.exchanging import Exchanged, import_refi

TWINS = {"nvivo": twins.nvivo, "maxqda": twins.maxqda, "atlasti": twins.atlasti, "standard": twins.standard}


def words(read: Read) -> list[str]:
    return [s.text[one.start : one.end] for s in read.picture.sources for one in s.selections]


def became(read: Read | Exchanged) -> list[str]:
    return [f"{finding.became.value} {finding.item.split()[0]}" for finding in read.findings]


def one_source(
    inner: str, *parts: str, text: bytes = TEXT.encode(), path: str = f"sources/{SOURCE}.txt", **more: str
) -> Read:
    xml = project(USERS, CODES, f"<Sources>{inner}</Sources>", *parts, **more)
    return read_project(archived({"project.qde": xml, path: text}), "p.qdpx")


@pytest.mark.parametrize("program", TWINS)
def test_every_programs_positions_are_found_from_the_evidence(program: str) -> None:
    """Read as the standard says, only 13 of 303 codings of an NVivo project keep their place."""
    read = read_project(TWINS[program](), "p.qdpx")
    assert words(read) == list(QUOTED)
    assert [c.name for c in read.picture.codes] == ["Trust", "Bus"]
    assert read.picture.codes[1].parent == TRUST
    assert read.picture.sources[0].text == TEXT


@pytest.mark.parametrize(
    "origin", ["", "Some Program 1.0", "NVivo", "MAXQDA"], ids=["no name", "unknown", "as NVivo", "as MAXQDA"]
)
@pytest.mark.parametrize(("utf16", "crlf"), [(False, False), (True, False), (False, True), (True, True)])
def test_the_programs_name_is_not_what_decides(origin: str, utf16: bool, crlf: bool) -> None:
    """A new version counts otherwise; the words of the interview do not lie."""
    inner = source(selections(utf16=utf16, crlf=crlf))
    assert words(one_source(inner, origin=origin)) == list(QUOTED)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.sampled_from(["bus", "😀", "cafe\u0301", "\n", "I wait.", "👩‍👧 now", "Trust"]), min_size=8, max_size=40
    )
)
def test_positions_are_found_in_any_text(parts: list[str]) -> None:
    text = " ".join(["Mira:", *parts])
    spots = [part for part in dict.fromkeys(parts) if part != "\n"]
    inner = source(selections(text, spots, utf16=True, crlf=True, names=True))
    assert words(one_source(inner, text=("\ufeff" + text.replace("\n", "\r\n")).encode(), origin="NVivo")) == sorted(
        spots, key=lambda part: (text.index(part), len(part))
    )


def test_a_byte_order_mark_that_counts_is_found() -> None:
    inner = source(selections(before=1, names=True))
    assert words(one_source(inner, text=("\ufeff" + TEXT).encode())) == list(QUOTED)


def test_a_quotation_that_stands_elsewhere_wins_over_its_position() -> None:
    """An export with positions off by one line would put codes on half words, and nobody would see it."""
    inner = source(selections(names=True).replace(f'startPosition="{TEXT.index(QUOTED[2])}"', 'startPosition="3"'))
    read = one_source(inner)
    assert sorted(words(read)) == sorted(
        [TEXT[TEXT.index(QUOTED[2]) :][: len(words(read)[2])], *(q for q in QUOTED if q != QUOTED[2])]
    )
    assert became(read) == ["moved selection"]


@pytest.mark.parametrize("side", [True, False])
@pytest.mark.parametrize("moved", [(3, 3), (0, 3), (3, 0)], ids=["both ends", "the end", "the beginning"])
def test_a_span_of_ours_that_somebody_moved_comes_back_to_its_words(moved: tuple[int, int], side: bool) -> None:
    """An export that a script had edited would bring in half words as what a person coded, and say nothing."""
    spans = [(TEXT.index(quoted), TEXT.index(quoted) + len(quoted)) for quoted in QUOTED]
    held = tuple(Selection(guid_of(600 + i), *span) for i, span in enumerate(spans))
    ours = write_project(
        Picture("Bridge", sources=(Source(SOURCE, "Mira", TEXT, selections=held),)), side=b"{}" if side else None
    )
    assert (became(read_project(ours, "p.qdpx")), words(read_project(ours, "p.qdpx"))) == ([], list(QUOTED))
    start, end = spans[2]
    xml = _member(ours, "project.qde").decode()
    for name, at, by in (("startPosition", start, moved[0]), ("endPosition", end, moved[1])):
        assert f'{name}="{at}"' in xml
        xml = xml.replace(f'{name}="{at}"', f'{name}="{at + by}"')
    kept = {name: _member(ours, name) for name in (f"sources/{SOURCE}.txt", *(["textcoder.json"] if side else []))}
    read = read_project(archived({"project.qde": xml.encode(), **kept}), "p.qdpx")
    assert words(read) == list(QUOTED)
    assert became(read) == ["moved selection", *(["lost side"] if side else [])]


def test_blanks_and_what_no_name_can_hold_make_a_quotation_of_ours_no_other() -> None:
    """An export of a table's text, blanks by the hundred in it, would come back with a warning at each span."""
    text = f"Mira:{' ' * 400}yes{' ' * 400}and\x01no, and yes"
    spans = [(5, 809), (405, 812), (text.index("and"), text.index("and") + 6)]
    held = tuple(Selection(guid_of(600 + i), *span) for i, span in enumerate(spans))
    read = read_project(write_project(Picture("B", sources=(Source(SOURCE, "Mira", text, selections=held),))), "p.qdpx")
    assert sorted((one.start, one.end) for one in read.picture.sources[0].selections) == sorted(spans)
    assert read.findings == ()


@pytest.mark.parametrize("quoted", ["It helps me a lot", "Nobody answers 👩‍👧 the phone after three."])
def test_a_selection_without_end_ends_where_its_quotation_does(quoted: str) -> None:
    """One wrong number would code all the rest of an interview, and both coders would agree on it."""
    text = TEXT + f"\nMira: I wait. {quoted} Really.\n"
    start = text.index(quoted)
    marked = f'name={quoteattr(quoted)} startPosition="{start}" endPosition="99999999"'
    others = selections(text, names=True)
    read = one_source(
        source(others + f'<PlainTextSelection guid="{guid_of(1)}" {marked}/>'), text=text.encode(), origin="NVivo 14"
    )
    (one,) = [one for one in read.picture.sources[0].selections if one.guid == guid_of(1)]
    assert text[one.start : one.end] == quoted
    (told,) = read.findings
    assert told.why == (
        f'It reached beyond the text; it was cut to the words that its name quotes (in "Mira", {start}-99999999).'
    )


def test_what_the_report_names_can_be_found_and_is_named_once() -> None:
    """A GUID alone sends somebody through thirty interviews; one selection counted twice, to look for another that is not there."""
    beyond = (
        f'<PlainTextSelection guid="{guid_of(1)}" startPosition="5000" endPosition="5010" creatingUser="{guid_of(9)}">'
        f'<Coding guid="{guid_of(2)}"><CodeRef targetGUID="{guid_of(3)}"/></Coding></PlainTextSelection>'
        f'<PlainTextSelection guid="{guid_of(1)}" name="Words of the part that was cut away." startPosition="5000" endPosition="5010"/>'
        f'<PlainTextSelection guid="{guid_of(4)}" startPosition="7"/>'
    )
    page = f'<PDFSource guid="{guid_of(20)}" name="Letter"><PDFSelection guid="{guid_of(21)}" page="2"/></PDFSource>'
    read = one_source(source(selections(names=True) + beyond) + page)
    mine = [one for one in read.findings if one.item.startswith(("selection", "coding", "Plain", "PDFSelection"))]
    assert Counter(became(read)) == {
        "guessed selection": 1,  # the user
        "lost coding": 1,
        "guessed PlainTextSelection": 1,  # one GUID twice
        "lost selection": 3,
        "lost PDFSelection": 1,
        "lost PDFSource": 1,
    }
    assert sum("5000-5010" in one.why for one in mine) == 5
    assert {one.why.rpartition("(")[2] for one in mine} == {
        'in "Mira", 5000-5010).',
        'in "Mira").',
        'in "Letter", page 2).',
    }


def test_the_inner_file_may_have_any_name_and_that_is_said() -> None:
    read = read_project(twins.atlasti(), "p.qdpx")
    assert "guessed archive" in became(read)
    assert "moved code" in became(read)
    assert [one.description for one in read.picture.sources[0].selections] == ["Ask again."] * 4


def test_a_mark_before_the_xml_and_paths_without_a_scheme_are_read() -> None:
    xml = b"\xef\xbb\xbf" + project(USERS, CODES, f"<Sources>{source(selections(), path=f'{SOURCE}.TXT')}</Sources>")
    read = read_project(archived({"project.qde": xml, f"Sources/{SOURCE}.txt": TEXT.encode()}), "p.qdpx")
    assert (words(read), became(read)) == (list(QUOTED), ["guessed source"])


@pytest.mark.parametrize(
    "namespace", ["urn:QDA-XML:codebook:1.0", "urn:QDA-XML:codebook:1:0", "urn:QDA-XML:codebook:0:4", ""]
)
def test_every_namespace_of_a_codebook_is_read(namespace: str) -> None:
    """A codebook of three programs out of four would be refused."""
    space = f'xmlns="{namespace}"' if namespace else ""
    sets = f'<Sets><Set guid="{guid_of(5)}" name="Core"><MemberCode guid="{BUS}"/></Set></Sets>'
    inner = CODES.removeprefix("<CodeBook>").removesuffix("</CodeBook>")
    book, findings = read_book(f"<CodeBook {space} origin='X'>{inner}{sets}</CodeBook>".encode(), "c.qdc")
    assert [(c.name, c.colour, c.parent) for c in book.codes] == [("Trust", "#FF8800", None), ("Bus", "", TRUST)]
    assert (book.sets[0].codes, findings) == ((BUS,), ())


def test_comments_are_found_wherever_programs_put_them() -> None:
    """ATLAS.ti writes a description, MAXQDA a selection without a coding, NVivo a link to a note."""
    note = guid_of(50)
    notes = f'<Notes><Note guid="{note}" name="M" creatingUser="{ANA}"><PlainTextContent>Look again.</PlainTextContent></Note></Notes>'
    link = f'<Links><Link guid="{guid_of(51)}" direction="Associative" originGUID="{guid_of(600)}" targetGUID="{note}"/></Links>'
    place = f'guid="{guid_of(52)}" startPosition="0" endPosition="11"'
    bare = f"<PlainTextSelection {place}><Description>An aside.</Description></PlainTextSelection>"
    read = one_source(source(selections() + bare), notes, link)
    held = {one.guid: one for one in read.picture.sources[0].selections}
    assert held[guid_of(600)].notes == (note,)
    assert (held[guid_of(52)].description, held[guid_of(52)].codings) == ("An aside.", ())
    assert became(read) == []


def test_what_makes_no_sense_is_named_and_the_rest_goes_on() -> None:
    """One zero-length selection would cost a whole project, or vanish without a word."""
    odd = (
        f'<PlainTextSelection guid="{guid_of(1)}" startPosition="5" endPosition="5"/>'
        f'<PlainTextSelection guid="{guid_of(2)}" startPosition="5" endPosition="99999"/>'
        f'<PlainTextSelection guid="{guid_of(3)}" startPosition="x" endPosition="7"/>'
        f'<PlainTextSelection guid="{guid_of(4)}" startPosition="11" endPosition="0"/>'
        f'<PlainTextSelection guid="{guid_of(4)}" startPosition="0" endPosition="11"/>'
        '<PlainTextSelection startPosition="-5" endPosition="-2"/>'
        f'<Coding guid="{guid_of(6)}"><CodeRef targetGUID="{guid_of(99)}"/></Coding>'
        f'<Coding guid="{guid_of(7)}" creatingUser="{guid_of(98)}"><CodeRef targetGUID="{BUS}"/></Coding>'
        f'<NoteRef targetGUID="{guid_of(97)}"/>'
    )
    read = one_source(source(selections() + odd))
    assert set(QUOTED) <= set(words(read))
    assert sorted(became(read)) == sorted(
        [
            "lost selection",  # no position
            "guessed selection",  # ends changed over
            "guessed PlainTextSelection",  # one GUID twice
            "guessed PlainTextSelection",  # none
            "lost coding",
            "guessed coding",
            "lost source",
            "lost selection",  # no words
            "moved selection",  # beyond the end
            "lost selection",  # before the beginning
        ]
    )


def test_control_characters_do_not_break_a_project() -> None:
    xml = project(USERS, CODES.replace("Told as trust", "Told\x0b as &#x1F; trust"))
    read = read_project(archived({"project.qde": xml}), "p.qdpx")
    assert read.picture.codes[0].description == "Told as  trust."
    assert became(read) == ["lost XML"]


def test_pictures_recordings_and_pages_are_reported_and_their_text_is_taken() -> None:
    """A scanned page or a recording cannot be coded here; that it is missing must be said."""
    point = '<SyncPoint guid="{}" timeStamp="{}" position="{}"/>'
    points = point.format(guid_of(1), 0, 0) + point.format(guid_of(2), 2000, 45) + point.format(guid_of(3), 9000, 80)
    spoken = f'<TranscriptSelection guid="{guid_of(4)}" fromSyncPoint="{guid_of(1)}" toSyncPoint="{guid_of(2)}"/>'
    coding = f'<Coding guid="{guid_of(6)}"><CodeRef targetGUID="{BUS}"/></Coding>'
    heard = f'<AudioSelection guid="{guid_of(5)}" begin="2500" end="8000">{coding}</AudioSelection>'
    audio = (
        f'<AudioSource guid="{guid_of(10)}" name="Call"><Transcript guid="{guid_of(11)}"><PlainTextContent>{TEXT}</PlainTextContent>'
        f"{points}{spoken}</Transcript>{heard}</AudioSource>"
    )
    pdf = (
        f'<PDFSource guid="{guid_of(20)}" name="Letter"><PDFSelection guid="{guid_of(21)}" page="1" firstX="0"/>'
        f'<Representation guid="{guid_of(22)}"><PlainTextContent>{TEXT}</PlainTextContent>{selections()}</Representation></PDFSource>'
    )
    picture = f'<PictureSource guid="{guid_of(30)}" name="Wall"/>'
    read = one_source(audio + pdf + picture)
    call, letter = read.picture.sources
    assert [(p.offset, p.ms) for p in call.sync] == [(0, 0), (45, 2000), (80, 9000)]
    assert [(s.start, s.end) for s in call.selections] == [(0, 45), (45, 80)]
    assert [letter.text[s.start : s.end] for s in letter.selections] == list(QUOTED)
    assert became(read) == ["moved selection", "lost PDFSelection", "lost PictureSource"]


# --- into a project ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., tuple[Memory, Exchanged]]:
    def taken(data: bytes, store: Memory | None = None, name: str = "p.qdpx") -> tuple[Memory, Exchanged]:
        store = store or Memory()
        (tmp_path / name).write_bytes(data)
        return store, import_refi(store, tmp_path / name, Settings())

    return taken


@pytest.mark.parametrize("program", TWINS)
def test_a_project_of_another_program_becomes_one_of_ours(
    take: Callable[..., tuple[Memory, Exchanged]], program: str
) -> None:
    """Codings would have to be made again by hand; as decisions they can be undone, and they teach the machine."""
    store, done = take(TWINS[program]())
    (transcript,) = store.transcripts()
    assert (transcript.name, transcript.text) == ("Mira.txt", TEXT)
    assert (done.how, done.transcripts, done.codings, done.coders) == ("taken in", 1, 4, ("Ana",))
    standing = Standing(store.decisions())
    bus = standing.codebook.find("Bus")
    assert bus is not None and standing.codebook.get(bus.parent or "") == standing.codebook.find("Trust")
    said = list(standing.codings.values())
    assert [transcript.quotation(c.start, c.end) for c in said] == list(QUOTED)
    assert {(c.coder, c.code, c.status.value) for c in said} == {("Ana", bus.id, "accepted")}
    assert {d.at for d in store.decisions() if d.kind.value == "set_coding"} == {"2021-03-04T05:06:07+00:00"}
    stamp = store.stamp()
    _, again = take(TWINS[program](), store)
    assert (again.transcripts, again.codes, again.codings, again.memos, again.same) == (0, 0, 0, 0, 4)
    assert store.stamp() == stamp


def test_new_guids_at_each_export_make_no_second_project(take: Callable[..., tuple[Memory, Exchanged]]) -> None:
    """ATLAS.ti makes new GUIDs each time; a second import would double texts, codes and codings."""
    store, _ = take(twins.atlasti())
    data = twins.atlasti()
    xml = _member(data, "Bridge study.qde").replace(b"-4000-8000-", b"-4abc-8000-")
    text = _member(data, f"sources/{SOURCE}.txt")
    _, again = take(
        archived({"Bridge study.qde": xml, f"sources/{SOURCE.replace('-4000-', '-4abc-')}.txt": text}), store
    )
    assert (again.transcripts, again.codes, again.codings, again.memos, again.same) == (0, 0, 0, 0, 4)
    assert (len(store.transcripts()), len(store.codebook())) == (1, 2)


def _member(data: bytes, name: str) -> bytes:
    import io
    import zipfile

    return zipfile.ZipFile(io.BytesIO(data)).read(name)


VARIABLES = (
    f'<Variables><Variable guid="{guid_of(40)}" name="Site" typeOfVariable="Text"/>'
    f'<Variable guid="{guid_of(41)}" name="Age" typeOfVariable="Integer"/></Variables>'
)
VALUES = (
    f'<VariableValue><VariableRef targetGUID="{guid_of(40)}"/><TextValue>Harbour</TextValue></VariableValue>'
    f'<VariableValue><VariableRef targetGUID="{guid_of(41)}"/><IntegerValue>44</IntegerValue></VariableValue>'
)
SITS = {
    "a named case with a source (NVivo)": (
        f'<Cases><Case guid="{guid_of(42)}" name="SU01">{VALUES}<SourceRef targetGUID="{SOURCE}"/></Case></Cases>',
        "",
        "SU01",
    ),
    "a case without a name (MAXQDA, Quirkos)": (
        f'<Cases><Case guid="{guid_of(42)}">{VALUES}<SourceRef targetGUID="{SOURCE}"/></Case></Cases>',
        "",
        "Mira",
    ),
    "a case with the GUID of a code": (f'<Cases><Case guid="{BUS}" name="SU01">{VALUES}</Case></Cases>', "", "SU01"),
    "the source": ("", VALUES, "Mira"),
}


@pytest.mark.parametrize("place", SITS)
def test_what_is_known_of_people_is_found_wherever_it_sits(
    take: Callable[..., tuple[Memory, Exchanged]], place: str
) -> None:
    """Comparisons by site and age would have no groups."""
    cases, values, case = SITS[place]
    xml = project(USERS, CODES, VARIABLES, cases, f"<Sources>{source(selections() + values)}</Sources>")
    store, _ = take(archived({"project.qde": xml, f"sources/{SOURCE}.txt": TEXT.encode()}))
    (transcript,) = store.transcripts()
    assert {turn.case for turn in transcript.turns if turn.case} == {case}
    known = {**transcript.attributes, **{k: v for one in store.cases() for k, v in one.attributes.items()}}
    assert (known["site"], known["age"]) == ("Harbour", "44")


def test_one_source_a_respondent_and_two_of_one_name(take: Callable[..., tuple[Memory, Exchanged]]) -> None:
    """A survey in MAXQDA is hundreds of small sources; two interviews may be called alike."""
    members = {f"sources/{guid_of(i)}.txt": f"The bus helps me on day {i}.".encode() for i in range(1, 6)}
    inner = "".join(
        source("", path=f"internal://{guid_of(i)}.txt", guid=guid_of(i), name="Respondent/1" if i < 3 else f"R{i}")
        for i in range(1, 6)
    )
    store, done = take(archived({"project.qde": project(USERS, CODES, f"<Sources>{inner}</Sources>"), **members}))
    assert done.transcripts == 5
    assert [t.name for t in store.transcripts()] == [
        "R3.txt",
        "R4.txt",
        "R5.txt",
        "Respondent_1 (2).txt",
        "Respondent_1.txt",
    ]
    assert "moved source" in became(done)


def test_codes_of_one_name_are_told_apart_and_missing_times_are_said(
    take: Callable[..., tuple[Memory, Exchanged]],
) -> None:
    """NVivo allows "Positive" below two codes; here a name stands once under a lens."""
    twin = CODES.replace(
        "</Codes>",
        f'<Code guid="{guid_of(8)}" name="Phone" isCodable="false"><Code guid="{guid_of(9)}" name="Bus" isCodable="true"/></Code></Codes>',
    )
    xml = project(
        USERS, twin, f"<Sources>{source(selections(at=''))}</Sources>", attributes='basePath="/home/ana/secret"'
    )
    store, done = take(archived({"project.qde": xml, f"sources/{SOURCE}.txt": TEXT.encode()}))
    assert [code.name for code in store.codebook()] == ["Trust", "Bus", "Phone", "Phone::Bus"]
    assert became(done) == ["moved code", "guessed codings"]
    assert not any("secret" in finding.why for finding in done.findings)
    stamp = store.stamp()
    take(archived({"project.qde": xml, f"sources/{SOURCE}.txt": TEXT.encode()}), store)
    assert store.stamp() == stamp


def test_a_lens_that_another_program_shows_as_a_folder_is_the_lens_again(
    take: Callable[..., tuple[Memory, Exchanged]],
) -> None:
    """Codes would lose whether they help or hinder by a journey through NVivo."""
    bus = f'<Code guid="{BUS}" name="Bus" isCodable="true"/>'
    folder = (
        f'<CodeBook><Codes><Code guid="{guid_of(8)}" name="Barriers" isCodable="false">{bus}</Code></Codes></CodeBook>'
    )
    xml = project(USERS, folder, f"<Sources>{source(selections())}</Sources>")
    store, _ = take(archived({"project.qde": xml, f"sources/{SOURCE}.txt": TEXT.encode()}))
    assert [(code.name, code.lens, code.parent) for code in store.codebook()] == [("Bus", "barriers", None)]


def test_comments_become_memos_of_who_wrote_them(take: Callable[..., tuple[Memory, Exchanged]]) -> None:
    note = guid_of(50)
    notes = (
        f'<Notes><Note guid="{note}" name="M" creatingUser="{ANA}"><PlainTextContent>On trust.</PlainTextContent></Note>'
        f'<Note guid="{guid_of(53)}" name="M"><PlainTextContent>Of nothing.</PlainTextContent></Note></Notes>'
    )
    noted = CODES.replace("</Description>", f'</Description><NoteRef targetGUID="{note}"/>')
    xml = project(
        USERS, noted, f"<Sources>{source('<Description>A call.</Description>' + selections())}</Sources>", notes
    )
    store, done = take(archived({"project.qde": xml, f"sources/{SOURCE}.txt": TEXT.encode()}))
    memos = {(m.on, m.text, m.coder) for m in Standing(store.decisions()).memos.values()}
    assert memos == {
        (MemoOn.CODE, "On trust.", "Ana"),
        (MemoOn.PROJECT, "Of nothing.", "researcher"),
        (MemoOn.TRANSCRIPT, "A call.", "researcher"),
    }
    assert done.memos == 3
    assert not [f for f in done.findings if f.became is Became.LOST]
