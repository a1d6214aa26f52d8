"""Pseudonyms for a project: names are proposed, reviewed, and replaced for good in a new project; the key goes into a file of its own.

The pseudonymised project is written anew (see docs/decisions/0011-pseudonyms.md): no page of its database, no log, no export and no archive
has ever held a name that was replaced. What it was lies in the key only, from which it can be made again, with all that was done since.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from textcoder.domain.acts import write_memo
from textcoder.domain.coding import Coder
from textcoder.domain.decision import By
from textcoder.domain.labels import is_machine_label, role_named
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Outcome, Transcript
from textcoder.errors import InvalidDecision, InvalidTable, OutputError, StoreError
from textcoder.pseudonyms import (
    PERSON,
    Choice,
    Form,
    Leak,
    Mention,
    Moves,
    Piece,
    Replacer,
    Row,
    Source,
    find_leaks,
    find_mentions,
    load_recogniser,
    number_of,
    propose,
    read_key,
    without_overlaps,
    write_key,
)
from textcoder.settings import Settings
from textcoder.store import Store, open_store
from textcoder.workflow.importing import MARK, import_files
from textcoder.workflow.reading import Reading
from textcoder.workflow.restoring import Whole, restore, whole
from textcoder.workflow.retelling import Told, retell
from textcoder.workflow.steps import RESEARCHER, Progress, many, now, silent

if TYPE_CHECKING:
    from textcoder.pseudonyms import Finder, Recogniser

COLUMNS = ("name", "kind", "count", "files", "context", "pseudonym", "decision", "file", "why")
_TEXT_ENDINGS = (".txt", ".md")
_PART = re.compile(r"[A-ZÀ-Þ]?[a-zß-ÿ]+|[A-ZÀ-Þ]+(?![a-zß-ÿ])")
_PSEUDONYM = re.compile(r"\[[^\[\]\n]{1,40}\]")


# --- propose ----------------------------------------------------------------------------------------------------------------------------


def propose_pseudonyms(
    store: Store,
    settings: Settings,
    *,
    recognise: Recogniser | None = None,
    also: Finder | None = None,
    key: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> list[Row]:
    """The review table: each way in which a name, a contact or a number is written in the project, and what would take its place.

    Args:
        store: The project.
        settings: Where the English model lies.
        recognise: Another recogniser of names than the registered model.
        also: Finds more; where it overlaps what we find, ours counts, but for guesses at a part of the other.
        key: Of earlier pseudonyms: what it knows is not asked again.
        progress: Told how far it is.

    Raises:
        ModelNotFound: The English model is not installed.
    """
    project = whole(store)
    reader = recognise or load_recogniser(path=settings.spacy_path)
    return propose(_sources(project, reader, also, settings, progress), _forms_of(key))


def _sources(
    project: Whole, recognise: Recogniser, also: Finder | None, settings: Settings, progress: Progress
) -> list[Source]:
    """All texts and strings of a project with what is found in them, in stable order."""
    sources = []
    transcripts = sorted(project.transcripts, key=lambda one: (one.name, one.id))
    for i, transcript in enumerate(transcripts):
        progress("Looking for names", i, len(transcripts))
        sources.append(_spoken(transcript, recognise, also, settings.language or transcript.language))
        # A heading, and who speaks, are no sentences: what is a name there is found by its place.
        labels = [turn.speaker for turn in transcript.turns if turn.speaker]
        sources += [_label(label, transcript.name) for label in dict.fromkeys(labels)]
    progress("Looking for names", len(transcripts), len(transcripts))
    names = [transcript.name for transcript in transcripts] + sorted(file.path for file in project.files)
    sources += [_file_name(name) for name in dict.fromkeys(names)]
    seen: dict[str, None] = {}

    def note(text: str, file: str) -> str:
        seen[text] = None
        return text

    retell(project, _as_it_is(project), {name: name for name in names}, note)
    # Notes on how a file was read are our own words, but for its name.
    known = {source.text for source in sources} | {file.note for file in project.files}
    others = [text for text in seen if text not in known and re.search(r"[^\W\d_]{2}|\d{4}", text)]
    return sources + [
        Source(text, "", _found(text, found, also), spoken=False)
        for text, found in zip(others, recognise(others), strict=True)
    ]


def _spoken(transcript: Transcript, recognise: Recogniser, also: Finder | None, language: str) -> Source:
    """A transcript with what is found in it; each stretch of words by itself, so that a label is no part of a sentence."""
    bounds = sorted({0, len(transcript.text), *(at for turn in transcript.turns for at in (turn.start, turn.end))})
    stretches = [(a, b) for a, b in pairwise(bounds) if transcript.text[a:b].strip()]
    texts = [transcript.text[a:b] for a, b in stretches]
    # The model reads English; of another language it would hold every second word for a name.
    found = recognise(texts) if language == "en" else [[] for _ in texts]
    mentions = [
        replace(mention, start=start + mention.start, end=start + mention.end)
        for (start, _), text, spans in zip(stretches, texts, found, strict=True)
        for mention in _found(text, spans, also)
    ]
    return Source(transcript.text, transcript.name, mentions)


def _found(text: str, recognised: list[tuple[int, int, str]], also: Finder | None) -> list[Mention]:
    """What we find in a text, and what is found besides; where they overlap ours counts, but for guesses at a part of the other."""
    ours = find_mentions(text, recognised)
    if also is None:
        return ours
    theirs = also(text)
    # A wallet's address has capitals in it: guessed at as names, they alone would be replaced, and the rest would stay.
    ours = [one for one in ours if one.sure or not any(_is_part(one, other) for other in theirs)]
    return without_overlaps([*ours, *theirs])


def _is_part(one: Mention, of: Mention) -> bool:
    within = of.start <= one.start and one.end <= of.end
    return within and one.end - one.start < of.end - of.start


def _label(label: str, file: str) -> Source:
    """A speaker's label: a name, unless it is a role ("Interviewer 2") or a machine's ("SPEAKER_01")."""
    plain = re.sub(r"\s*\(.*?\)", "", label).strip()
    named = bool(re.search(r"[^\W\d_]{2}", plain)) and role_named(label) is None and not is_machine_label(label)
    found = find_mentions(plain)
    if named and not plain.isupper() | plain.islower() and not found:
        found = [Mention(0, len(plain), PERSON)]
    elif named and not found:
        found = [Mention(0, len(plain), PERSON, sure=len(plain) > 3)]
    start = label.find(plain)
    mentions = [replace(m, start=start + m.start, end=start + m.end) for m in found]
    return Source(label, file, mentions, spoken=False, label=True)


def _file_name(name: str) -> Source:
    """A file's name, in which words stand between underscores and other marks."""
    from textcoder.pseudonyms.words import GIVEN_NAMES

    found = [Mention(*part.span(), PERSON) for part in _PART.finditer(name) if part[0].casefold() in GIVEN_NAMES]
    return Source(name, "", found, spoken=False, label=True)


def new_names(
    before: Transcript, after: Transcript, settings: Settings, *, recognise: Recogniser | None = None
) -> list[Mention]:
    """What may tell who somebody is in a corrected text and stands nowhere in the text that it replaces, in its order.

    Which names were replaced lies in the key alone; whether a word looks like one, its text tells.

    Args:
        before: The text with pseudonyms.
        after: The corrected one.
        settings: Where the English model lies.
        recognise: Another recogniser of names than the registered model.

    Raises:
        ModelNotFound: The text is English, and the model is not installed.
    """
    language = settings.language or after.language
    reader = recognise or (load_recogniser(path=settings.spacy_path) if language == "en" else _recognise_none)
    found = list(_spoken(after, reader, None, language).mentions)
    for turn in after.turns:
        if turn.speaker and (at := after.text.rfind(turn.speaker, 0, turn.start)) >= 0:
            named = _label(turn.speaker, after.name).mentions
            found += [replace(one, start=at + one.start, end=at + one.end) for one in named]
    kept = [one.span() for one in _PSEUDONYM.finditer(after.text)]
    return [
        one
        for one in without_overlaps(found)
        if not any(start < one.end and one.start < end for start, end in kept)
        and not re.search(rf"(?<!\w){re.escape(after.text[one.start : one.end])}(?!\w)", before.text, re.IGNORECASE)
    ]


def _recognise_none(texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
    return [[] for _ in texts]


def _as_it_is(project: Whole) -> dict[str, Told]:
    return {
        one.id: Told(one.id, one.name, one.sha256, one.text, project.original[one.sha256], lambda offset: offset)
        for one in project.transcripts
    }


# --- the review table -------------------------------------------------------------------------------------------------------------------


def table_bytes(rows: Sequence[Row], *, ending: str = ".csv") -> bytes:
    """The review table as CSV (UTF-8 with a mark, so that spreadsheets read it) or as XLSX."""
    cells = [[_cell(getattr(row, column)) for column in COLUMNS] for row in rows]
    if ending.casefold() == ".xlsx":
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("pseudonyms")
        sheet.append(list(COLUMNS))
        for line in cells:
            sheet.append([_as_text(cell) for cell in line])
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([[_as_text(cell) for cell in line] for line in cells])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    return str(value.value if isinstance(value, Choice) else value)


def _as_text(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: "+46 70 ..." is a telephone (OWASP, CSV Injection)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell


def read_table(data: bytes, file: str) -> list[Row]:
    """The reviewed table; only name, pseudonym and decision are needed, so that a person can add rows of her own.

    Raises:
        UnreadableFile: It is no table.
        InvalidTable: A column is missing, a decision is none, or a row has no name; names the row.
    """
    from textcoder.formats.rows import read_rows

    grid = read_rows(data, file)
    header = [name.strip().casefold() for name in grid.header]
    missing = [name for name in ("name", "pseudonym", "decision") if name not in header]
    if missing:
        raise InvalidTable(file, f"there is no column {' or '.join(missing)}; keep the headings as they were.", 1)
    rows = []
    for row in grid.rows:
        cells = dict(zip(header, row.cells, strict=True))
        name = cells["name"][1:] if re.match(r"'[=+\-@]", cells["name"]) else cells["name"]
        decision = cells["decision"].strip().casefold()
        if not name.strip():
            raise InvalidTable(file, "there is no name.", row.number)
        if decision not in tuple(Choice):
            raise InvalidTable(file, f"a decision is one of {', '.join(Choice)}.", row.number)
        pseudonym = cells["pseudonym"].strip()
        kind = cells.get("kind", "").strip() or re.sub(r"[\[\]\d]", "", pseudonym).strip()
        rows.append(
            Row(name, kind, 0, 0, cells.get("context", ""), pseudonym, Choice(decision), cells.get("file", "").strip())
        )
    return rows


def forms_from(rows: Sequence[Row], file: str) -> list[Form]:
    """What is to be replaced.

    Raises:
        InvalidTable: A row still asks, has no pseudonym or one in another form, or contradicts an earlier row; names the row.
    """
    forms: dict[tuple[str, str], Form] = {}
    for number, row in enumerate(rows, start=2):
        if row.decision is Choice.ASK:
            asking = sum(one.decision is Choice.ASK for one in rows)
            raise InvalidTable(file, f'decide it: write "replace" or "keep" ({many(asking, "row")} to decide).', number)
        if row.decision is Choice.KEEP:
            continue
        if not _PSEUDONYM.fullmatch(row.pseudonym):
            raise InvalidTable(file, "a pseudonym stands in square brackets, such as [nurse 2].", number)
        if not re.search(r"[^\W_]", row.name):
            raise InvalidTable(file, "a name has letters or digits.", number)
        earlier = forms.setdefault((row.name, row.file), Form(row.name, row.pseudonym, row.kind, row.file))
        if earlier.pseudonym != row.pseudonym:
            raise InvalidTable(file, f"the same name has another pseudonym above, {earlier.pseudonym}.", number)
    if not forms:
        raise InvalidTable(file, "no row is to be replaced.")
    return list(forms.values())


def two_in_capitals(rows: Sequence[Row]) -> str:
    """A sentence on rows that differ in capitals only ("Omar", "omar") and have different pseudonyms: by number, without a name.

    Empty where there are none. Rows of different transcripts may mean different people.
    """
    alike: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for number, row in enumerate(rows, start=2):
        if row.decision is Choice.REPLACE:
            alike[row.name.casefold()].append((number, row))
    found = [
        f"{i} and {j} ({one.pseudonym}, {other.pseudonym})"
        for same in alike.values()
        for (i, one), (j, other) in combinations(same, 2)
        if one.name != other.name
        and one.pseudonym != other.pseudonym
        and ("" in (one.file, other.file) or one.file == other.file)
    ]
    said = "differ in capitals only and have different pseudonyms: give them one if they mean the same."
    return f"Rows {', '.join(found)} {said}" if found else ""


# --- apply ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done.

    Attributes:
        names: How many people, places and other things have a pseudonym by this.
        places: How many places in the transcripts were replaced, not counting texts that were put away when they were corrected.
        transcripts: In how many transcripts; likewise.
    """

    names: int
    places: int
    transcripts: int


def apply_pseudonyms(
    store: Store,
    forms: Sequence[Form],
    into: Store,
    key: Path,
    passphrase: str,
    *,
    coder: Coder = RESEARCHER,
    earlier: Mapping[str, Any] | None = None,
) -> Applied:
    """Write the project anew with pseudonyms, and the key beside nothing: every coding, memo and decision keeps its words.

    The key is written first and opened again; then what it gives back is compared with the project; only then is the new project written.

    Args:
        store: The project; it stays as it is.
        forms: What is replaced by what.
        into: An empty project, which never sees a name.
        key: The file of the key; one that stands there is continued, with the same passphrase.
        passphrase: Of the key.
        coder: Who does it, for the history of the new project.
        earlier: The opened key of a project whose names were replaced before.

    Raises:
        InvalidDecision: The project has pseudonyms already and their key was not given, or two people would become one.
        StoreError: `into` holds something.
        OutputError: The key cannot be written.
    """
    if into.transcripts() or into.decisions():
        raise StoreError("The pseudonymised project needs a place of its own; name a new folder with --to.")
    if (mark := store.value(MARK)) is not None and (earlier or {}).get("id") != mark["key"]:
        raise InvalidDecision("Names of this project were replaced before; give the key of then, to be continued.")
    project = whole(store)
    new, layer, done = _pseudonymised(project, forms)
    _refuse_loss(project, new, layer)
    values = {
        "id": (earlier or {}).get("id") or uuid4().hex,
        "layers": [*(earlier or {}).get("layers", ()), layer],
    }
    write_key(key, values, passphrase)
    if read_key(key, passphrase) != values:
        raise OutputError(f"{key} does not hold what was written; nothing else was done. Choose another place.")
    _write(into, new, {"key": values["id"], "names": done.names}, coder, done)
    return done


def _write(into: Store, new: Whole, mark: Mapping[str, Any], coder: Coder, done: Applied) -> None:
    with into.transaction():
        restore(new, into)
        into.save_value(MARK, dict(mark))
        into.save_coder(coder)
        by = By(coder.id, now(), "pseudonyms")
        said = (
            f"{many(done.names, 'name')} replaced by pseudonyms at {many(done.places, 'place')} in "
            f"{many(done.transcripts, 'transcript')}."
        )
        memo = Memo(uuid4().hex, MemoOn.PROJECT, "", said, coder.id, by.at)
        into.append(write_memo(Standing(into.decisions()), memo, by))


def _pseudonymised(project: Whole, forms: Sequence[Form]) -> tuple[Whole, dict[str, Any], Applied]:
    """The project with pseudonyms, the layer of the key that takes them off again, and what was done."""
    cuts, exact = _offsets(project), Replacer(forms)
    pieces = {one.id: exact.pieces(one.text, file=one.name, cuts=cuts[one.id]) for one in project.transcripts}
    # A word that is left without its capital is a plain word: in memos, too, only "Hope" is replaced, not "hope".
    left = (Moves(pieces[one.id]).text(one.text) for one in project.transcripts)
    lower = {word for text in left for word in re.findall(r"[^\W\d_]+", text) if word.islower()}
    replacer = Replacer(replace(form, ordinary=form.text.casefold() in lower) for form in forms)
    paths = _new_paths(project, replacer)
    told: dict[str, Told] = {}
    for one in sorted(project.transcripts, key=lambda one: one.id):
        told[one.id] = _told(one, pieces[one.id], paths[one.name])
        others, pad = {other.id for id_, other in told.items() if id_ != one.id}, ""
        while told[one.id].id in others:
            # Two texts that differed in a name only, as before and after its spelling was corrected, stay two.
            pieces[one.id] = [
                *pieces[one.id][: -1 if pad else None],
                Piece(len(one.text), len(one.text), pad := f"{pad}\n"),
            ]
            told[one.id] = _told(one, pieces[one.id], paths[one.name])
    strings: dict[str, dict[str, str]] = defaultdict(dict)

    def words(text: str, file: str) -> str:
        new = replacer.words(text, file=file)
        if new != text:
            strings[paths.get(file, "")].setdefault(new, text)
        return new

    _refuse_merging(project, words)
    new = retell(project, told, paths, words)
    layer = {
        "beside": False,
        "forms": [asdict(form) for form in forms],
        "strings": strings,
        "paths": {new: old for old, new in paths.items()},
        "texts": {told[one.id].id: _kept(project, one, pieces[one.id]) for one in project.transcripts},
        "hashes": {paths[file.path]: file.sha256 for file in project.files},
        "finished": dict(project.finished),
        "values": dict(project.values),
    }
    used = {form.pseudonym for form in forms}
    read = [pieces[one.id] for one in _read(project)]
    return new, layer, Applied(len(used), sum(map(len, read)), sum(map(bool, read)))


def _read(project: Whole) -> list[Transcript]:
    """The transcripts that are read: not those that were put away when they were corrected."""
    replaced = Standing(project.decisions).replaced
    return [one for one in project.transcripts if one.id not in replaced]


def _refuse_merging(project: Whole, words: Callable[[str, str], str]) -> None:
    """Two people who would be one in every count from now on: that is for a person to say, and not by a pseudonym."""
    if twice := _twice([words(case.id, "") for case in project.cases]):
        raise InvalidDecision(
            f"Two cases would be {twice}; give the two people two pseudonyms, or make them one person in the cases table first."
        )
    for one in project.transcripts:
        if twice := _twice([words(speaker or "", one.name) for speaker in one.speakers()]):
            raise InvalidDecision(
                f"Two speakers of one transcript would be {twice}; give them two pseudonyms, or first make them one with "
                "`textcoder decide speaker`."
            )


def _twice(names: Sequence[str]) -> str:
    """The first that stands there twice; empty where none does."""
    return next((name for i, name in enumerate(names) if name in names[:i]), "")


def _offsets(project: Whole) -> Mapping[str, set[int]]:
    """Every offset of which a project speaks, by transcript."""
    seen: dict[str, set[int]] = defaultdict(set)

    def watcher(transcript: str) -> Callable[[int], int]:
        def move(offset: int) -> int:
            seen[transcript].add(offset)
            return offset

        return move

    told = {id_: replace(one, move=watcher(id_)) for id_, one in _as_it_is(project).items()}
    retell(project, told, {path: path for path in _paths_of(project)}, lambda text, file: text)
    return seen


def _told(transcript: Transcript, pieces: Sequence[Piece], name: str) -> Told:
    """A transcript with its pieces replaced. Its original is its text from now on: a DOCX would tell its author, and more."""
    moves = Moves(pieces)
    text = moves.text(transcript.text)
    data = text.encode("utf-8", "surrogatepass")
    sha256 = hashlib.sha256(data).hexdigest()
    return Told(f"t{sha256[:12]}", name, sha256, text, data, moves)


def _new_paths(project: Whole, replacer: Replacer) -> dict[str, str]:
    """Files' paths and transcripts' names without names; what was no plain text says so, since it is now. No two are alike."""
    read = {file.path for file in project.files if file.outcome is Outcome.READ} | {t.name for t in project.transcripts}
    new: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for path in sorted({*(file.path for file in project.files), *(one.name for one in project.transcripts)}):
        name = replacer.words(path, plain=True)
        if path in read and PurePosixPath(name).suffix.casefold() not in _TEXT_ENDINGS:
            name += ".txt"
        taken[name] += 1
        while taken[name] > 1:
            stem = PurePosixPath(name)
            name = str(stem.with_name(f"{stem.stem}-{taken[name]}{stem.suffix}"))
            taken[name] += 1
        new[path] = name
    return new


def _kept(project: Whole, transcript: Transcript, pieces: Sequence[Piece]) -> dict[str, Any]:
    """What the key keeps of a transcript: what stood where, and its original bytes where they are more than its text."""
    original = project.original[transcript.sha256]
    plain = transcript.text.encode("utf-8", "surrogatepass")
    return {
        "id": transcript.id,
        "sha256": transcript.sha256,
        "pieces": [[transcript.text[piece.start : piece.end], piece.start, piece.new] for piece in pieces],
        "data": None if original == plain else base64.b64encode(original).decode(),
    }


def _refuse_loss(project: Whole, new: Whole, layer: Mapping[str, Any]) -> None:
    """Take the pseudonyms off again, in memory: what would not come back is not replaced in the first place."""
    back = _with_originals(new, layer)
    same = (
        [_heart(one) for one in back.transcripts] == [_heart(one) for one in project.transcripts]
        and back.segments == project.segments
        and back.codings == project.codings
        and back.original == project.original
        and [(d.kind, d.target) for d in back.decisions] == [(d.kind, d.target) for d in project.decisions]
    )
    if not same:
        raise StoreError("The project would not come back from its key as it is, so nothing was replaced; report this.")


def _heart(transcript: Transcript) -> tuple[Any, ...]:
    """What of a transcript must come back to the letter."""
    turns = [(turn.start, turn.end, turn.speaker, turn.role, turn.case) for turn in transcript.turns]
    return transcript.id, transcript.name, transcript.sha256, transcript.text, turns


# --- take them off again ----------------------------------------------------------------------------------------------------------------


def restore_originals(store: Store, key: Mapping[str, Any], into: Store) -> int:
    """Write the project anew with the words that it had, and all that was done since; returns how many transcripts it has.

    Args:
        store: The pseudonymised project; it stays as it is.
        key: Its opened key.
        into: An empty project.

    Raises:
        InvalidDecision: The key is another project's.
        StoreError: `into` holds something.
    """
    if into.transcripts() or into.decisions():
        raise StoreError("The project with its names needs a place of its own; name a new folder with --to.")
    _need_key_of(store, key)
    project, layers = whole(store), key["layers"]
    # What was imported since lies beside the first round, not upon it: it comes last, when all rounds upon both are off.
    for layer in [*reversed([one for one in layers if not one["beside"]]), *(one for one in layers if one["beside"])]:
        project = _with_originals(project, layer)
    project = _with_first_names(project, key)
    for layer in layers:
        project = replace(
            project,
            finished={**layer["finished"], **project.finished},
            values={**layer["values"], **project.values},
        )
    restore(project, into)
    return len(_read(project))


def _need_key_of(store: Store, key: Mapping[str, Any]) -> None:
    """A project that came through an archive has lost its mark, and is known by its texts."""
    mark = store.value(MARK)
    if mark is not None and mark["key"] == key.get("id"):
        return
    texts = {text for layer in key.get("layers", ()) for text in layer["texts"]}
    if mark is not None or texts.isdisjoint(one.id for one in store.transcripts()):
        raise InvalidDecision("This key belongs to another project, or nothing was replaced in this one.")


def _with_originals(project: Whole, layer: Mapping[str, Any]) -> Whole:
    """A project as it was before one layer of the key, with what was done since; what the layer does not know stays."""
    strings, texts = layer["strings"], layer["texts"]
    paths = {path: layer["paths"].get(path, path) for path in _paths_of(project)}

    def words(text: str, file: str) -> str:
        if file and file not in layer["paths"]:
            return text
        held = {**strings.get("", {}), **strings.get(file, {})}
        return str(held.get(text, text))

    told = {id_: replace(one, name=paths[one.name]) for id_, one in _as_it_is(project).items()}
    for one in project.transcripts:
        if one.id in texts and _is_as_hashed(one):
            told[one.id] = _told_back(one, texts[one.id], paths[one.name])
    return _with_hashes(retell(project, told, paths, words), project, paths, layer)


def _with_hashes(back: Whole, project: Whole, paths: Mapping[str, str], layer: Mapping[str, Any]) -> Whole:
    """Files that gave no transcript have the hashes again that they had."""
    known = {paths[file.path]: file.sha256 for file in project.files}
    known |= {layer["paths"][path]: sha256 for path, sha256 in layer["hashes"].items() if sha256}
    files = tuple(file if file.sha256 else replace(file, sha256=known.get(file.path, "")) for file in back.files)
    return replace(back, files=files)


def _with_first_names(project: Whole, key: Mapping[str, Any]) -> Whole:
    """Pseudonyms that are in what was written or put right since become the fullest form of the name."""
    fullest = {pseudonym: names[0] for pseudonym, names in who_is_who(key)}
    known = re.compile("|".join(map(re.escape, sorted(fullest, key=lambda one: (-len(one), one)))) or r"(?!)")
    exact = {held["id"] for layer in key["layers"] for held in layer["texts"].values()}

    def words(text: str, file: str) -> str:
        return known.sub(lambda found: fullest[found[0]], text)

    told = _as_it_is(project)
    for one in project.transcripts:
        if one.id not in exact and known.search(one.text):
            pieces = [Piece(*found.span(), fullest[found[0]]) for found in known.finditer(one.text)]
            told[one.id] = _told(one, pieces, one.name)
    paths = {path: path for path in _paths_of(project)}
    return _with_hashes(retell(project, told, paths, words), project, paths, {"paths": paths, "hashes": {}})


def _paths_of(project: Whole) -> list[str]:
    """What files and transcripts of a project are called."""
    return [*(one.name for one in project.transcripts), *(file.path for file in project.files)]


def _is_as_hashed(transcript: Transcript) -> bool:
    return hashlib.sha256(transcript.text.encode("utf-8", "surrogatepass")).hexdigest() == transcript.sha256


def _told_back(transcript: Transcript, held: Mapping[str, Any], name: str) -> Told:
    """A transcript whose text nobody has changed: just as it was."""
    pieces, shift = [], 0
    for old, start, new in held["pieces"]:
        pieces.append(Piece(start + shift, start + shift + len(new), old))
        shift += len(new) - len(old)
    moves = Moves(pieces)
    text = moves.text(transcript.text)
    plain = text.encode("utf-8", "surrogatepass")
    data = plain if held["data"] is None else base64.b64decode(held["data"])
    return Told(held["id"], name, held["sha256"], text, data, moves)


# --- new files --------------------------------------------------------------------------------------------------------------------------


def import_pseudonymised(
    store: Store,
    paths: Sequence[Path],
    settings: Settings,
    key: Path,
    passphrase: str,
    *,
    reading: Reading | None = None,
    forms: Sequence[Form] = (),
    decided: Iterable[str] = (),
    recognise: Recogniser | None = None,
    also: Finder | None = None,
    progress: Progress = silent,
) -> tuple[int, list[Row]]:
    """Read new files into a pseudonymised project: they are read in memory, and only their pseudonymised text is kept.

    Args:
        store: The pseudonymised project.
        paths: Files and folders.
        settings: As for `import_files`.
        key: Its key, which is continued.
        passphrase: Of the key.
        reading: As for `import_files`.
        forms: New names and their pseudonyms, from a reviewed table.
        decided: Names of that table, whether replaced or kept: they are not asked again.
        recognise: Another recogniser of names than the registered model.
        also: Finds more; see `propose_pseudonyms`.
        progress: Told how far it is.

    Returns:
        How many transcripts are new, and the rows of names that the key does not know: if there are any, nothing was imported.
    """
    opened = read_key(key, passphrase)
    _need_key_of(store, opened)
    memory = open_store("sqlite://")
    try:
        import_files(memory, paths, settings, reading=reading or Reading(), progress=progress)
        project = whole(memory)
        rows = propose_pseudonyms(memory, settings, recognise=recognise, also=also, key=opened, progress=progress)
    finally:
        memory.close()
    known = {*decided, *(form.text for form in forms), *(form.text for form in _forms_of(opened))}
    waiting = [row for row in rows if row.name not in known]
    if waiting:
        return 0, waiting
    every = {(form.text, form.file): form for form in (*_forms_of(opened), *forms)}
    new, layer, _ = _pseudonymised(project, list(every.values()))
    _refuse_loss(project, new, layer)
    there = {transcript.id for transcript in store.transcripts()}
    names = {file.path for file in store.files()}
    if clash := {file.path for file in new.files} & names - {
        f.path for f in store.files() if f.transcript in {t.id for t in new.transcripts}
    }:
        raise InvalidDecision(
            f"{many(len(clash), 'file')} of these names are in the project already; give the new ones other names."
        )
    write_key(key, {**opened, "layers": [*opened["layers"], {**layer, "beside": True}]}, passphrase)
    cases = {case.id for case in store.cases()}
    with store.transaction():
        store.save_cases([case for case in new.cases if case.id not in cases])
        for transcript in new.transcripts:
            file = next(one for one in new.files if one.transcript == transcript.id and one.outcome is Outcome.READ)
            mine = [segment for segment in new.segments if segment.transcript == transcript.id]
            store.add_transcript(transcript, mine, file=file, original=new.original[transcript.sha256])
        for file in new.files:
            store.record_file(file)
    return len({transcript.id for transcript in new.transcripts} - there), []


# --- look -------------------------------------------------------------------------------------------------------------------------------


def _forms_of(key: Mapping[str, Any] | None) -> list[Form]:
    """All that a key replaces, the first layer first."""
    forms = {
        (form["text"], form["file"]): Form(**form) for layer in (key or {}).get("layers", ()) for form in layer["forms"]
    }
    return list(forms.values())


def who_is_who(key: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Each pseudonym with what it stands for, as it is written; the longest way first."""
    held: dict[str, set[str]] = defaultdict(set)
    for form in _forms_of(key):
        held[form.pseudonym].add(form.text)
    return [
        (one, tuple(sorted(names, key=lambda name: (-len(name), name))))
        for one, names in sorted(held.items(), key=lambda item: number_of(item[0]))
    ]


def leaks_in(paths: Iterable[Path], key: Mapping[str, Any]) -> list[Leak]:
    """Files that still hold a name of the key, with which and where; see `textcoder.pseudonyms.leaks`."""
    return find_leaks(paths, [form.text for form in _forms_of(key)])
