"""One function for each thing a user does. The rooms meet here, and only here; each function is a short list of named steps.

A step is remembered with a key made of all that it depends on. A step whose key has not changed is not repeated, and each step is
one transaction, so that work can be stopped at any moment and goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textcoder import __version__
from textcoder.domain.codebook import Code, Codebook, CodeStatus, Example, Origin, code_id
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import Decision, DecisionKind, codebook_of, roles_of, set_code, set_role
from textcoder.domain.project import NO_LENS, Case, Project
from textcoder.domain.study import Study
from textcoder.domain.theme import Theme, ThemeMap, ThemeStatus
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, Transcript
from textcoder.errors import NothingToCode, UnknownItem, UnreadableFile
from textcoder.settings import Settings

if TYPE_CHECKING:
    from textcoder.cases import CaseTable
    from textcoder.embeddings import Embedder
    from textcoder.formats.tables import Columns
    from textcoder.store import Store

Progress = Callable[[str, int, int], None]
"""Told the stage in words, how much is done, and of how much."""

RESEARCHER = Coder("researcher", "Researcher", CoderKind.HUMAN)


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Reading:
    """How files are to be read: what a person says of them.

    Attributes:
        cases: Table of cases and attributes.
        pattern: How file names are built, such as `w{wave}_{case}_{name}`.
        encoding: Of all text files; None finds it for each.
        columns: Of tables; None finds them for each.
        roles: Speaker -> role, for all files.
    """

    cases: Path | None = None
    pattern: str | None = None
    encoding: str | None = None
    columns: Columns | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)


# --- the main job ----------------------------------------------------------------------------------------------------------


def code_batch(
    store: Store,
    paths: Sequence[Path],
    out: Path,
    settings: Settings,
    *,
    reading: Reading | None = None,
    codebook: Path | None = None,
    progress: Progress = silent,
) -> Study:
    """Transcripts in, a coded project out: the whole main job, in one straight line.

    Args:
        store: Where the project is kept.
        paths: Files and folders.
        out: Folder for the results.
        settings: See `Settings`.
        reading: How the files are to be read.
        codebook: A codebook to apply; None drafts one from the themes.
        progress: Told of each stage.

    Raises:
        NothingToCode: No file could be read, or no participant says anything.
        InvalidTable: The cases table or the codebook has a wrong row.
        OutputError: The results cannot be written.
    """
    if codebook is not None:
        import_codebook(store, codebook)
    import_files(store, paths, settings, reading=reading or Reading(), progress=progress)
    place_lenses(store, settings, progress=progress)
    find_themes(store, settings, progress=progress)
    draft_codebook(store)
    code(store, settings, progress=progress)
    study = read_study(store, settings)
    write_results(store, study, out, progress=progress)
    return study


# --- reading ---------------------------------------------------------------------------------------------------------------


def import_files(
    store: Store, paths: Sequence[Path], settings: Settings, *, reading: Reading, progress: Progress = silent
) -> list[SourceFile]:
    """Read files and folders into the project; a file that cannot be read is named with the reason and the rest goes on.

    A file that is there already, read in the same way, is not read again. The same bytes under two names are read once. A file that
    has changed takes the place of what it was.

    Raises:
        UnreadableFile: A path does not exist.
        NothingToCode: No file at all could be read.
    """
    from textcoder.cases import read_case_table

    found = list(_collect(paths, leave_out=reading.cases))
    table = read_case_table(reading.cases) if reading.cases else None
    known = {file.path: file for file in store.files()}
    first_with: dict[str, str] = {}
    outcomes = []
    for i, (path, name) in enumerate(found):
        progress("Reading", i, len(found))
        outcome = _import_file(store, path, name, first_with, settings, reading, table)
        before = known.get(name)
        if before and before.transcript and before.outcome is Outcome.READ and before.transcript != outcome.transcript:
            store.remove_transcript(before.transcript)
        if outcome.outcome is not Outcome.READ:
            store.record_file(outcome)
        else:
            first_with[outcome.sha256] = name
        outcomes.append(outcome)
    progress("Reading", len(found), len(found))
    if not any(file.outcome is Outcome.READ for file in store.files()):
        reasons = " ".join(f.note for f in outcomes if f.note)
        raise NothingToCode(f"None of the {len(found)} files could be read. {reasons}".strip())
    return outcomes


def _collect(paths: Sequence[Path], *, leave_out: Path | None) -> list[tuple[Path, str]]:
    """Each file once with the name it goes by: relative to the folder that was given. Sorted, so that order changes nothing."""
    found: dict[Path, str] = {}
    for path in paths:
        if not path.exists():
            raise UnreadableFile(str(path), "there is no such file or folder.", "Check the spelling.")
        if not path.is_dir():
            found[path.resolve()] = path.name
            continue
        for file in _walk(path):
            found.setdefault(file.resolve(), file.relative_to(path).as_posix())
    if leave_out is not None:
        found.pop(leave_out.resolve(), None)
    names = list(found.values())
    # Two folders may hold files of one name; then the folder's name tells them apart.
    named = {p: n if names.count(n) == 1 else f"{p.parent.name}/{n}" for p, n in found.items()}
    return sorted(named.items(), key=lambda item: (item[1], item[0]))


def _walk(folder: Path) -> list[Path]:
    """All files below, sorted; the system's own (hidden ones, lock files of Word) are not a person's."""
    try:
        entries = sorted(folder.iterdir())
    except PermissionError as error:
        raise UnreadableFile(str(folder), "there is no right to look into this folder.", "Ask its owner, or copy it.") from error
    files: list[Path] = []
    for entry in entries:
        if entry.name.startswith((".", "~$")):
            continue
        files += _walk(entry) if entry.is_dir() else [entry]
    return files


def _import_file(
    store: Store,
    path: Path,
    name: str,
    first_with: Mapping[str, str],
    settings: Settings,
    reading: Reading,
    table: CaseTable | None,
) -> SourceFile:
    """Read one file into the project, or say why not."""
    try:
        data = _bytes_of(path, name, settings)
    except UnreadableFile as error:
        return SourceFile(name, "", Outcome.UNREADABLE, str(error))
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 in first_with:
        return SourceFile(
            name, sha256, Outcome.DUPLICATE, f"{name} holds the same bytes as {first_with[sha256]}; read once.", f"t{sha256[:12]}"
        )
    chosen = roles_of(store.decisions()).get(f"t{sha256[:12]}", {})
    key = _key("read", sha256, name, _reading_settings(settings), asdict(replace(reading, cases=None)), chosen, repr(table))
    done = next((f for f in store.files() if f.path == name and f.outcome is Outcome.READ and f.sha256 == sha256), None)
    if done is not None and store.finished(f"read {name}") == key:
        return done
    try:
        transcript, cases, segments, note = _read(data, name, settings, reading, table, chosen)
    except UnreadableFile as error:
        return SourceFile(name, sha256, Outcome.UNREADABLE, str(error))
    file = SourceFile(name, sha256, Outcome.READ, note, transcript.id)
    with store.transaction():
        store.save_cases(cases)
        store.add_transcript(transcript, segments, file=file, original=data)
        store.finish(f"read {name}", key)
    return file


def _bytes_of(path: Path, name: str, settings: Settings) -> bytes:
    try:
        size = path.stat().st_size
        if size > settings.max_file_mb * 1_000_000:
            raise UnreadableFile(
                name,
                f"the file has {size / 1e6:.0f} MB; the limit is {settings.max_file_mb} MB.",
                "Split it, or raise the limit with --max-file-mb.",
            )
        return path.read_bytes()
    except PermissionError as error:
        raise UnreadableFile(name, "there is no right to read this file.", "Ask its owner, or copy it.") from error
    except OSError as error:
        raise UnreadableFile(name, f"the system could not read it ({error.strerror}).", "Copy it to this machine.") from error


def _read(
    data: bytes,
    name: str,
    settings: Settings,
    reading: Reading,
    table: CaseTable | None,
    chosen: Mapping[str | None, Role],
) -> tuple[Transcript, tuple[Case, ...], list[Segment], str]:
    """From bytes to what is coded: text and turns, roles, cases, segments."""
    from textcoder.cases import assign
    from textcoder.formats import read_source
    from textcoder.roles import guess_roles
    from textcoder.segmentation import segment_transcript

    source = read_source(data, name, settings=settings, encoding=reading.encoding, columns=reading.columns)
    guessed = guess_roles(source.transcript)
    transcript = guessed.with_roles({**reading.roles, **chosen})
    transcript, cases = assign(
        replace(source, transcript=transcript), path_name=name, table=table, pattern=reading.pattern
    )
    return transcript, cases, segment_transcript(transcript, settings), source.note


def _reading_settings(settings: Settings) -> dict[str, Any]:
    names = ("language", "include_interviewer", "min_words", "max_words", "max_file_mb")
    return {name: getattr(settings, name) for name in names} | {"version": __version__}


def assign_roles(store: Store, roles: Mapping[str, Role], *, transcript: str | None = None, coder: Coder = RESEARCHER) -> int:
    """Set the role of speakers, in one transcript (by name) or in all that have them; a decision for each, kept for good.

    Segments follow at the next run. Returns how many decisions were made.

    Raises:
        UnknownItem: No transcript has that name, or no transcript has one of the speakers.
    """
    transcripts = [t for t in store.transcripts() if transcript in (None, t.name, t.id)]
    if not transcripts:
        raise UnknownItem(f'No transcript is called "{transcript}"; the project has {len(store.transcripts())}.')
    missing = set(roles) - {speaker for t in transcripts for speaker in t.speakers()}
    if missing:
        raise UnknownItem(f"No turn is spoken by {', '.join(sorted(missing))}; `textcoder roles` lists the speakers.")
    decisions = [
        set_role(t.id, speaker, before, roles[speaker], coder=coder.id, at=_now())
        for t in transcripts
        for speaker, before in t.speakers().items()
        if speaker is not None and speaker in roles and roles[speaker] is not before
    ]
    with store.transaction():
        store.save_coder(coder)
        store.append(decisions)
    return len(decisions)


# --- lenses, themes, codes -----------------------------------------------------------------------------------------------------


def place_lenses(store: Store, settings: Settings, *, progress: Progress = silent) -> None:
    """See each segment through the lenses.

    Raises:
        NothingToCode: No participant says anything.
    """
    segments, texts = _segments_with_texts(store)
    if not segments:
        raise NothingToCode(
            "No participant's words were found: all speakers seem to be interviewers, or the files hold no sentences. "
            'See `textcoder roles`, and set roles with --role "Name=participant".'
        )
    key = _key("lenses", [s.id for s in segments], _lens_settings(settings))
    if store.finished("lenses") == key:
        return
    from textcoder.lenses import LensHead, place_segments

    head = LensHead.shipped()
    features = head.features(
        texts,
        load=lambda keys: store.vectors(keys, model=head.features_key),
        save=lambda vectors: store.save_vectors(vectors, model=head.features_key),
        settings=settings,
        progress=lambda done, total: progress("Placing under lenses", done, total),
    )
    placements = place_segments([s.id for s in segments], features, head=head, settings=settings)
    with store.transaction():
        store.save_placements(placements)
        store.finish("lenses", key)


def find_themes(store: Store, settings: Settings, *, progress: Progress = silent) -> None:
    """Discover candidate themes, apart for each lens; put in place of the candidates there were."""
    segments, texts = _segments_with_texts(store)
    placements = store.placements()
    project = store.project()
    key = _key("themes", {i: p.lens if not p.abstained else NO_LENS for i, p in placements.items()}, _theme_settings(settings))
    if store.finished("themes") == key:
        return
    vectors = embed(store, texts, settings, progress=progress)
    progress("Finding themes", 0, len(segments))
    from textcoder.segmentation import load_language_model
    from textcoder.themes import ThemeInput, discover_themes

    transcripts = {t.id: t for t in store.transcripts()}
    english = [t for t in transcripts.values() if t.language == "en"]
    nlp = load_language_model("en", path=settings.spacy_path, parse=True) if len(english) * 2 > len(transcripts) else None
    inputs = [
        ThemeInput(
            segment.id,
            text,
            transcripts[segment.transcript].turns[segment.turn].case or "",
            NO_LENS if placements[segment.id].abstained else placements[segment.id].lens,
        )
        for segment, text in zip(segments, texts, strict=True)
    ]
    embedder = _embedder(settings)
    found = discover_themes(
        inputs,
        vectors,
        lenses=[lens.id for lens in project.lenses],
        seed=settings.seed,
        n_themes=settings.themes,
        nlp=nlp,
        embed=embedder.embed,
        progress=lambda done, total: progress("Finding themes", done, total),
    )
    with store.transaction():
        store.save_themes(found)
        store.finish("themes", key)


def draft_codebook(store: Store) -> Codebook:
    """Adopt the candidate themes provisionally: each becomes a code, marked as machine-drafted, with an entry to edit.

    A codebook that a person made or confirmed is not drafted over: the themes then stay candidates beside it. Provisional codes
    whose theme is no longer found are withdrawn; a code that a person has touched never is.
    """
    codebook = store.codebook()
    if any(code.status is CodeStatus.ACTIVE for code in codebook):
        return codebook
    themes = store.themes()
    key = _key("draft", [asdict(theme) for theme in themes.themes], codebook.version)
    if store.finished("draft") == key:
        return codebook
    drafts = _draft_codes(store, themes)
    wanted = {code.id: code for code in drafts.values()}
    machine = Coder("machine", "textcoder", CoderKind.MACHINE, __version__)
    decisions = [
        set_code(code, None, coder=machine.id, at=_now(), why="its theme was not found again")
        for code in codebook
        if code.origin is Origin.MODEL and code.id not in wanted
    ]
    decisions += [
        set_code(codebook.get(code.id), code, coder=machine.id, at=_now(), why="drafted from a theme")
        for code in wanted.values()
        if codebook.get(code.id) != code
    ]
    adopted = ThemeMap(
        tuple(replace(t, status=ThemeStatus.ADOPTED, code=drafts[t.id].id) for t in themes.themes), themes.unassigned
    )
    with store.transaction():
        store.save_coder(machine)
        store.append(decisions)
        store.save_themes(adopted)
        store.finish("draft", _key("draft", [asdict(theme) for theme in adopted.themes], store.codebook().version))
    return store.codebook()


_SEEN_AS = {
    "what_works": ("as something that helps", "where it is told as something that hinders or as a change that has begun"),
    "barriers": ("as something that hinders", "where it is told as something that helps or as overcome"),
    "signs_of_progress": ("as a change for the better", "where it is told as always having been so, or only hoped for"),
}


def _draft_codes(store: Store, themes: ThemeMap) -> dict[str, Code]:
    """Theme id -> the code that stands for it, with a full entry after MacQueen et al. (1998)."""
    transcripts = {t.id: t for t in store.transcripts()}
    segments = {s.id: s for s in store.segments()}
    drafts: dict[str, Code] = {}
    for theme in themes.themes:
        seen_as, not_where = _SEEN_AS.get(theme.lens, ("without taking a stance", "where it is told as a help or as a hindrance"))
        others = [t for t in themes.themes if t.lens == theme.lens and t.id != theme.id]
        nearest = _most_alike(theme, others)
        beside = f' Not for "{nearest.name}" ({", ".join(nearest.keywords[:3])}).' if nearest else ""
        drafts[theme.id] = Code(
            id=code_id(theme.lens, theme.name),
            name=theme.name,
            definition=f"{theme.name}: told {seen_as}.",
            include=f"The speaker speaks of {_listed(theme.keywords[:5])} {seen_as}.",
            exclude=f"Not {not_where}.{beside}",
            examples=tuple(_example(segments[s], transcripts) for s in theme.representatives),
            lens=theme.lens,
            origin=Origin.MODEL,
            status=CodeStatus.PROVISIONAL,
        )
    return drafts


def _most_alike(theme: Theme, others: Sequence[Theme]) -> Theme | None:
    """The theme that shares most keywords; the larger one, then the name, decides between equals."""
    shared = [(len(set(theme.keywords) & set(other.keywords)), len(other.segments), other.name, other) for other in others]
    return max(shared, key=lambda row: row[:3])[3] if shared else None


def _listed(items: Sequence[str]) -> str:
    """ "a, b or c"."""
    return " or ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def _example(segment: Segment, transcripts: Mapping[str, Transcript]) -> Example:
    transcript = transcripts[segment.transcript]
    speaker = transcript.turns[segment.turn].speaker or transcript.turns[segment.turn].case or ""
    return Example(transcript.quotation(segment.start, segment.end), ", ".join(filter(None, (speaker, transcript.name))))


def import_codebook(store: Store, path: Path, *, coder: Coder = RESEARCHER) -> Codebook:
    """Take a codebook that a person wrote or edited (YAML, CSV); each difference is a decision of hers.

    Codes that the file does not have are retired if a person made them, and withdrawn if the machine drafted them.

    Raises:
        InvalidTable: A row is wrong; nothing is changed.
    """
    from textcoder.formats.codebook import read_codebook

    lenses = [lens.id for lens in store.project().lenses]
    codes = read_codebook(_file_bytes(path), path.name, lenses=lenses)
    before = store.codebook()
    given = {code.id: _confirmed(code, before.get(code.id)) for code in codes}
    decisions = [
        set_code(before.get(code.id), code, coder=coder.id, at=_now(), why=f"imported from {path.name}")
        for code in given.values()
        if before.get(code.id) != code
    ]
    for code in before.in_use:
        if code.id not in given:
            after = None if code.status is CodeStatus.PROVISIONAL else replace(code, status=CodeStatus.RETIRED)
            decisions.append(set_code(code, after, coder=coder.id, at=_now(), why=f"not in {path.name}"))
    with store.transaction():
        store.save_coder(coder)
        store.append(decisions)
    return store.codebook()


def _confirmed(code: Code, before: Code | None) -> Code:
    """A drafted entry that comes back from a person's file is hers: confirmed as it stands, whether she changed it or not."""
    return replace(code, status=CodeStatus.ACTIVE) if code.status is CodeStatus.PROVISIONAL else code


def _file_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(str(path), f"the file cannot be read ({error.strerror}).", "Check its name and rights.") from error


def code(store: Store, settings: Settings, *, progress: Progress = silent) -> None:
    """Suggest codes for every segment, under the machine's own name; what people coded is never touched."""
    segments, texts = _segments_with_texts(store)
    placements, codebook, themes = store.placements(), store.codebook(), store.themes()
    members = {s: theme.code for theme in themes.themes if theme.code for s in theme.segments}
    key = _key("code", [asdict(c) for c in codebook.in_use], sorted(members.items()), store.finished("lenses"), _code_settings(settings))
    if store.finished("code") == key:
        return
    from textcoder.coder import MACHINE, Calibration, MachineCoder, suggest

    vectors = embed(store, texts, settings, progress=progress)
    progress("Coding", 0, len(segments))
    place = {segment.id: i for i, segment in enumerate(segments)}
    known = {
        entry.id: vectors[[place[s] for s, owner in members.items() if owner == entry.id]]
        for entry in codebook.in_use
        if entry.id in members.values()
    }
    embedder = _embedder(settings)
    coder = MachineCoder(embedder.embed, Calibration.shipped()).fit(codebook.in_use, known)
    codings = suggest(coder, segments, vectors, placements, members, settings)
    with store.transaction():
        store.save_coder(Coder(MACHINE, "textcoder", CoderKind.MACHINE, f"{__version__} {embedder.key}"))
        store.save_codings(codings, coder=MACHINE)
        store.finish("code", key)
    progress("Coding", len(segments), len(segments))


def embed(store: Store, texts: Sequence[str], settings: Settings, *, progress: Progress = silent) -> Any:
    """Vectors of texts (n, d), unit rows; each distinct text is embedded once and kept in the project."""
    from textcoder.embeddings import embed_cached

    embedder = _embedder(settings)
    return embed_cached(
        texts,
        embedder,
        load=lambda keys: store.vectors(keys, model=embedder.key),
        save=lambda vectors: store.save_vectors(vectors, model=embedder.key),
        progress=lambda done, total: progress("Embedding", done, total),
    )


def _embedder(settings: Settings) -> Embedder:
    from textcoder.embeddings import load_embedder

    return load_embedder(settings)


def _segments_with_texts(store: Store) -> tuple[list[Segment], list[str]]:
    transcripts = {t.id: t for t in store.transcripts()}
    segments = store.segments()
    return segments, [transcripts[s.transcript].quotation(s.start, s.end) for s in segments]


# --- looking, reporting ----------------------------------------------------------------------------------------------------------


def read_study(store: Store, settings: Settings) -> Study:
    """The whole project as reports, exports and checks see it."""
    decisions = store.decisions()
    study = Study(
        project=store.project(),
        files=tuple(store.files()),
        transcripts=tuple(store.transcripts()),
        segments=tuple(store.segments()),
        cases=tuple(store.cases()),
        placements=store.placements(),
        themes=store.themes(),
        codebook=codebook_of(decisions),
        codings=tuple(store.codings()),
        coders=tuple(store.coders()),
    )
    return replace(study, manifest=manifest_of(study, decisions, settings))


def manifest_of(study: Study, decisions: Iterable[Decision], settings: Settings) -> dict[str, Any]:
    """What the results rest on: every file with its hash, models with theirs, settings, seed, versions; no times, no home folder."""
    from importlib.metadata import version

    packages = ("bertopic", "numpy", "onnxruntime", "scikit-learn", "scipy", "sentence-transformers", "spacy")
    kept = {name: value for name, value in asdict(settings).items() if name not in ("threads", "encoder_path", "spacy_path")}
    by_people = [d for d in decisions if d.coder != "machine"]
    return {
        "textcoder": __version__,
        "project": {"id": study.project.id, "name": study.project.name, "method": study.project.method.value},
        "files": [asdict(file) for file in study.files],
        "models": [_model_row(name) for name in dict.fromkeys((settings.encoder, "lens-head", "en_core_web_sm"))],
        "settings": kept,
        "codebook_version": study.codebook.version,
        "decisions_by_people": len(by_people),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
    }


def _model_row(name: str) -> dict[str, Any]:
    from textcoder.registry import entries

    entry = entries().get(name)
    if entry is None:
        return {"name": name, "sha256": {}, "source": "named by the user"}
    return {"name": name, "sha256": dict(entry.sha256), "licence": entry.licence, "source": entry.source}


def write_results(store: Store, study: Study, out: Path, *, progress: Progress = silent) -> None:
    """Write report, codebook, tables, texts and manifest into a folder; each file is complete or not there.

    Raises:
        OutputError: The folder cannot be written to, or the disk is full.
    """
    from textcoder.reports import is_complete, write_study

    key = _key("report", study.manifest, store.finished("code"), store.finished("draft"), store.finished("themes"), str(out.resolve()))
    if store.finished("report") == key and is_complete(out):
        return
    progress("Writing the report", 0, 1)
    write_study(study, out)
    store.finish("report", key)
    progress("Writing the report", 1, 1)


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment that a search found; `score` is 1 for words, the cosine for meaning."""

    segment: Segment
    score: float


def search(store: Store, query: str, settings: Settings, *, by_meaning: bool, limit: int = 20) -> list[Hit]:
    """Segments that hold the words (whatever the case of letters), or that mean something alike, best first.

    Search by meaning embeds what has not been embedded yet.
    """
    segments, texts = _segments_with_texts(store)
    if not by_meaning:
        wanted = query.casefold()
        return [Hit(s, 1.0) for s, text in zip(segments, texts, strict=True) if wanted in text.casefold()][:limit]
    scores = embed(store, texts, settings) @ _embedder(settings).embed([query])[0]
    ranked = sorted(zip(scores.tolist(), segments, strict=True), key=lambda row: (-row[0], row[1].id))
    return [Hit(segment, score) for score, segment in ranked[:limit]]


# --- keys ----------------------------------------------------------------------------------------------------------------------------


def _lens_settings(settings: Settings) -> list[Any]:
    from textcoder.registry import find_model

    return [find_model("lens-head").revision, settings.lens_threshold, __version__]


def _encoder_key(settings: Settings) -> list[Any]:
    from textcoder.registry import entries, find_model

    known = settings.encoder in entries()
    return [settings.encoder, find_model(settings.encoder, path=settings.encoder_path).revision if known else str(settings.encoder_path)]


def _theme_settings(settings: Settings) -> list[Any]:
    return [_encoder_key(settings), settings.seed, settings.themes, __version__]


def _code_settings(settings: Settings) -> list[Any]:
    return [_encoder_key(settings), settings.lens_threshold, settings.code_threshold, __version__]


def _key(*parts: Any) -> str:
    """A short hash of all that a step depends on."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
