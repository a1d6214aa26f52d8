"""Where the data that travels with the package lies, and packages that are not always there."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from textcoder.errors import MissingPackage

_PACKAGE = Path(__file__).parent


def data_folder(name: str) -> Path:
    """The folder `models` or `corpora`: inside the installed package, or at the top of a checkout."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


@contextmanager
def absent(*packages: str) -> Iterator[None]:
    """Make packages that are not loaded yet look as if they were not installed, so that a library leaves out what we do not use.

    Not for use beside other importing threads.
    """
    hidden = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is Python's own mark for "not to be found"
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]


def require(module: str, *, extra: str) -> ModuleType:
    """Import a module that an optional part of textcoder needs.

    Args:
        module: Import name; may have dots.
        extra: The extra in pyproject.toml that installs it.

    Raises:
        MissingPackage: It is not installed; the message holds the pip line.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        top = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != top:
            raise  # it is installed, but something it needs itself is not: that name must not be hidden
        raise MissingPackage(f'The package "{top}" is needed here: pip install "textcoder[{extra}]"') from error
