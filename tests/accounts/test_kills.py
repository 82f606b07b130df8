"""Killed in mid scan for duplicates, in a change of many rows, in the night of tiers and cadences: nothing lost or doubled."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from accounts import changing
from accounts.models import Account, AccountPair, Activity, BulkChange, ContactDue
from accounts.nightly import cadences as cadence_nightly
from accounts.nightly import pairs as nightly
from accounts.nightly import tiers as tier_nightly
from accounts.services.cadences import set_cadence
from salesorg.audit.models import Change
from salesorg.jobs.models import Run
from salesorg.jobs.runs import run_here, start_run
from salesorg.lib.bulk import Chosen
from tests.killing import killed_after

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def twins(rita, account_of):
    for name in ("Nordal", "Nordal AG", "Solveig", "Solveig Inc"):
        account_of(rita, name)
    Account.objects.update(lifecycle="customer", tier="C")


def finished(run):
    assert run_here(run).state == Run.State.DONE, run.problems


def test_a_scan_for_duplicates_goes_on_where_it_was_killed(twins):
    run = start_run(job="duplicates", period="2026-03-02")
    killed_after(nightly, "find_pairs", lambda: run_here(run))
    assert AccountPair.objects.count() == 0
    finished(run)
    run.refresh_from_db()
    assert (AccountPair.objects.count(), run.counts["pairs found"]) == (2, 2)


def test_a_change_of_many_rows_goes_on_where_it_was_killed(twins, rita, monkeypatch):
    monkeypatch.setattr(changing, "AT_ONCE", 2)
    form = changing.kind_of("accounts").form({"industry": "Steel"}, user=rita)
    assert form.is_valid()
    form.data = QueryDict("industry=Steel")
    chosen = Chosen(Account.objects.all(), 4, "", "Accounts", moved_on=False)
    change = changing.begin_change(kind="accounts", chosen=chosen, form=form, actor=rita)
    change.refresh_from_db()
    run = Run.objects.get(pk=change.run_id)
    killed_after(changing, "_note", lambda: run_here(run))
    assert not Account.objects.filter(industry="Steel").exists()
    finished(run)
    change.refresh_from_db()
    assert (change.state, change.counts["changed"], Account.objects.filter(industry="Steel").count()) == ("done", 4, 4)
    assert Change.objects.filter(context=change.context).count() == 4
    changing.undo_change(change=change, actor=rita)
    change.refresh_from_db()
    run = Run.objects.get(pk=change.run_id)
    killed_after(changing, "undo", lambda: run_here(run))
    assert Account.objects.filter(industry="Steel").count() == 4
    finished(run)
    assert not Account.objects.filter(industry="Steel").exists()
    assert BulkChange.objects.get().state == "undone"


def test_the_night_of_tiers_and_cadences_goes_on_where_it_was_killed(twins, rita, otto):
    today = rita.today
    for tier in ("new", "C"):  # what the night makes of customers that have bought nothing
        set_cadence(kind="visit", every_days=30, from_day=today - timedelta(days=90), tier=tier, actor=otto)
    ContactDue.objects.update(since=today - timedelta(days=90))
    run = start_run(job="nightly", period=today.isoformat())
    killed_after(tier_nightly, "apply_tiers", lambda: run_here(run))
    killed_after(cadence_nightly, "plan_by_cadence", lambda: run_here(run))
    assert not Activity.objects.exists()
    finished(run)
    assert Activity.objects.planned().count() == Account.objects.count() == 4
