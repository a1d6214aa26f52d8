"""A project goes out and comes in: nothing of ours is lost, a second import changes nothing, and what others wrote becomes decisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.refi.projects import Memory, projects
from tests.refi.test_journey import schemas  # noqa: F401  (a fixture)
from textcoder.refi.read import read_project
from textcoder.refi.write import PROFILES, Profile, project_xml
from textcoder.settings import Settings
from textcoder.workflow.exchanging import import_refi, refi_book, refi_project
from textcoder.workflow.picturing import picture_of
from textcoder.workflow.restoring import whole

MANY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exchange")


def taken(store: Memory, data: bytes, folder: Path, name: str = "p.qdpx") -> Any:
    (folder / name).write_bytes(data)
    return import_refi(store, folder / name, Settings())


@MANY
@given(store=projects(), profile=st.sampled_from(PROFILES))
def test_our_own_journey_loses_nothing(folder: Path, store: Memory, profile: Profile) -> None:
    """Probabilities, rejected suggestions, the history and who undid what would be gone after moving to another machine."""
    data = refi_project(store, profile=profile)
    there = Memory("another")
    assert taken(there, data, folder).how == "restored"
    ours, theirs = whole(store), whole(there)
    assert theirs == replace(ours, project=replace(ours.project, id="another"))
    assert [d.act for d in theirs.decisions] == [d.act for d in ours.decisions]
    assert picture_of(there) == picture_of(store)
    stamp = there.stamp()
    assert taken(there, data, folder).how == "known"
    assert there.stamp() == stamp


@MANY
@given(store=projects(), profile=st.sampled_from(PROFILES))
def test_a_second_export_is_the_same_file(store: Memory, profile: Profile) -> None:
    """A team that keeps its exports under version control would see changes that nobody made."""
    assert refi_project(store, profile=profile) == refi_project(store, profile=profile)


@MANY
@given(store=projects(), profile=st.sampled_from(PROFILES))
def test_every_project_of_ours_is_valid(schemas: dict[str, Any], store: Memory, profile: Profile) -> None:  # noqa: F811
    """Another program would refuse it."""
    schemas["project"].assertValid(etree.fromstring(project_xml(picture_of(store), profile=profile)))
    if store.codebook().in_use:
        schemas["book"].assertValid(etree.fromstring(refi_book(store)))


@MANY
@given(store=projects(), profile=st.sampled_from(PROFILES))
def test_what_is_here_already_is_not_taken_twice(folder: Path, store: Memory, profile: Profile) -> None:
    """An archive that comes back from another program, without our side file, would double every memo and code."""
    data = refi_project(store, profile=profile, side=False)
    before = whole(store)
    done = taken(store, data, folder)
    after = whole(store)
    assert (done.transcripts, done.codes, done.codings, done.memos, done.cases) == (0, 0, 0, 0, 0)
    assert replace(after, values={}, coders=()) == replace(before, values={}, coders=())
    assert refi_project(store, profile=profile, side=False) == data


@MANY
@given(store=projects())
def test_work_that_went_on_elsewhere_comes_back_as_it_was_done(folder: Path, store: Memory) -> None:
    """A colleague's week of coding would have to be merged by hand though nobody worked here meanwhile."""
    there = Memory()
    taken(there, refi_project(store), folder)
    from textcoder.domain.acts import write_memo
    from textcoder.domain.decision import By
    from textcoder.domain.memo import Memo, MemoOn
    from textcoder.domain.standing import Standing

    by = By("ana", "2024-06-01T10:00:00+00:00")
    memo = Memo("5a0c0000-0000-4000-8000-000000000000", MemoOn.PROJECT, "", "Monday", "ana", by.at)
    there.append(write_memo(Standing(there.decisions()), memo, by))
    assert taken(store, refi_project(there), folder).how == "restored"
    assert whole(store).decisions == whole(there).decisions


@MANY
@given(store=projects())
def test_the_positions_of_every_coding_hold_in_every_profile(store: Memory) -> None:
    """What is quoted there is not what was coded here."""
    from textcoder.refi.write import write_project

    ours = picture_of(store)
    words = {one.guid: source.text[one.start : one.end] for source in ours.sources for one in source.selections}
    for profile in ("spec", "nvivo", "maxqda", "atlasti"):
        read = read_project(write_project(ours, profile=profile), "p.qdpx").picture
        assert words == {one.guid: s.text[one.start : one.end] for s in read.sources for one in s.selections}
