"""Reminders: told by the open page, mailed once to those who asked, and not for what was moved, done or taken away."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from accounts.models import Activity, ReminderChoice
from accounts.services import plan_activity
from accounts.services.reminders import choose_reminders, mail_due_reminders
from salesorg.jobs import outbox
from salesorg.people.models import Absence


@pytest.fixture
def visit(rita, account_of):
    """A visit of rita's in ten minutes, whose reminder came a minute ago."""
    account, now = account_of(rita, "Acme"), timezone.now()
    visit = plan_activity(account=account, kind="visit", due_on=rita.today, subject="Prices", actor=rita)
    begins, told = now + timedelta(minutes=10), now - timedelta(minutes=1)
    Activity.objects.filter(pk=visit.pk).update(starts_at=begins, remind_at=told)
    visit.refresh_from_db()
    return visit


def sent():
    """Work off the outbox, and give the subjects of what was mailed."""
    for pk in outbox.to_do().values_list("pk", flat=True):
        outbox.perform(pk)
    return [each.subject for each in mail.outbox]


def told(client):
    return [each["text"] for each in client.get("/accounts/reminders/").json()["reminders"]]


def test_the_open_page_tells_whoever_it_is_for_and_nobody_else(visit, rita, sam, as_user):
    (words,) = told(as_user(rita))
    assert words.endswith("Visit at Acme")
    assert told(as_user(sam)) == []


def test_nothing_is_told_before_its_time_or_once_it_is_done(visit, rita, as_user):
    client = as_user(rita)
    Activity.objects.filter(pk=visit.pk).update(done_at=timezone.now())
    assert told(client) == []
    Activity.objects.filter(pk=visit.pk).update(done_at=None, remind_at=timezone.now() + timedelta(minutes=5))
    assert told(client) == []


def test_a_mail_goes_once_to_whoever_asked_for_it(visit, rita):
    mail_due_reminders(now=timezone.now())
    assert sent() == []
    choose_reminders(by_email=True, actor=rita)
    for _tick in range(3):
        mail_due_reminders(now=timezone.now())
    (subject,) = sent()
    assert subject.endswith("Visit at Acme")
    assert mail.outbox[0].to == [rita.email]
    assert f"/accounts/activities/{visit.pk}/" in mail.outbox[0].body
    mail_due_reminders(now=timezone.now())
    assert len(sent()) == 1


def test_what_was_moved_after_the_tick_is_not_mailed_at_its_old_time(visit, rita):
    choose_reminders(by_email=True, actor=rita)
    mail_due_reminders(now=timezone.now())
    Activity.objects.filter(pk=visit.pk).update(remind_at=visit.remind_at - timedelta(minutes=2))
    assert sent() == []


def test_mails_are_asked_for_and_given_up_on_a_page(rita, as_user):
    client = as_user(rita)
    client.post("/accounts/reminders/settings/", {"by_email": "on"})
    assert ReminderChoice.objects.get().by_email
    assert client.get("/accounts/reminders/settings/").context["form"]["by_email"].value() is True
    client.post("/accounts/reminders/settings/", {})
    assert not ReminderChoice.objects.get().by_email


def test_nobody_is_reminded_while_away(visit, rita, as_user):
    choose_reminders(by_email=True, actor=rita)
    Absence.objects.create(user=rita, during=DateRange(rita.today, rita.today + timedelta(days=1)))
    assert told(as_user(rita)) == []
    mail_due_reminders(now=timezone.now())
    assert sent() == []
