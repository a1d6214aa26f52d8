"""The codebook: drafted from themes, taken from a person, written for a person. Each change is a decision in the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from textcoder import __version__
from textcoder.domain.acts import Draft
from textcoder.domain.codebook import Code, Codebook, CodeStatus, Example, Origin, code_id
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By, Decision, Verb
from textcoder.domain.memo import MemoOn
from textcoder.domain.standing import Standing
from textcoder.domain.theme import Theme, ThemeMap, ThemeStatus
from textcoder.domain.transcript import Segment, Transcript
from textcoder.errors import OutputError
from textcoder.store import Store
from textcoder.workflow.steps import RESEARCHER, now, step_key


def draft_codebook(store: Store) -> Codebook:
    """Adopt the candidate themes provisionally: each becomes a code, marked as machine-drafted, with an entry to edit.

    A codebook that a person made or confirmed is not drafted over: new themes then stay candidates beside it. Provisional codes
    whose theme is no longer found are withdrawn; a code that a person has touched never is.
    """
    standing = Standing(store.decisions())
    codebook = standing.codebook
    themes = store.themes()
    machine = Coder("machine", "textcoder", CoderKind.MACHINE, __version__)
    if any(code.status is not CodeStatus.PROVISIONAL for code in codebook):
        _withdraw_lost(store, standing, {theme.code for theme in themes.themes}, machine)
        return store.codebook()
    key = step_key("draft", [asdict(theme) for theme in themes.themes], codebook.version)
    if store.finished("draft") == key:
        return codebook
    drafts = _draft_codes(store, themes)
    wanted = {code.id: code for code in drafts.values()}
    draft = Draft(standing, By(machine.id, now(), f"drafted from themes by textcoder {__version__}"), Verb.DRAFT)
    touched = _touched(standing)
    for code in codebook:
        if code.origin is Origin.MODEL and code.id not in wanted and code.id not in touched:
            draft.code(None, of=code.id)
    for code in wanted.values():
        draft.code(code)
    adopted = replace(
        themes,
        themes=tuple(
            replace(theme, status=ThemeStatus.ADOPTED, code=drafts[theme.id].id) if theme.id in drafts else theme
            for theme in themes.themes
        ),
    )
    with store.transaction():
        store.save_coder(machine)
        store.append(draft.decisions())
        store.save_themes(adopted)
        store.finish("draft", step_key("draft", [asdict(theme) for theme in adopted.themes], store.codebook().version))
    return store.codebook()


def _withdraw_lost(store: Store, standing: Standing, found: Collection[str | None], machine: Coder) -> None:
    """Take back drafts whose theme is gone and that nobody has touched."""
    draft = Draft(standing, By(machine.id, now(), "its theme was not found again"), Verb.DRAFT)
    touched = _touched(standing)
    for code in standing.codebook:
        if code.status is CodeStatus.PROVISIONAL and code.id not in found and code.id not in touched:
            draft.code(None, of=code.id)
    store.append(draft.decisions())


def _touched(standing: Standing) -> set[str]:
    """Codes of which a person has said anything, or that stand above others."""
    said = {coding.code for coding in standing.codings.values()}
    said |= {memo.item for memo in standing.memos.values() if memo.on is MemoOn.CODE}
    return said | {code.parent for code in standing.codebook if code.parent is not None}


_SEEN_AS = {
    "what_works": (
        "as something that helps",
        "where it is told as something that hinders or as a change that has begun",
    ),
    "barriers": ("as something that hinders", "where it is told as something that helps or as overcome"),
    "signs_of_progress": ("as a change for the better", "where it is told as always having been so, or only hoped for"),
}


def _draft_codes(store: Store, themes: ThemeMap) -> dict[str, Code]:
    """Theme id -> the code that stands for it, with a full entry after MacQueen et al. (1998)."""
    transcripts = {t.id: t for t in store.transcripts()}
    segments = {s.id: s for s in store.segments()}
    drafts: dict[str, Code] = {}
    for theme in themes.themes:
        if theme.status is ThemeStatus.REJECTED:
            continue
        seen_as, not_where = _SEEN_AS.get(
            theme.lens, ("without taking a stance", "where it is told as a help or as a hindrance")
        )
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
    shared = [
        (len(set(theme.keywords) & set(other.keywords)), len(other.segments), other.name, other) for other in others
    ]
    return max(shared, key=lambda row: row[:3])[3] if shared else None


def _listed(items: Sequence[str]) -> str:
    """ "a, b or c"."""
    return " or ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def _example(segment: Segment, transcripts: Mapping[str, Transcript]) -> Example:
    transcript = transcripts[segment.transcript]
    speaker = transcript.turns[segment.turn].speaker or transcript.turns[segment.turn].case or ""
    return Example(
        transcript.quotation(segment.start, segment.end), ", ".join(filter(None, (speaker, transcript.name)))
    )


def import_codebook(store: Store, path: Path, *, coder: Coder = RESEARCHER) -> Codebook:
    """Take a codebook that a person wrote or edited (YAML, CSV); each difference is a decision of hers.

    Codes that the file does not have are retired if a person made them, and withdrawn if the machine drafted them.

    Raises:
        InvalidTable: A row is wrong; nothing is changed.
    """
    decisions = importing_codebook(store, path, Standing(store.decisions()), coder=coder)
    with store.transaction():
        store.save_coder(coder)
        store.append(decisions)
    return store.codebook()


def importing_codebook(store: Store, path: Path, standing: Standing, *, coder: Coder = RESEARCHER) -> list[Decision]:
    """The decisions by which a codebook that a person wrote or edited would be taken; see `import_codebook`. Nothing is changed.

    Raises:
        InvalidTable: A row is wrong.
    """
    from textcoder.formats.codebook import read_codebook
    from textcoder.formats.rows import bytes_of_table

    lenses = [lens.id for lens in store.project().lenses]
    codes = read_codebook(bytes_of_table(path), path.name, lenses=lenses)
    before = standing.codebook
    given = {code.id: _confirmed(code, before.get(code.id)) for code in codes}
    draft = Draft(standing, By(coder.id, now(), f"imported from {path.name}"), Verb.IMPORT)
    for code in given.values():
        draft.code(code)
    for code in before.in_use:
        if code.id not in given:
            drafted = code.status is CodeStatus.PROVISIONAL
            draft.code(None if drafted else replace(code, status=CodeStatus.RETIRED), of=code.id)
    return draft.decisions()


def _confirmed(code: Code, before: Code | None) -> Code:
    """A drafted entry that comes back from a person's file is hers: confirmed as it stands, whether she changed it or not.

    What a file does not hold stays as it was.
    """
    if before is not None:
        code = replace(code, threshold=before.threshold, successors=before.successors)
    return replace(code, status=CodeStatus.ACTIVE) if code.status is CodeStatus.PROVISIONAL else code


def export_codebook(store: Store, path: Path) -> None:
    """Write the codebook as YAML, or as CSV if the file's ending says so.

    Raises:
        OutputError: The file cannot be written.
    """
    yaml, csv = codebook_texts(store)
    try:
        path.write_text(csv if path.suffix.casefold() == ".csv" else yaml, encoding="utf-8", newline="")
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error


def codebook_texts(store: Store) -> tuple[str, str]:
    """The codebook as YAML and as CSV."""
    from textcoder.formats.codebook import write_codebook_csv, write_codebook_yaml

    codebook = store.codebook()
    return write_codebook_yaml(codebook, title=store.project().name), write_codebook_csv(codebook)
