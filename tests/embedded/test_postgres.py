"""The embedded PostgreSQL: it starts whatever the last end was like, keeps what it acknowledged, and lets nobody else in."""

import os
import signal
import stat
import subprocess
import time

import psycopg2
import pytest

from salesorg.embedded import identity
from salesorg.embedded.errors import StartError
from salesorg.embedded.postgres import THROWAWAY, Postgres
from salesorg.embedded.processes import leftovers

IDENTITIES = [identity.MAPPED, identity.UNPRIVILEGED] if os.geteuid() == 0 else [identity.choose()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a database that was used and stopped: making it takes longest, so once."""
    folder = tmp_path_factory.mktemp("postgres")
    first = server(folder)
    first.start()
    first.wait_until_ready()
    first.stop()
    return folder


def server(folder, settings=THROWAWAY, **options):
    return Postgres(data=folder / "data", run=folder, log=folder / "log", password="correct horse", settings=settings, **options)


@pytest.fixture
def postgres(folder):
    """A running server."""
    running = server(folder)
    running.start()
    running.wait_until_ready()
    yield running
    running.stop()


def query(postgres, sql):
    connection = psycopg2.connect(postgres.url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


@pytest.mark.parametrize("who", IDENTITIES, ids=lambda who: who.name)
def test_it_starts_under_an_id_postgres_accepts(folder, who):
    if not who.can_run("/bin/sh", "-c", ":"):
        pytest.skip("this machine forbids user namespaces")
    postgres = server(folder, identity=who)
    try:
        postgres.start()
        postgres.wait_until_ready()
        assert query(postgres, "SELECT 1") == [(1,)]
    finally:
        postgres.stop()
    assert leftovers(postgres.data, "postgres") == []


def test_a_wrong_password_is_refused_and_only_the_owner_reaches_the_socket(postgres):
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host=str(postgres.sockets), user="salesorg", password="guess", dbname="salesorg")
    assert stat.S_IMODE(postgres.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.data.stat().st_mode) == 0o700
    assert query(postgres, "SHOW listen_addresses") == [("",)]


def test_an_acknowledged_write_survives_the_killing_of_everything(folder):
    postgres = server(folder, settings={})
    postgres.start()
    postgres.wait_until_ready()
    query(postgres, "CREATE TABLE IF NOT EXISTS kept (n int)")
    query(postgres, "INSERT INTO kept VALUES (42)")
    assert query(postgres, "SHOW synchronous_commit") == [("on",)]
    for process in leftovers(postgres.data, "postgres"):
        os.kill(process, signal.SIGKILL)
    postgres.process.wait()

    postgres = server(folder, settings={})
    try:
        postgres.start()
        postgres.wait_until_ready()
        assert query(postgres, "SELECT n FROM kept") == [(42,)]
    finally:
        postgres.stop()


def test_a_stale_pid_file_that_names_another_living_process_does_not_block_the_start(folder):
    with subprocess.Popen(["sleep", "60"]) as other:
        (folder / "data" / "postmaster.pid").write_text(f"{other.pid}\n{folder / 'data'}\n1795285256\n5432\n/tmp\n\n")
        postgres = server(folder)
        try:
            postgres.start()
            postgres.wait_until_ready()
            assert query(postgres, "SELECT 1") == [(1,)]
            assert other.poll() is None
        finally:
            postgres.stop()
            other.kill()


def test_a_server_left_running_by_a_killed_start_is_ended_first(postgres, folder):
    session = psycopg2.connect(postgres.url)  # keeps the old server from ending by itself
    again = server(folder)
    os.kill(postgres.process.pid, signal.SIGINT)
    try:
        again.start()
        again.wait_until_ready()
        assert postgres.process.poll() is not None
        assert query(again, "SELECT 1") == [(1,)]
    finally:
        session.close()
        again.stop()


def test_a_folder_half_made_by_a_killed_first_start_does_not_block_the_next(tmp_path):
    half = tmp_path / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    postgres = server(tmp_path)
    try:
        postgres.start()
        postgres.wait_until_ready()
        assert not half.exists()
    finally:
        postgres.stop()


def test_data_of_another_major_version_is_refused_with_the_commands_that_carry_it_over(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(StartError) as refusal:
        server(tmp_path).start()
    assert "was written by PostgreSQL 16; this release runs 18. Nothing was changed." in str(refusal.value)
    assert "script/manage backup" in str(refusal.value)
    assert "script/manage restore" in str(refusal.value)
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_checkout_too_deep_for_a_socket_still_starts(folder, tmp_path):
    deep = tmp_path / ("deep" * 25)
    deep.mkdir()
    postgres = Postgres(data=folder / "data", run=deep, log=folder / "log", password="correct horse", settings=THROWAWAY)
    try:
        postgres.start()
        postgres.wait_until_ready()
        assert query(postgres, "SELECT 1") == [(1,)]
        assert stat.S_IMODE(postgres.sockets.stat().st_mode) == 0o700
    finally:
        postgres.stop()
        postgres.sockets.rmdir()


def test_a_lost_password_is_said_in_words(postgres, folder):
    other = server(folder)
    other.password = "another"
    other.process = postgres.process
    with pytest.raises(StartError, match="postgres_password is not the one of the database"):
        other.wait_until_ready()


def test_a_server_that_cannot_start_says_why_at_once(folder):
    broken = server(folder, settings={"shared_buffers": "lots"})
    began = time.monotonic()
    broken.start()
    with pytest.raises(StartError, match="shared_buffers"):
        broken.wait_until_ready()
    broken.stop()
    assert time.monotonic() - began < 10
