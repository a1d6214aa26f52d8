"""REFI-QDA: a project out into an archive that other programs open, and in from one that they wrote.

What comes in becomes what it would be if people had done it here: sources are files that are imported, codes are decisions about the
codebook, and what a person coded is decided by her (see `taking`). What textcoder wrote itself comes back whole (see `restoring`).
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.standing import Standing
from textcoder.errors import InvalidDecision, OutputError, UnreadableFile
from textcoder.refi import model as refi
from textcoder.refi.write import Profile
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.picturing import Guids, picture_of, pictured_codes
from textcoder.workflow.restoring import brought, carried, is_ahead, is_behind, restore, whole
from textcoder.workflow.steps import RESEARCHER, Progress, silent
from textcoder.workflow.taking import Exchanged, Taker

__all__ = ["Exchanged", "check_sees_all", "export_refi", "import_refi", "preview_refi", "refi_book", "refi_project"]

BOOK_ENDING = ".qdc"


# --- out --------------------------------------------------------------------------------------------------------------------------------


def refi_project(store: Store, *, profile: Profile = "spec", side: bool = True) -> bytes:
    """The project as `.qdpx`, the same byte for byte as long as nothing changes.

    Args:
        store: The project.
        profile: For which program.
        side: Whether what REFI cannot hold travels along: probabilities, what was rejected, the history, the files themselves.

    Raises:
        OutputError: The codes have more levels than other programs read, or the archive would be too large.
    """
    from textcoder.refi.side import side_bytes
    from textcoder.refi.write import write_project

    with store.reading():
        picture = picture_of(store)
        if not side:
            return write_project(picture, profile=profile)
        values, originals = carried(whole(store))
    return write_project(picture, profile=profile, side=side_bytes(values), originals=originals)


def check_sees_all(standing: Standing, coder: str) -> None:
    """See that nothing of what others said is hidden from whoever asks for all of a project, or for what differs from it.

    Raises:
        InvalidDecision: She still codes a sample blind.
    """
    if standing.blind(coder):
        raise InvalidDecision(
            "You still code a sample blind, and a project goes out and comes in with what others said; finish and release it first."
        )


def refi_book(store: Store) -> bytes:
    """The codebook as `.qdc`: the codes in use, each lens a folder above its codes.

    Raises:
        OutputError: There is no code, or too many levels.
    """
    from textcoder.refi.write import write_book

    codes = pictured_codes(store.project(), store.codebook(), Guids(store))
    return write_book(refi.Book(codes, origin="textcoder"))


def export_refi(store: Store, path: Path, *, profile: Profile = "spec", side: bool = True) -> None:
    """Write the project (`.qdpx`) or the codebook (`.qdc`), by the file's ending.

    Raises:
        OutputError: The file cannot be written, or as in `refi_project`.
    """
    book = path.suffix.casefold() == BOOK_ENDING
    data = refi_book(store) if book else refi_project(store, profile=profile, side=side)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error


# --- in ---------------------------------------------------------------------------------------------------------------------------------


def import_refi(
    store: Store,
    path: Path,
    settings: Settings,
    *,
    coder: Coder = RESEARCHER,
    file: str = "",
    progress: Progress = silent,
) -> Exchanged:
    """Take in a project (`.qdpx`, `.qde`) or a codebook (`.qdc`), into an empty project or one that is there; all or nothing.

    Things are known by their GUIDs, else by content: sources by their text, codes by name and place, coders by name, codings by source,
    span, code and coder. So a second import changes nothing. What stands here and not in the archive stays.

    Args:
        store: The project.
        path: Of the archive.
        settings: As for `import_files`.
        coder: Who imports: whoever is not named in the archive.
        file: What the archive is called where `path` is a temporary one.
        progress: Told how far it is.

    Raises:
        UnreadableFile: It is no REFI-QDA, is damaged or holds what it should not; nothing is changed.
        NothingToCode: It holds texts, and none of them can be read.
    """
    name = file or path.name
    if PurePosixPath(name).suffix.casefold() == BOOK_ENDING:
        return _take_book(store, path, name, coder)
    from textcoder.refi.read import read_project

    progress("Reading the archive", 0, 1)
    read = read_project(path, name)
    progress("Reading the archive", 1, 1)
    with store.transaction():
        if read.side is not None:
            from textcoder.refi.side import side_values

            there = brought(side_values(read.side, name), read.originals, name)
            if is_behind(there, store):
                return Exchanged("known", findings=read.findings)
            if is_ahead(there, store):
                before = len(store.transcripts())
                restore(there, store)
                people = tuple(one.id for one in there.coders if one.kind is CoderKind.HUMAN)
                return Exchanged("restored", len(store.transcripts()) - before, coders=people, findings=read.findings)
        return Taker(store, read, name, settings, coder, progress).take()


class _Foreseen(Exception):
    """Ends the transaction of an import that is only looked at."""

    def __init__(self, done: Exchanged) -> None:
        self.done = done


def preview_refi(
    store: Store,
    path: Path,
    settings: Settings,
    *,
    coder: Coder = RESEARCHER,
    file: str = "",
    progress: Progress = silent,
) -> Exchanged:
    """What `import_refi` would take in, with its report; nothing is changed. Cost and errors as there."""
    try:
        with store.transaction():
            raise _Foreseen(import_refi(store, path, settings, coder=coder, file=file, progress=progress))
    except _Foreseen as foreseen:
        return foreseen.done


def _take_book(store: Store, path: Path, name: str, coder: Coder) -> Exchanged:
    from textcoder.refi.archive import MOST_XML
    from textcoder.refi.read import read_book

    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_XML + 1)
    except OSError as error:
        raise UnreadableFile(name, f"it cannot be read ({error.strerror}).", "Check its name and rights.") from error
    book, findings = read_book(data, name)
    read = refi.Read(refi.Picture(name, codes=book.codes, origin=book.origin), findings)
    with store.transaction():
        taker = Taker(store, read, name, Settings(), coder, silent)
        taker.take_codes()
        taker.keep()
        return taker.exchanged()
