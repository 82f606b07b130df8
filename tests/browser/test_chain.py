"""The whole chain in real browsers, one for each person: from an imported CRM export to a statement, line by line.

Once over a small made-up export, where every page is also looked at in every size and mode; once over the real one.
"""

import os
import signal
import sys
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import expect

from pipeline.models import Deal
from salesorg.embedded.processes import Child
from salesorg.embedded.valkey import Valkey
from salesorg.people.models import Team, User
from tests.browser.chain_steps import (
    a_move_is_refused_filled_in_dragged_and_taken_back,
    a_patch_passes_to_another_office,
    a_rep_sees_what_is_theirs_and_nothing_of_a_stranger,
    a_statement_is_read_line_by_line,
    a_visit_is_logged_in_three_taps,
    an_account_moves_to_another_office,
    every_figure_of_the_review_is_its_rows,
    the_nightly_run_is_started_and_watched,
    what_somebody_else_moved_meanwhile_goes_back,
)
from tests.browser.crm_export import Export, write_made_up_export
from tests.browser.looking import SIZES, assert_fits, screenshot_matrix
from tests.conftest import PASSWORD
from tests.imports.small_exports import real

pytestmark = pytest.mark.django_db(transaction=True)

MADE_UP, REAL = "made up", "real"


@pytest.fixture
def teams(organisation):
    """The company alone: its offices and their people come with the import."""
    return {"company": Team.objects.create(name="Northwind", kind=Team.Kind.COMPANY)}


@pytest.fixture(params=[MADE_UP, pytest.param(REAL, marks=pytest.mark.long)])
def export(request, tmp_path, teams, line):
    """The imported files, with quotas from their history and everybody paid by the standard plan."""
    folder = write_made_up_export(tmp_path) if request.param == MADE_UP else real("crm_sales_opportunities")
    call_command("import_crm", str(folder), report=tmp_path / "report.csv", stdout=StringIO(), stderr=StringIO())
    call_command("set_quotas_from_history", "--plan", stdout=StringIO())
    return Export(folder)


@pytest.fixture
def desk(new_context, live_server):
    """Gives a person a browser of their own, signed in through the page: desk(user) is a page.

    A script error, or anything the content policy stops, fails the test.
    """
    wrong = []

    def sit_down(user):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        page = new_context(base_url=live_server.url).new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto("/")
        page.get_by_label("E-mail").fill(user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("navigation").first).to_be_visible()
        return page

    yield sit_down
    assert wrong == []


@pytest.fixture
def look(request):
    """A page in narrow and dark, in wide and light: it fits. What is wrong is told for all pages together, at the end.

    PICTURES=1 takes pictures of each in every size and mode.
    """
    made_up = request.node.callspec.params["export"] == MADE_UP
    wrong = []

    def check(check, page):
        try:
            check(page)
        except AssertionError as problem:
            wrong.append(str(problem))

    def at(page, name):
        before = page.viewport_size
        for size, mode in (("phone-360", "dark"), ("desktop-1280", "light")):
            width, height = SIZES[size]
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=mode, reduced_motion="reduce")
            check(assert_fits, page)
        page.set_viewport_size(before)
        screenshot_matrix(page, f"chain {'' if made_up else 'real '}{name}", full_page=True)

    yield at
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def processes(live_server, tmp_path):
    """A worker, already starting, and a relay to be started, with a broker of their own, on the database of the test."""
    valkey = Valkey(data=tmp_path / "valkey", run=tmp_path, log=tmp_path / "valkey.log")
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    options = {"environment": {**os.environ, "DATABASE_URL": database, "REDIS_URL": valkey.url}}
    celery = (sys.executable, "-m", "celery", "--app", "salesorg", "worker", "--concurrency", "2")
    worker = Child("worker", (*celery, "--without-gossip", "--without-mingle"), log=tmp_path / "worker.log", **options)
    relay = Child("relay", (sys.executable, "manage.py", "relay_outbox"), log=tmp_path / "relay.log", **options)
    try:
        valkey.start()
        valkey.wait_until_ready()
        worker.start()
        yield {"relay": relay}
    finally:
        for child in (relay, worker, valkey):
            child.stop_signal = signal.SIGKILL
            child.stop()


def test_the_chain_from_an_import_to_a_statement(export, desk, look, processes, otto, fay, acting_as):
    people = {user.name: user for user in User.objects.all()}
    rep, manager, stranger = (people[name] for name in (export.players.rep, export.players.manager, export.players.stranger))
    at_reps = desk(rep)
    a_rep_sees_what_is_theirs_and_nothing_of_a_stranger(at_reps, export, look)
    a_visit_is_logged_in_three_taps(at_reps, rep, export, look)
    deal = Deal.objects.get(external_key=f"crm:deal:{export.players.deal}")
    a_move_is_refused_filled_in_dragged_and_taken_back(at_reps, deal, look)
    what_somebody_else_moved_meanwhile_goes_back(at_reps, deal, manager, acting_as, look)
    every_figure_of_the_review_is_its_rows(desk(manager), export, deal, look)
    at_ops, at_strangers = desk(otto), desk(stranger)
    a_patch_passes_to_another_office(at_ops, at_reps, at_strangers, export, stranger, look)
    an_account_moves_to_another_office(at_ops, at_reps, at_strangers, export, look)
    the_nightly_run_is_started_and_watched(at_ops, processes, look)
    a_statement_is_read_line_by_line(desk(fay), at_reps, at_strangers, export, look)
