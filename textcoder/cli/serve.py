"""textcoder serve: the service for other programs, on this machine or for a team."""

from __future__ import annotations

import gc
import ipaddress
import os
import re
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from textcoder.cli.app import app
from textcoder.cli.configuration import named_config
from textcoder.cli.options import Database, Encoder, Out, settings_from
from textcoder.cli.worker import JobsFolder

if TYPE_CHECKING:
    import uvicorn

    from textcoder.jobs import WorkerProcess

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@app.command()
def serve(
    out: Out = Path(),
    db: Database = None,
    host: Annotated[str, typer.Option(help="Address of this machine to answer at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8765,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Name by which others reach it, such as study.example.org. May be repeated."),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="Certificate of that name (PEM, with those between it and the root).")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Its key (PEM, without a password).")] = None,
    behind_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="A proxy at this address encrypts, such as 127.0.0.1: only its X-Forwarded-For is believed. May be repeated.",
        ),
    ] = None,
    jobs: JobsFolder = None,
    max_upload_mb: Annotated[
        int, typer.Option(envvar="TEXTCODER_MAX_UPLOAD_MB", min=1, help="Refuse larger uploads.")
    ] = 1000,
    encoder: Encoder = None,
    log: Annotated[
        Literal["text", "json"] | None,
        typer.Option("--log", help="A line for each request, as text or JSON: what, how it went, how long."),
    ] = None,
) -> None:
    """The page in the browser, and the API for other programs; Ctrl-C stops it.

    On this machine alone it needs no accounts. For others it needs accounts, and TLS: a certificate, or a proxy that has one.
    """
    import uvicorn

    from textcoder.jobs import WorkerProcess, default_folder
    from textcoder.store import open_catalogue
    from textcoder.workflow.operations import database_url
    from textcoder_api import create_app, logs
    from textcoder_api.guard import LOOPBACK

    here, names, proxies = _address(host), _names(name or []), _proxies(behind_proxy or [])
    _check_certificate(certificate, key)
    secure = certificate is not None or bool(proxies)
    if not here.is_loopback and not secure:
        raise typer.BadParameter(
            f"Whoever is on the way could read along at {host}: give --certificate and --key, or --behind-proxy where a proxy "
            "encrypts; or use --host 127.0.0.1, for this machine only."
        )
    if (here.is_unspecified or proxies) and not names:
        raise typer.BadParameter("Say by which --name others reach it, such as study.example.org.")
    listening = _listen(here, port)
    with listening:
        url = database_url(db, out)
        catalogue = open_catalogue(url)
        if secure and not catalogue.accounts.exist():
            catalogue.close()
            raise typer.BadParameter(
                "Others would reach it, and there are no accounts yet: `textcoder account add NAME --administrator` "
                "makes the first."
            )
        bound = listening.getsockname()[1]
        hosts = LOOPBACK | names | (set() if here.is_unspecified else {str(here)})
        settings, folder = settings_from(encoder=encoder), jobs or default_folder(catalogue.file, out)
        upload = max_upload_mb * 1024 * 1024
        service = create_app(catalogue, settings, hosts=hosts, secure=secure, max_upload=upload, jobs=folder)
        scheme, shown = "http" if certificate is None else "https", f"[{here}]" if here.version == 6 else str(here)
        print(f"textcoder answers at {scheme}://{shown}:{bound}/ (Ctrl-C stops it).", flush=True)
        logs.begin(log)
        config = uvicorn.Config(
            service,
            log_config=None,
            log_level=None,
            access_log=False,  # addresses hold search words and names
            timeout_graceful_shutdown=10,
            server_header=False,
            ssl_certfile=certificate,
            ssl_keyfile=key,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies,
        )
        with suppress(KeyboardInterrupt):
            _run(uvicorn.Server(config), listening, WorkerProcess(_of_worker(url, folder, settings.encoder)))
    print("Stopped; every decision is kept.")


def _run(server: uvicorn.Server, listening: socket.socket, worker: WorkerProcess) -> None:
    """Answer until told to stop, with a worker beside it; whoever follows a job is let go then."""
    # An open project is millions of objects that stay: looking through them for garbage again and again costs a tenth of each answer.
    gc.set_threshold(20_000, 50, 1000)
    application: Any = server.config.app
    application.state.stopping = lambda: server.should_exit
    worker.start()
    try:
        server.run(sockets=[listening])
    finally:
        worker.stop()


def _of_worker(url: str, folder: Path, encoder: str) -> dict[str, str]:
    """The variables of the worker: it works on the same database, with the same settings."""
    config = named_config()
    said = {} if config is None else {"TEXTCODER_CONFIG": str(config)}
    of_jobs = {"TEXTCODER_DATABASE_URL": url, "TEXTCODER_JOBS": str(folder), "TEXTCODER_ENCODER": encoder}
    return {**os.environ, **said, **of_jobs}


def _address(host: str) -> Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise typer.BadParameter(f'--host takes an address such as 127.0.0.1, not "{host}".') from error


def _names(given: list[str]) -> frozenset[str]:
    for name in given:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", name):
            raise typer.BadParameter(f'--name takes a host name such as study.example.org, not "{name}".')
    return frozenset(name.lower() for name in given)


def _proxies(given: list[str]) -> list[str]:
    for address in given:
        try:
            ipaddress.ip_network(address)
        except ValueError as error:
            raise typer.BadParameter(f'--behind-proxy takes an address such as 127.0.0.1, not "{address}".') from error
    return given


def _check_certificate(certificate: Path | None, key: Path | None) -> None:
    """See that the certificate can be used, before anything is opened."""
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise typer.BadParameter("--certificate and --key go together; give both.")
    try:
        # No password: a server must be able to start again by itself, and OpenSSL would ask on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:  # that of OpenSSL is one, too
        raise typer.BadParameter(
            f"{certificate} and {key} cannot be used ({error.strerror or error}); give a certificate with its key, both PEM, "
            "the key without a password."
        ) from error


def _listen(here: Address, port: int) -> socket.socket:
    family = socket.AF_INET6 if here.version == 6 else socket.AF_INET
    # With the protocol named asyncio sends small answers at once; else each waits 40 ms for more to come.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((str(here), port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise typer.BadParameter(
            f"Port {port} of {here} cannot be used ({error.strerror}); choose another with --port."
        ) from error
    return listening
