"""The key opens with its passphrase, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from textcoder.errors import InvalidDecision, UnreadableFile
from textcoder.pseudonyms import read_key, write_key

VALUES = {"id": "1", "layers": [{"forms": [{"text": "Míra 😀"}]}]}


def test_a_key_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    """Whoever finds the file would read every name."""
    path = tmp_path / "study.key"
    write_key(path, VALUES, "correct horse")
    assert read_key(path, "correct horse") == VALUES
    assert path.stat().st_mode & 0o077 == 0
    assert "Míra".encode() not in path.read_bytes()
    with pytest.raises(UnreadableFile, match="passphrase"):
        read_key(path, "correct hors")


@pytest.mark.parametrize("at", [5, 120, -1])
def test_a_changed_key_is_refused(tmp_path: Path, at: int) -> None:
    """Somebody could put other names behind the pseudonyms."""
    path = tmp_path / "study.key"
    write_key(path, VALUES, "x")
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableFile):
        read_key(path, "x")


@pytest.mark.parametrize("data", [b"", b"hello", b"{}\n", b'{"textcoder_pseudonyms": 9}\n', b"[1]\nx"])
def test_another_file_is_no_key(tmp_path: Path, data: bytes) -> None:
    """A wrong file is said to be one, without a traceback."""
    (tmp_path / "k").write_bytes(data)
    with pytest.raises(UnreadableFile):
        read_key(tmp_path / "k", "x")


def test_a_key_needs_a_passphrase(tmp_path: Path) -> None:
    """An empty one would be no lock."""
    with pytest.raises(InvalidDecision):
        write_key(tmp_path / "k", VALUES, "")
