"""The key: who stands behind which pseudonym, in a file that nobody reads without the passphrase.

AES-256-GCM under a key that scrypt makes of the passphrase (RFC 7914): what is in the file cannot be read, and cannot be changed without
being noticed. The line before it holds the parameters, and says nothing of the project.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from pathlib import Path
from typing import Any

from textcoder.errors import InvalidDecision, OutputError, UnreadableFile

VERSION = 1
_MEMORY_COST = 2**16
"""Scrypt's N with r = 8: 64 MB and about 0.2 s for each guess (OWASP's cheat sheet asks for 2**17 with p = 1, or 2**16 with p = 2)."""
_PARALLEL = 2
_MOST = 4_000_000_000
"""Bytes; zlib would unpack more than any project from a few kilobytes."""


def seal(values: dict[str, Any], passphrase: str) -> bytes:
    """Plain values as an encrypted file; each time other bytes, since the salt is drawn.

    Raises:
        InvalidDecision: The passphrase is empty.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not passphrase:
        raise InvalidDecision("The key needs a passphrase; without one everybody could read it.")
    salt, nonce = os.urandom(16), os.urandom(12)
    head = {
        "textcoder_pseudonyms": VERSION,
        "scrypt": {"n": _MEMORY_COST, "r": 8, "p": _PARALLEL, "salt": base64.b64encode(salt).decode()},
        "nonce": base64.b64encode(nonce).decode(),
    }
    line = json.dumps(head, sort_keys=True).encode() + b"\n"
    plain = zlib.compress(json.dumps(values, ensure_ascii=True, sort_keys=True).encode())
    return line + AESGCM(_derived(passphrase, salt, _MEMORY_COST, _PARALLEL)).encrypt(nonce, plain, line)


def unseal(data: bytes, passphrase: str, file: str) -> dict[str, Any]:
    """The values that `seal` was given.

    Raises:
        UnreadableFile: It is no key, is damaged, or the passphrase is another.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    line, newline, sealed = data.partition(b"\n")
    no_key = UnreadableFile(
        file, "it is no key of pseudonyms.", "Name the file that `textcoder pseudonyms apply` wrote."
    )
    try:
        head = json.loads(line)
        scrypt = head["scrypt"]
        version, n, p = head["textcoder_pseudonyms"], int(scrypt["n"]), int(scrypt["p"])
        salt, nonce = base64.b64decode(scrypt["salt"]), base64.b64decode(head["nonce"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise no_key from error
    if version != VERSION:
        raise UnreadableFile(file, "another version of textcoder wrote this key.", "Install a newer textcoder.")
    # A file that somebody else made must not ask for all memory there is.
    if (n, p) != (_MEMORY_COST, _PARALLEL):
        raise no_key
    try:
        plain = AESGCM(_derived(passphrase, salt, n, p)).decrypt(nonce, sealed, line + newline)
    except (InvalidTag, ValueError) as error:
        raise UnreadableFile(
            file, "it does not open: the passphrase is another, or the file is damaged.", "Try again."
        ) from error
    unpacked = zlib.decompressobj().decompress(plain, _MOST)
    values: dict[str, Any] = json.loads(unpacked)
    return values


def write_key(path: Path, values: dict[str, Any], passphrase: str) -> None:
    """Write the key where only its owner may read it; whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    data = seal(values, passphrase)
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another place for the key.") from error


def read_key(path: Path, passphrase: str) -> dict[str, Any]:
    """Read a key.

    Raises:
        UnreadableFile: It is not there, is no key, or the passphrase is another.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            str(path), f"it cannot be read ({error.strerror}).", "Check its name and rights."
        ) from error
    return unseal(data, passphrase, str(path))


def _derived(passphrase: str, salt: bytes, n: int, p: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=n, r=8, p=p).derive(passphrase.encode())
