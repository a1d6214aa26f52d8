"""Topic blocks over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import LEILA, MIRA, P, serving


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path / "desk") as client:
        yield client


def test_blocks_hold_the_whole_conversation(client: TestClient) -> None:
    """A place that no block holds could not be told where it belongs."""
    found = client.get(f"{P}/transcripts/mira.txt/blocks").json()
    assert found["transcript"] == MIRA.id
    blocks = found["blocks"]
    assert (blocks[0]["first"], blocks[-1]["last"]) == (0, len(MIRA.turns) - 1)
    assert (blocks[0]["start"], blocks[-1]["end"]) == (MIRA.turns[0].start, MIRA.turns[-1].end)
    assert all(one["last"] + 1 == other["first"] for one, other in pairwise(blocks))


def test_blocks_are_asked_for_by_id_or_name_and_not_sent_twice(client: TestClient) -> None:
    """The reader asks for them each time a transcript is opened."""
    answer = client.get(f"{P}/transcripts/{LEILA.id}/blocks")
    assert answer.json() == client.get(f"{P}/transcripts/leila.txt/blocks").json()
    again = client.get(f"{P}/transcripts/{LEILA.id}/blocks", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_blocks_of_nothing_are_not_found(client: TestClient) -> None:
    """An empty answer would look like a talk without topics."""
    answer = client.get(f"{P}/transcripts/nobody.txt/blocks")
    assert answer.status_code == 404 and "nobody.txt" in answer.json()["detail"]
