"""What a PostgreSQL of a team has to live through: restarts, wrong URLs, two servers that start at once, old tables."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.store.conftest import url_of
from tests.store.examples import ANA, MACHINE, MIRA, add, adds, coding, says
from textcoder.domain.coding import Status
from textcoder.domain.history import acts_of
from textcoder.domain.standing import Standing
from textcoder.errors import MissingPackage, StoreError
from textcoder.store import open_store
from textcoder.store.connection import Database
from textcoder.store.migrate import MIGRATIONS, migrate, revision_of
from textcoder.store.postgresql import options_of
from textcoder.store.schema import REVISION

CHECKOUT = Path(__file__).parents[2]
STARTING = 3


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The database for tests; what is in it belongs to other tests too."""
    return url_of("postgresql", tmp_path)


@contextmanager
def keeper_of(url: str) -> Iterator[Callable[[str], Any]]:
    """Does what only the keeper of a server does, outside any transaction."""
    from pg8000 import dbapi

    at = make_url(url)
    assert at.username is not None
    keeper = dbapi.connect(at.username, at.host or "", at.database, at.port or 5432, at.password)
    keeper.autocommit = True
    with closing(keeper), closing(keeper.cursor()) as cursor:
        yield cursor.execute


@pytest.fixture
def empty_url(url: str) -> Iterator[str]:
    """A database without tables."""
    name = f"empty_{uuid.uuid4().hex}"
    with keeper_of(url) as order:
        order(f"CREATE DATABASE {name}")
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
        order(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where there is no project yet, on each kind of database."""
    if request.param == "sqlite":
        return url_of("sqlite", tmp_path)
    found: str = request.getfixturevalue("empty_url")
    return found


_together: threading.Barrier


def meet(barrier: threading.Barrier) -> None:
    """Note where the servers wait for each other."""
    global _together
    _together = barrier


def start(url: str, name: str) -> list[int]:
    """Open a new project with its first code, as a server does that starts."""
    _together.wait(60)
    with closing(open_store(url)) as store:
        store.save_coder(ANA)
        return [decision.number for decision in store.append([adds(name)])]


@pytest.mark.parametrize("new_url", ["sqlite", "postgresql"], indirect=True)
def test_servers_that_start_at_once_make_one_database(new_url: str) -> None:
    """The second of two servers would not start, or would make the tables over those of the first."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(STARTING)
    names = [f"code {number}" for number in range(STARTING)]
    with ProcessPoolExecutor(STARTING, context, initializer=meet, initargs=(barrier,)) as servers:
        numbers = list(servers.map(start, [new_url] * STARTING, names))
    assert sorted(numbers) == [[number + 1] for number in range(STARTING)]
    with closing(open_store(new_url, create=False)) as store:
        assert sorted(decision.target for decision in store.decisions()) == names


def test_old_tables_are_brought_up_by_the_command_that_the_error_names(empty_url: str, tmp_path: Path) -> None:
    """A team would be left with a database that no version opens."""
    first = shutil.copytree(MIGRATIONS, tmp_path / "first", ignore=shutil.ignore_patterns("__pycache__", "000[2-9]*"))
    database = Database(empty_url)
    migrate(database, None, migrations=Path(first))
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO projects VALUES ('study', 'Study', '[]', 'codebook')")
        connection.exec_driver_sql("INSERT INTO coders VALUES ('study', 'ana', 'Ana', 'human', '')")
        connection.exec_driver_sql(
            "INSERT INTO decisions VALUES ('study', 1, 'set_memo', 'm', NULL, '{}', 'ana', '2024-03-01', 'seen often')"
        )
    with pytest.raises(StoreError, match=r"is at revision 0001 .* back it up, then run"):
        open_store(empty_url)
    done = subprocess.run(
        [sys.executable, "-m", "textcoder.store.migrate", empty_url],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert revision_of(database) == REVISION
    database.close()
    with closing(open_store(empty_url, create=False)) as store:
        assert [(d.number, d.act, d.why) for d in store.decisions()] == [(1, 1, "seen often")]
        assert store.append([adds("late")])[0].number == 2


def test_killed_server_leaves_whole_acts_and_holds_up_nobody(empty_url: str) -> None:
    """A crash would leave half a merge, or a lock for which everybody waits."""
    acknowledged = 0
    for lines in (1, 9, 30):
        command = [sys.executable, "-m", "tests.store.writer", empty_url, str(acknowledged + 1000)]
        with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                acknowledged = int(writer.stdout.readline().split()[1])
            writer.kill()
        with closing(open_store(empty_url, create=False)) as store:
            store.save_coder(ANA)
            log = store.decisions()
            assert len(log) >= acknowledged
            assert [decision.number for decision in log] == list(range(1, len(log) + 1))
            for act in acts_of(log).values():
                assert len(act.decisions) == int(act.first.target) % 40 + 2, "half an act"
            assert set(store.codings()) == set(Standing(log).codings.values()), "a decision without its codings"
            acknowledged = len(log)


def test_reader_sees_one_state(url: str) -> None:
    """A report would count a transcript without its turns, because a colleague imported it just then."""
    project = uuid.uuid4().hex
    database = Database(url, project)
    with closing(open_store(url, project=project)) as store:
        count = f"SELECT count(*) FROM coders WHERE project_id = '{project}'"
        with database.reading() as connection:
            assert connection.exec_driver_sql(count).scalar() == 0
            with ThreadPoolExecutor(1) as other:
                other.submit(store.save_coder, ANA).result()
            assert connection.exec_driver_sql(count).scalar() == 0
        with database.reading() as connection:
            assert connection.exec_driver_sql(count).scalar() == 1
    database.close()


def test_writers_of_two_projects_do_not_wait_for_each_other(url: str) -> None:
    """One team's long run would hold up everybody else on the server."""
    stores = [open_store(f"{url}?timeout=0.05", project=uuid.uuid4().hex) for _ in range(2)]
    with stores[0].transaction():
        stores[0].save_coder(ANA)
        stores[1].save_coder(ANA)
    for store in stores:
        store.close()


def test_project_that_is_written_elsewhere_is_named(url: str) -> None:
    """A person would wait for ever beside a run that hangs, or see a traceback."""
    project = uuid.uuid4().hex
    with (
        closing(open_store(url, project=project)) as run,
        closing(open_store(f"{url}?timeout=0.05", project=project)) as me,
    ):
        with run.transaction(), pytest.raises(StoreError, match="is being written by another process; wait until"):
            me.save_coder(ANA)
        me.save_coder(ANA)
        assert run.coders() == [ANA]


def test_restart_of_the_server_costs_no_answer(url: str) -> None:
    """After a night's update of PostgreSQL every first click would be an error."""
    name = f"textcoder {uuid.uuid4().hex}"
    with (
        closing(open_store(f"{url}?application_name={name}", project=uuid.uuid4().hex)) as store,
        keeper_of(url) as order,
    ):
        end = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '{name}'"
        order(end)
        store.save_coder(ANA)
        order(end)
        assert store.coders() == [ANA]
        with (
            pytest.raises(StoreError, match=r"does not answer|is being started or stopped"),
            store.transaction(),
        ):
            store.save_coder(replace(ANA, name="Ana B."))
            order(end)
            store.coders()
        assert store.coders() == [ANA], "what was not finished has not happened"


def test_large_act_and_many_rows_are_written_whole(url: str) -> None:
    """What is sent in portions would lose the rows at their borders."""
    with closing(open_store(url, project=uuid.uuid4().hex)) as store:
        add(store, MIRA)
        store.save_coder(MACHINE)
        store.save_coder(ANA)
        many = [replace(coding(MIRA, 1, "late", MACHINE), start=0, end=end) for end in range(1, 4502)]
        store.save_codings(many, coder="machine")
        assert store.codings() == many
        store.save_codings([], coder="machine")
        hers = says(*[replace(one, coder="ana", status=Status.ACCEPTED) for one in many])
        act = store.append(hers)
        assert len(store.codings()) == len(many)
        back = [replace(d, before=d.after, after=None, act=0, number=0) for d in act]
        store.append(back[:4500])
        assert [one.end for one in store.codings()] == [4501]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "wrong"}, "refuses the name or the password; correct them"),
        ({"database": "nowhere"}, "does not exist on its server; make it with `createdb --encoding UTF8`"),
        ({"port": 1}, "does not answer .*; see that the server runs and that the URL is right"),
        ({"query": {"sslmode": "require"}}, "does not answer .*SSL"),
        ({"query": {"sslmode": "off"}}, "sslmode=off; write one of disable, prefer"),
        ({"query": {"sslrootcert": "/nowhere.pem"}}, r"certificate /nowhere\.pem .* cannot be read"),
        ({"query": {"options": "-c x=1"}}, r"does not know \(options\); it takes application_name"),
        ({"query": {"timeout": "soon"}}, "timeout=soon; write seconds between"),
    ],
)  # fmt: skip
def test_wrong_url_is_named_with_the_remedy_and_without_the_password(
    url: str, changed: dict[str, Any], said: str
) -> None:
    """A keeper would read a traceback with her password in it."""
    wrong = make_url(url).set(**changed)
    with pytest.raises(StoreError, match=said) as error:
        open_store(wrong.render_as_string(hide_password=False))
    assert str(wrong.password) not in str(error.value)


def test_encryption_is_asked_for_as_in_other_programs() -> None:
    """A team that writes verify-full would talk to whoever answers."""
    full = options_of(make_url("postgresql://server/study?sslmode=verify-full")).driver["ssl_context"]
    assert full.check_hostname
    assert full.verify_mode.name == "CERT_REQUIRED"
    some = options_of(make_url("postgresql://server/study?sslmode=require")).driver["ssl_context"]
    assert (some.check_hostname, some.verify_mode.name) == (False, "CERT_NONE")
    assert options_of(make_url("postgresql://server/study?sslmode=disable")).driver["ssl_context"] is False
    assert "ssl_context" not in options_of(make_url("postgresql://server/study")).driver, "the driver prefers it"


def test_missing_driver_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A researcher who only has the plain package would see a traceback."""
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(MissingPackage, match=r"needs pg8000: pip install 'textcoder\[postgres\]'"):
        open_store("postgresql://server/study")
