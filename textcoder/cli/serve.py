"""textcoder serve: the service for other programs on this machine."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.options import Database, Encoder, Out, settings_from


@app.command()
def serve(
    out: Out = Path(),
    db: Database = None,
    host: Annotated[str, typer.Option(help="Address of this machine to answer at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8765,
    encoder: Encoder = None,
    log: Annotated[bool, typer.Option("--log", help="A line for each request: what, how it went, how long.")] = False,
) -> None:
    """Answer other programs on this machine over HTTP; Ctrl-C stops it."""
    import uvicorn

    from textcoder.store import open_catalogue
    from textcoder.workflow.operations import database_url
    from textcoder_api import create_app
    from textcoder_api.guard import LOOPBACK

    listening = _listen(host, port)
    with listening:
        catalogue = open_catalogue(database_url(db, out))
        name, bound = listening.getsockname()[:2]
        service = create_app(catalogue, settings_from(encoder=encoder), hosts=LOOPBACK | {name})
        shown = f"[{name}]" if ":" in name else name
        print(f"textcoder answers at http://{shown}:{bound}/api/v1/projects (Ctrl-C stops it).", flush=True)
        if log:
            logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
            logging.getLogger("textcoder.api").setLevel(logging.INFO)
        # No access log: addresses hold search words and names.
        config = uvicorn.Config(
            service, log_level="warning", access_log=False, timeout_graceful_shutdown=10, server_header=False
        )
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
    print("Stopped; every decision is kept.")


def _listen(host: str, port: int) -> socket.socket:
    """A socket on this machine only: whoever reaches the service may do everything."""
    try:
        here = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise typer.BadParameter(f'--host takes an address such as 127.0.0.1, not "{host}".') from error
    if not here.is_loopback:
        raise typer.BadParameter(
            f"textcoder has no accounts yet, so it answers this machine only, not {host}: use --host 127.0.0.1."
        )
    family = socket.AF_INET6 if here.version == 6 else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((str(here), port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise typer.BadParameter(
            f"Port {port} of {host} cannot be used ({error.strerror}); choose another with --port."
        ) from error
    return listening
