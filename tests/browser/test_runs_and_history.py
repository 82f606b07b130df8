"""Runs and history in a real browser: a run moves by itself, history reads well, undo works from a toast."""

import sys
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Account
from salesorg.jobs import outbox, runs
from salesorg.jobs.models import OutboxMessage, Run

sys.path.insert(0, str(Path(__file__).parent))
from looking import assert_accessible, assert_fits, screenshot_matrix

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nightly(monkeypatch):
    """A nightly run of two steps of three parts each."""
    monkeypatch.setattr(runs, "_steps", {})

    def work(run, payload):
        runs.report_problem(run, f"Rita, 2026-0{payload['month']}", "No quota for this month. Set one under Quotas.")
        return {"credits": 120, "statements": 4}

    def parts(run):
        return [(str(month), {"month": month}) for month in (1, 2, 3)]

    for order, name in enumerate(["Bookings and credits", "Ledger"]):
        runs.register_step(job="nightly", order=order, name=name, parts=parts, work=work)


def test_a_run_is_started_and_watched_to_its_end(page, sign_in, otto, nightly):
    OutboxMessage.objects.create(
        topic="people.password_link", key="link 12", parked_at=timezone.now(), problem="The mail server refused the address."
    )
    visit = sign_in(otto)
    visit(reverse("home:runs"))
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("Running")).to_be_visible()
    for _ in range(3):  # the step, and two of its parts
        outbox.perform(outbox.to_do().order_by("pk").values_list("pk", flat=True)[0])
    expect(page.get_by_text("2 of 3 parts done")).to_be_visible()
    screenshot_matrix(page, "run while running", full_page=True)
    runs.run_here(Run.objects.get())
    expect(page.get_by_text("6 of 6 parts done")).to_be_visible()
    screenshot_matrix(page, "run done", full_page=True)
    assert_fits(page)
    assert_accessible(page)
    visit(reverse("home:runs"))
    screenshot_matrix(page, "runs", full_page=True)
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It is tried again.")).to_be_visible()


def test_a_change_is_read_in_the_history_and_undone_there(page, sign_in, rita, sam, account_of, acting_as):
    account = account_of(rita, "Acme")
    with acting_as(sam, "accounts:account_edit"):
        Account.objects.filter(pk=account.pk).update(industry="Mining", tier="A", employees=1200)
    with acting_as(rita, "accounts:account_edit"):
        Account.objects.filter(pk=account.pk).update(name="Acme Holding", note="Ask for Kim at the gate. " * 20)
    sign_in(rita)(reverse("audit:history", args=["accounts_account", account.pk]))
    screenshot_matrix(page, "history", full_page=True)
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 change taken back")).to_be_visible()
    account.refresh_from_db()
    assert (account.name, account.industry) == ("Acme", "Mining")


def test_all_changes_are_read_by_the_administrator(page, sign_in, ada, rita, account_of, acting_as):
    with acting_as(rita, "accounts:account_new"):
        for number in range(8):
            account_of(rita, f"Account number {number}")
    sign_in(ada)(reverse("audit:change_list"))
    page.get_by_text("Name, ").first.click()
    screenshot_matrix(page, "all changes", full_page=True)
    assert_fits(page)
    assert_accessible(page)
