"""The root of all commands, and the outermost edge: a user's mistake is one sentence."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from textcoder import __version__
from textcoder.cli.configuration import Config, take_options_from
from textcoder.errors import TextcoderError

app = typer.Typer(
    name="textcoder",
    help="Codes qualitative interviews on your own machine: themes under what works, barriers and signs of progress.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def about(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
    config: Config = None,
) -> None:
    """Codes qualitative interviews on your own machine: themes under what works, barriers and signs of progress."""
    if version:
        print(f"textcoder {__version__}")
        raise typer.Exit
    take_options_from(context, config)


def main() -> None:
    """Entry point: a user's mistake is one sentence and an exit status, never a traceback."""
    try:
        app()
    except TextcoderError as error:
        print(f"textcoder: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
