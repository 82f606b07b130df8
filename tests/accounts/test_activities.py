"""Visits and calls: stored once and only once, and what comes next is planned with them."""

import threading
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Activity
from accounts.services import add_contact, complete_activity, log_activity, plan_activity
from salesorg.lib.errors import DomainError

NEXT_WEEK = date.today() + timedelta(days=7)


def test_a_visit_sent_again_is_stored_once_and_answers_alike(rita, account_of):
    account, sent = (
        account_of(rita),
        {"kind": "visit", "outcome": "well", "client_id": uuid.uuid4(), "next_kind": "call", "next_on": NEXT_WEEK},
    )
    answers = {log_activity(account=account, actor=rita, **sent).pk for _attempt in range(5)}
    assert len(answers) == 1
    assert list(Activity.objects.order_by("pk").values_list("kind", "due_on")) == [("visit", None), ("call", NEXT_WEEK)]


@pytest.mark.django_db(transaction=True)
def test_the_same_visit_sent_five_times_at_once_is_stored_once_and_answers_alike(rita, account_of):
    account, client_id, answers, start = account_of(rita), uuid.uuid4(), [], threading.Barrier(5)

    def send():
        start.wait()
        visit = log_activity(account=account, actor=rita, kind="visit", client_id=client_id, next_kind="call", next_on=NEXT_WEEK)
        answers.append(visit.pk)
        connection.close()

    senders = [threading.Thread(target=send) for _ in range(5)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert len(answers) == 5 and len(set(answers)) == 1
    assert Activity.objects.count() == 2  # the visit and its next step


def test_the_next_step_follows_the_visit(rita, account_of):
    visit = log_activity(account=account_of(rita), actor=rita, kind="visit", next_kind="call", next_on=NEXT_WEEK)
    step = visit.next_steps.get()
    assert (step.user, step.kind, step.due_on, step.is_done) == (rita, "call", NEXT_WEEK, False)


def test_a_visit_cannot_have_happened_tomorrow(rita, account_of):
    with pytest.raises(DomainError, match="planned, not logged"):
        log_activity(account=account_of(rita), actor=rita, kind="visit", done_at=timezone.now() + timedelta(days=1))


def test_whoever_was_met_belongs_to_the_account(rita, account_of):
    other = add_contact(account=account_of(rita, "Other"), actor=rita, name="Olga")
    with pytest.raises(DomainError, match="Olga does not belong to Acme"):
        log_activity(account=account_of(rita, "Acme"), actor=rita, kind="visit", contact=other)


def test_a_number_used_for_one_visit_cannot_overwrite_or_reveal_another(rita, tom, account_of):
    client_id = uuid.uuid4()
    log_activity(account=account_of(rita), actor=rita, kind="visit", note="secret", client_id=client_id)
    with pytest.raises(DomainError, match="something else"):
        log_activity(account=account_of(tom), actor=tom, kind="visit", client_id=client_id)


def test_a_planned_call_is_done_once(rita, account_of):
    planned = plan_activity(account=account_of(rita), actor=rita, kind="call", due_on=NEXT_WEEK)
    for _attempt in range(2):
        done = complete_activity(activity=planned, actor=rita, outcome="neutral", next_kind="visit", next_on=NEXT_WEEK)
    assert done.is_done and done.outcome == "neutral"
    assert done.next_steps.get().kind == "visit"
