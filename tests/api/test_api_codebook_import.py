"""A codebook from a file: what it would change is said before it is done."""

from __future__ import annotations

from pathlib import Path

from tests.api.desk import P, serving

ANA = {"X-Textcoder-Coder": "ana", "Content-Type": "text/csv"}
BOOK = (
    "id,name,lens,definition\n"
    "late,Nobody answers,barriers,Nobody picks up the telephone.\n"
    "forms,Papers,barriers,Forms are long or hard to read.\n"
    ",Pets,what_works,Animals that help.\n"
)


def test_dry_run_tells_each_difference_and_changes_nothing(tmp_path: Path) -> None:
    """A file of last month would retire what was written since, and she would learn of it afterwards."""
    with serving(tmp_path / "desk") as client:
        memo = {"verb": "memo", "about": "code:tea", "text": "Think of it."}
        assert client.post(f"{P}/decisions", json=memo, headers={"X-Textcoder-Coder": "ana"}).is_success
        before = client.get(f"{P}").json()
        answer = client.put(f"{P}/codebook?dry_run=true", content=BOOK, headers=ANA)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert client.get(f"{P}").json() == before
        said = {(row["after"] or row["before"])["name"]: row for row in found["changes"]}
        assert set(said) == {"Papers", "Pets", "Tea together"}
        assert said["Papers"]["fields"] == ["name"] and said["Pets"]["before"] is None
        assert said["Tea together"]["after"]["status"] == "retired"
        assert [row["text"] for row in found["memos"]] == ["Think of it."]
        done = client.put(f"{P}/codebook", content=BOOK, headers=ANA).json()
        assert done["codebook_version"] > before["codebook_version"]
        rows = client.get(f"{P}/codebook/diff?before={before['codebook_version']}").json()["items"]
        assert sorted(map(str, rows)) == sorted(map(str, found["changes"])), "just what was foreseen"
        again = client.put(f"{P}/codebook?dry_run=true", content=BOOK.replace(",Pets", "pets,Pets"), headers=ANA)
        assert again.status_code == 200


def test_dry_run_refuses_what_the_import_would_refuse(tmp_path: Path) -> None:
    with serving(tmp_path / "desk") as client:
        wrong = client.put(f"{P}/codebook?dry_run=true", content="name,lens\nX,nowhere\n", headers=ANA)
        assert wrong.status_code == 422, wrong.text
        stale = {**ANA, "If-Match": '"codebook-1"'}
        assert client.put(f"{P}/codebook?dry_run=true", content=BOOK, headers=stale).status_code == 412
