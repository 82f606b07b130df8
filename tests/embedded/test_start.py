"""What can go wrong before anything runs, each said in one line."""

import errno
import os
import stat

import pytest

from salesorg.embedded import __main__, folders, prepare, server, servers
from salesorg.embedded.errors import StartError, sentence


def test_a_read_only_folder_is_said_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(folders, "VAR", folders.Path("/sys/salesorg"))
    monkeypatch.setattr("sys.argv", ["salesorg.embedded", "server"])
    assert __main__.main() == 1
    error = capsys.readouterr().err
    assert error.startswith("Cannot write to /sys/salesorg: ")
    assert error.count("\n") == 1


def test_a_read_only_checkout_is_said_in_one_line_before_anything_is_installed(monkeypatch, capsys):
    monkeypatch.setattr(prepare, "ROOT", prepare.Path("/sys/salesorg"))
    assert prepare.main("requirements.txt") == 1
    assert capsys.readouterr().err.startswith("Cannot write to /sys/salesorg")


def test_a_full_disk_is_said_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(folders, "VAR", tmp_path)
    usage = folders.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda _: usage._replace(free=5 * 1024 * 1024))
    with pytest.raises(StartError, match=r"Only 5 MB are free on the disk of .* Free some disk space, then start again\."):
        servers.Servers(["PostgreSQL"], {}).start()


def test_a_disk_that_fills_up_later_is_said_in_one_line():
    with pytest.raises(OSError) as problem, open("/dev/full", "w") as full:
        full.write("x")
    assert sentence(problem.value) == "Cannot write: No space left on device. Free some disk space, then start again."


def test_our_own_mistakes_keep_their_traceback():
    assert sentence(OSError(errno.EBADF, "Bad file descriptor")) is None


def test_a_named_port_in_use_ends_the_start_with_its_number():
    with server.listen(None) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {number} is in use. Choose another with --port."):
            server.listen(number)


def test_the_default_port_in_use_moves_on_to_the_next_and_says_so(capsys):
    with server.listen(None) as first, server.listen(None) as second:
        assert second.getsockname()[1] > first.getsockname()[1]
        assert f"Port {first.getsockname()[1]} is in use, trying" in capsys.readouterr().out
        assert second.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("text", ["0", "65536", "-1", "eighty", "²", "8000 "])
def test_a_port_that_is_none_is_refused(text, capsys):
    with pytest.raises(SystemExit):
        server.parse(["--port", text])
    assert "a port is a number from 1 to 65535" in capsys.readouterr().err


def test_demo_and_empty_exclude_each_other():
    with pytest.raises(SystemExit):
        server.parse(["--demo", "--empty"])
    assert server.parse([]).demo == "if-empty"


@pytest.mark.parametrize(
    ("given", "embedded"),
    [
        ({}, ["PostgreSQL", "Valkey"]),
        ({"DATABASE_URL": "postgres://db.example/sales"}, ["Valkey"]),
        ({"REDIS_URL": "redis://redis.example"}, ["PostgreSQL"]),
        ({"DATABASE_URL": "postgres://db.example/sales", "REDIS_URL": "redis://redis.example"}, []),
    ],
)
def test_a_server_named_in_the_environment_is_used_and_not_embedded(monkeypatch, tmp_path, given, embedded):
    for key in servers.ADDRESSES:
        monkeypatch.delenv(key, raising=False)
    for key, value in given.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr(folders, "VAR", tmp_path)
    chosen = servers.throwaway(tmp_path)
    assert [one.name for one in chosen.embedded] == embedded
    assert chosen.addresses.items() >= given.items()


def test_secrets_last_and_are_for_their_owner_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(folders, "VAR", tmp_path)
    first = folders.secret("secret_key")
    assert len(first) >= 50
    assert folders.secret("secret_key") == first
    assert stat.S_IMODE((tmp_path / "secrets" / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_the_addresses_are_there_for_manage_py_only_while_the_servers_run(monkeypatch, tmp_path):
    monkeypatch.setattr(servers, "ENVIRONMENT", tmp_path / "environment")
    with servers.published({"DATABASE_URL": "postgres://x"}):
        assert servers.ENVIRONMENT.read_text() == "DATABASE_URL='postgres://x'\n"
        assert stat.S_IMODE(servers.ENVIRONMENT.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == []
