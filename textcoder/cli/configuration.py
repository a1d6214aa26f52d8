"""The settings file at the command line: what it says of options counts where neither the line nor a variable says anything."""

from __future__ import annotations

import os
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any

import typer

from textcoder.settings import options_from, settings_file

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", envvar="TEXTCODER_CONFIG", help="Settings file. [default: textcoder.toml in the working folder]"
    ),
]

_named: ContextVar[Path | None] = ContextVar("named settings file", default=None)


def take_options_from(context: typer.Context, config: Path | None) -> None:
    """Remember which file was named, and let what it says of options, such as `coder`, be their default in all commands.

    Raises:
        typer.BadParameter: There is a mistake in the file; doctor goes on, and tells of it among the rest.
    """
    _named.set(config)
    try:
        chosen = options_from(settings_file(os.environ, config=config))
    except ValueError as error:
        if context.invoked_subcommand == "doctor":
            return
        raise typer.BadParameter(str(error)) from error
    context.default_map = _for_all(context.command, chosen)


def named_config() -> Path | None:
    """The settings file that was named before the command; None where none was."""
    return _named.get()


def _for_all(command: Any, chosen: dict[str, str]) -> dict[str, Any]:
    """The defaults of a command, or of each command of a group."""
    below = getattr(command, "commands", None)
    if below is not None:
        return {name: _for_all(one, chosen) for name, one in below.items()}
    taken = {parameter.name for parameter in command.params}
    return {option: value for option, value in chosen.items() if option in taken}
