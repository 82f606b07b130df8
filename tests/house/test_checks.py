"""The checks of tools, as tests: one command runs them all and one summary counts them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


def run(*command, **environment):
    # Browser tests set it for their own process (tests/browser/conftest.py); in production it would be a fault.
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=inherited | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["check", "format --check --diff"])
def test_ruff_finds_nothing(command):
    result = run("-m", "ruff", *command.split(), ".")
    assert result.returncode == 0, result.stdout


@pytest.mark.django_db
def test_no_model_has_changed_without_its_migration(capsys):
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)


def test_djangos_own_checks_find_nothing_to_warn_of_in_production():
    production = {
        "DEBUG": "off",
        "SECRET_KEY": "wJ8-not-used-anywhere-but-here-Zk3!pQ7vRt0$yLmXc2Bn9Hs",
        "BASE_URL": "https://sales.example.com",
        "ALLOWED_HOSTS": "sales.example.com",
        "BEHIND_PROXY": "on",
    }
    result = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **production)
    assert result.returncode == 0, result.stdout
