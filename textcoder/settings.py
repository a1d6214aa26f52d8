"""Settings, made once by the entry point and handed down. No module reads the environment at import."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
DEFAULT_RUNTIME = "onnxruntime"
FILE_NAME = "textcoder.toml"
PREFIX = "TEXTCODER_"

Kind = type[str] | type[Path] | type[int] | type[float] | type[bool]

KINDS: Mapping[str, Kind] = {
    "encoder": str,
    "encoder_path": Path,
    "encoder_runtime": str,
    "spacy_path": Path,
    "language": str,
    "seed": int,
    "threads": int,
    "max_file_mb": int,
    "include_interviewer": bool,
    "min_words": int,
    "max_words": int,
    "themes": int,
    "lens_threshold": float,
}
"""The fields of `Settings` and what they are. The variable of each is its name in capitals after TEXTCODER_."""

OPTIONS: Mapping[str, str] = {"database_url": "db", "coder": "coder"}
"""What a settings file may say for options that are no field of `Settings`, and what commands call them."""

# Variables only: where the file is, what the tests need, what a service does with uploads, and what opens a key.
_NOT_IN_A_FILE = ("config", "test_database_url", "jobs", "max_upload_mb", "passphrase")
_RANGES: Mapping[str, tuple[float, float]] = {
    "seed": (0, 2**32 - 1),  # what numpy takes
    "threads": (1, 1024),
    "max_file_mb": (1, 1_000_000),
    "min_words": (0, 1_000_000),
    "max_words": (1, 1_000_000),
    "themes": (1, 1_000_000),
    "lens_threshold": (0, 1),
}
_CHOICES: Mapping[str, tuple[str, ...]] = {"encoder_runtime": ("onnxruntime", "openvino")}
_CALLED: Mapping[Kind, str] = {
    str: "text",
    Path: "the path of a file or folder",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """What one person on a laptop wants, unless she says otherwise.

    Attributes:
        encoder: A name in models/registry.toml, a folder, or a sentence-transformers model name.
        encoder_path: Folder with the weights of `encoder`; None searches the installed packages.
        encoder_runtime: What the default encoder runs on: `onnxruntime` in fp32 on any processor, or `openvino` in bf16, faster
            on processors that have it. Their vectors are never mixed: a project coded with one is embedded anew for the other.
        spacy_path: Likewise for the spaCy model.
        language: ISO 639-1 code for all files; None guesses for each.
        seed: For every random step; kept in the manifest.
        threads: How many texts are embedded side by side; never changes a result.
        max_file_mb: Files beyond this are refused with a sentence (a transcript of 24 hours has about 1.5 MB).
        include_interviewer: Code interviewers' words too.
        min_words: Fewer words than this are back-channel, unless they answer a question.
        max_words: A segment is closed once it has this many words.
        themes: How many themes a lens may have; None lets the segments decide.
        lens_threshold: Below this probability the machine abstains from naming a lens.
    """

    encoder: str = DEFAULT_ENCODER
    encoder_path: Path | None = None
    encoder_runtime: str = DEFAULT_RUNTIME
    spacy_path: Path | None = None
    language: str | None = None
    seed: int = 20240917
    threads: int = 2
    max_file_mb: int = 100
    include_interviewer: bool = False
    min_words: int = 4
    max_words: int = 60
    themes: int | None = None
    lens_threshold: float = 0.4

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], config: Path | None = None, /, **chosen: object) -> Settings:
        """Settings from defaults, a settings file, `TEXTCODER_*` variables and the command line; what comes later counts more.

        Args:
            environ: The variables; an empty one says nothing.
            config: The settings file; None takes the one that `settings_file` finds.
            chosen: What was chosen on the command line; None is not chosen.

        Raises:
            ValueError: A value is of the wrong kind or out of range, or the file has a key that there is not; names the
                variable, or the file and the key.
        """
        file = settings_file(environ, config=config)
        values = {} if file is None else {name: v for name, v in read_settings_file(file).items() if name in KINDS}
        for name, kind in KINDS.items():
            variable = f"{PREFIX}{name.upper()}"
            if raw := environ.get(variable):
                values[name] = _in_range(variable, name, _from_text(variable, kind, raw))
        values.update({name: value for name, value in chosen.items() if value is not None})
        return cls(**values)  # type: ignore[arg-type]  # names and kinds are those of KINDS


def settings_file(environ: Mapping[str, str], *, config: Path | None = None, folder: Path | None = None) -> Path | None:
    """The settings file that counts: `config`, else TEXTCODER_CONFIG, else textcoder.toml in the working folder.

    Raises:
        ValueError: The file that was named is not there.
    """
    named = config or (Path(environ[f"{PREFIX}CONFIG"]) if environ.get(f"{PREFIX}CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ValueError(f"There is no settings file at {named}; check --config or {PREFIX}CONFIG.")
        return named
    here = (folder or Path()) / FILE_NAME
    return here if here.is_file() else None


def read_settings_file(path: Path) -> dict[str, object]:
    """What a settings file says, by the names in `KINDS` and `OPTIONS`; paths in it begin at its own folder.

    Raises:
        ValueError: It cannot be read, is no TOML, or has an unknown key or a wrong value; names the file and the key.
    """
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ValueError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"The settings file {path} is not UTF-8; save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"The settings file {path} is no TOML: {error}.") from error
    return {name: _file_value(path, name, value) for name, value in table.items()}


def options_from(file: Path | None) -> dict[str, str]:
    """What a settings file says for the options of commands, by the commands' names for them."""
    values = {} if file is None else read_settings_file(file)
    return {option: str(values[name]) for name, option in OPTIONS.items() if name in values}


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """`TEXTCODER_*` variables that nothing reads: most likely slips of the pen. Sorted."""
    known = {f"{PREFIX}{name.upper()}" for name in (*KINDS, *OPTIONS, *_NOT_IN_A_FILE)}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def _file_value(path: Path, name: str, value: object) -> object:
    """One value of a settings file, checked."""
    place = f"{path}: {name}"
    if name not in KINDS and name not in OPTIONS:
        close = difflib.get_close_matches(name, [*KINDS, *OPTIONS], n=1)
        hint = f'did you mean "{close[0]}"?' if close else f"there are {', '.join([*KINDS, *OPTIONS])}."
        raise ValueError(f'{path}: there is no setting "{name}"; {hint}')
    kind = KINDS.get(name, str)
    written = {Path: str, float: float | int}.get(kind, kind)
    # TOML's true is a Python int too.
    if not isinstance(value, written) or (isinstance(value, bool) and kind is not bool) or value == "":
        raise ValueError(f"{place} must be {_CALLED[kind]}, not {value!r}.")
    if kind is Path:
        return path.parent / Path(str(value)).expanduser()
    if name == "database_url" and "://" not in str(value):
        return str(path.parent / Path(str(value)).expanduser())
    return _in_range(place, name, value)


def _from_text(variable: str, kind: Kind, raw: str) -> object:
    """The value that a variable spells."""
    try:
        return _TRUTH[raw.strip().lower()] if kind is bool else kind(raw)
    except (ValueError, KeyError) as error:
        raise ValueError(f"{variable} must be {_CALLED[kind]}, not {raw!r}.") from error


def _in_range(place: str, name: str, value: object) -> object:
    if name in _RANGES:
        least, most = _RANGES[name]
        assert isinstance(value, int | float)
        if not least <= value <= most:  # false for NaN too
            raise ValueError(f"{place} must lie between {least} and {most}, not be {value}.")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise ValueError(f"{place} must be {' or '.join(_CHOICES[name])}, not {value!r}.")
    return value
