"""Tables of other programs over HTTP: what was coded there is shown before it comes in, and goes out in their shapes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, bearer, serving
from tests.api.test_api_exchange import ANA, BEN, EVA, stamp
from tests.formats.test_shapes import table
from textcoder.formats.shapes import Shape

HEAD = ["Document name", "Code", "Weight score", "Segment", "Created by", "Comment"]
LONG, RAIN = "The form is long.", "It rains."
ROWS = (
    ["mira", "Barriers > Forms", "0", LONG, "zoe", "often"],
    ["leila", "Weather", "0", RAIN, "yan", ""],
    ["mira", "Forms", "0", "I ring", "zoe", ""],
    ["mira", "Forms", "0", "Nobody has ever said this here.", "zoe", ""],
)
MAXQDA = table(HEAD, *ROWS)
AT = f"{P}/tables"


def send(client: TestClient, data: bytes = MAXQDA, file: str = "coded.csv", **more: Any) -> Any:
    asked = {name: value for name, value in more.items() if name in ("dry_run", "holds", "coder")}
    files = {"source": (file, data)} | ({"mapping": ("m.yaml", more["mapping"])} if "mapping" in more else {})
    return client.post(AT, params=asked, files=files, headers=more.get("headers", ANA))


def test_a_look_ahead_shows_columns_places_and_counts_and_changes_nothing(client: TestClient, folder: Path) -> None:
    """A wrong column, or words in the wrong interview, would be found out after they had become evidence."""
    before = stamp(folder)
    answer = send(client, dry_run=True)
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    assert stamp(folder) == before
    assert (seen["shape"], seen["holds"], seen["done"]) == ("maxqda", "codings", None)
    assert {one["field"]: one["heading"] for one in seen["columns"]} == {
        "document": "Document name", "code": "Code", "text": "Segment", "coder": "Created by", "note": "Comment",
    }  # fmt: skip
    assert (seen["unused"], seen["codes"], seen["coders"]) == (["Weight score"], ["Weather"], ["yan", "zoe"])
    counts = {name: seen[name] for name in ("matched", "moved", "same", "twice", "ambiguous", "lost")}
    assert counts == {"matched": 3, "moved": 0, "same": 0, "twice": 0, "ambiguous": 0, "lost": 1}
    assert [(one["document"], one["files"], one["matched"], one["lost"]) for one in seen["documents"]] == [
        ("mira", ["mira.txt"], 2, 1),
        ("leila", ["leila.txt"], 1, 0),
    ]
    found = seen["rows"][0]["place"]
    assert (found["file"], found["start"], found["end"]) == ("mira.txt", 56, 73)
    assert [row["code"] for row in csv.DictReader(io.StringIO(seen["waiting"]))] == ["Forms"]
    assert send(client).json()["rows"] == seen["rows"], "just what was foreseen"


def test_codings_come_in_as_an_act_of_each_coder_and_a_second_time_changes_nothing(
    client: TestClient, folder: Path
) -> None:
    """Agreement would be of one person with herself; a retry would write everything twice."""
    done = send(client).json()["done"]
    assert [act["coder"] for act in done["acts"]] == ["zoe", "yan"]
    held = {
        (one["coder"], one["code"], one["text"]) for one in client.get(f"{P}/codings?status=accepted").json()["items"]
    }
    assert {("zoe", "forms", LONG), ("zoe", "forms", "I ring")} <= held
    assert any(coder == "yan" and text == RAIN for coder, _, text in held)
    before = stamp(folder)
    again = send(client).json()
    assert (again["done"], again["same"], stamp(folder)) == (None, 3, before)
    act = done["acts"][0]["act"]
    assert client.post(f"{P}/undo", json={"act": act}, headers={"X-Textcoder-Coder": "zoe"}).status_code == 201


def test_the_machine_has_learned_from_them_at_the_next_question(client: TestClient) -> None:
    """People would code again for the machine what they have coded elsewhere."""
    asked = f"{P}/codings?status=suggested&file=omar.txt"
    before = client.get(asked).json()["items"]
    one = table(
        HEAD,
        ["omar", "Forms", "0", "Tea helps, honestly.", "zoe", ""],
        ["omar", "Tea together", "0", "The form", "zoe", ""],
    )
    assert send(client, one).json()["matched"] == 2
    assert client.get(asked).json()["items"] != before


def test_a_mapping_that_came_with_the_answer_is_changed_and_sent_back(client: TestClient) -> None:
    """Programs that nobody knows here have headings of their own, and call interviews as they like."""
    odd = table(["who", "what", "said"], ["Interview 1", "Forms", LONG])
    refused = send(client, odd)
    assert (refused.status_code, "who, what, said" in refused.json()["detail"]) == (422, True)
    mapping = send(client, dry_run=True).json()["mapping"]
    assert "Segment" in mapping
    given = "columns: {document: who, code: what, text: said}\ndocuments: {Interview 1: mira.txt}\n"
    seen = send(client, odd, mapping=given.encode(), coder="eva").json()
    assert (seen["matched"], seen["coders"], {one["known_by"] for one in seen["columns"]}) == (1, ["eva"], {"given"})
    wrong = send(client, odd, mapping=b"columns: {document: nobody}")
    assert (wrong.status_code, "nobody" in wrong.json()["detail"]) == (422, True)


def test_what_goes_out_in_each_shape_and_format_comes_in_again_as_it_is(client: TestClient, folder: Path) -> None:
    """A table for a colleague's program would come back as other codings."""
    send(client)
    before = stamp(folder)
    for shape in Shape:
        for ending in ("csv", "xlsx", "yaml"):
            asked = {"shape": shape.value, "format": ending}
            answer = client.get(f"{AT}/codings", params=asked)
            assert answer.status_code == 200, answer.text
            assert f'filename="codings-{shape}.{ending}"' in answer.headers["content-disposition"]
            # Tables without a coder are whoever's they are said to be; then two people's are one's.
            back = send(client, answer.content, f"x.{ending}", dry_run=True).json()
            assert (back["shape"], back["lost"], back["moved"]) == (shape, 0, 0)
            if shape is not Shape.TAGUETTE:
                assert back["same"] == len(back["rows"]) - back["ambiguous"]
            if shape is not Shape.TEXTCODER:
                book = client.get(f"{AT}/codebook", params=asked).content
                taken = send(client, book, f"book.{ending}", holds="codebook").json()
                assert (taken["holds"], taken["codes"], taken["done"]) == ("codebook", [], None), (shape, ending)
    assert stamp(folder) == before
    assert client.get(f"{AT}/codebook?shape=textcoder").status_code == 422
    assert client.get(f"{AT}/codings?shape=word").status_code == 422


def test_what_is_no_table_is_refused_in_one_sentence_and_changes_nothing(client: TestClient, folder: Path) -> None:
    before = stamp(folder)
    for data, file in ((b"", "x.csv"), (b"PK\x03\x04", "x.xlsx"), (b"- a: [", "x.yaml"), (b"a,b\n1,2", "x.csv")):
        answer = send(client, data, file)
        assert (answer.status_code, answer.json()["detail"].startswith(file)) == (422, True), answer.text
    book = client.get(f"{AT}/codebook?shape=nvivo").content
    assert "this is a codebook" in send(client, book, holds="codings").json()["detail"]
    assert "/codebook" in send(client, b"name,lens\nX,barriers\n", holds="codebook").json()["detail"]
    assert send(client, coder="machine").status_code == 422
    assert client.post(AT, files={"mapping": ("m.yaml", b"{}")}).status_code == 422
    assert client.post(AT, json={}).status_code == 415
    assert stamp(folder) == before


def test_who_codes_blind_learns_nothing_from_a_table_that_she_sends_or_gets(client: TestClient) -> None:
    """That a coding is here already, or how many a code has, is what the other coder said."""
    body = {"name": "r", "n": 11, "coders": ["ana", "ben"], "seed": 3}
    assert client.post(f"{P}/samples", json=body, headers=EVA).status_code == 201
    for where, code in (("mira.txt:56-73", "forms"), ("mira.txt:28-55", "late")):
        decision = {"verb": "review", "segment": where, "codes": [code]}
        assert client.post(f"{P}/decisions", json=decision, headers=BEN).status_code == 201
    assert LONG in client.get(f"{AT}/codings?shape=maxqda", headers=BEN).text
    assert LONG in client.get(f"{AT}/codings?shape=maxqda", headers=EVA).text
    assert client.get(f"{AT}/codings?shape=maxqda", headers=ANA).status_code == 422, "there is nothing that she may see"
    counts = {
        name["X-Textcoder-Coder"]: client.get(f"{AT}/codebook?shape=taguette", headers=name).text.count(",1")
        for name in (ANA, BEN, EVA)
    }
    assert counts == {"ana": 0, "ben": 2, "eva": 2}
    for dry_run in (True, False):
        for whose in ({}, {"coder": "ben"}):
            refused = send(client, dry_run=dry_run, **whose)
            assert (refused.status_code, "blind" in refused.json()["detail"]) == (422, True)
    own = table(HEAD, ["mira", "Barriers > Forms", "0", LONG, "ana", "mine"])
    for whose, matched in (({}, 1), ({"coder": "ana"}, 0)):
        taken = send(client, own, **whose)
        assert (taken.status_code, taken.json()["coders"]) == (200, ["ana"]), (
            "of her own work nothing of others is told"
        )
        assert (taken.json()["matched"], taken.json()["same"]) == (matched, 1 - matched)
    assert send(client, table(["Code", "Memo", "Parent code"], ["Rain", "", ""]), holds="codebook").status_code == 200
    assert client.post(f"{P}/samples/r/release", headers=EVA).status_code == 200
    assert LONG in client.get(f"{AT}/codings?shape=maxqda", headers=ANA).text
    assert send(client, dry_run=True).status_code == 200


def test_only_owners_bring_a_table_and_readers_may_take_one(tmp_path: Path) -> None:
    """A reader would write codings in the name of everybody."""
    with serving(tmp_path / "team", people=True) as team:
        for name, status in (("ana", 200), ("adam", 200), ("ben", 403), ("rea", 403), ("eva", 404)):
            sent = team.post(f"{AT}?dry_run=true", files={"source": ("x.csv", MAXQDA)}, headers=bearer(name))
            assert sent.status_code == status, name
        for name, status in (("ana", 200), ("rea", 200), ("eva", 404)):
            assert team.get(f"{AT}/codebook?shape=nvivo", headers=bearer(name)).status_code == status, name


@pytest.mark.parametrize("dry_run", [True, False])
def test_no_word_of_an_interview_reaches_the_log(
    client: TestClient, caplog: pytest.LogCaptureFixture, dry_run: bool
) -> None:
    with caplog.at_level("DEBUG"):
        send(client, dry_run=dry_run)
        send(client, b'"' + MAXQDA, dry_run=dry_run)
    assert not [words for words in (LONG, RAIN) if words in json.dumps([one.getMessage() for one in caplog.records])]
