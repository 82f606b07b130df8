"""Work that follows from a change: it happens when and only when the change did, once, in the name of its person."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Account
from salesorg.audit.models import Change
from salesorg.jobs import outbox, relay, tasks
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.acting import current


def one(key):
    return OutboxMessage.objects.get(key=key)


def publish(key="acme", topic="open account", **payload):
    with transaction.atomic():
        outbox.publish(topic, payload, key)
    return one(key).pk


def open_account(payload):
    Account.objects.create(name=payload.get("name", "Acme"))


def make_older(**ago):
    OutboxMessage.objects.update(**{name: timezone.now() - delta for name, delta in ago.items()})


@pytest.mark.django_db(transaction=True)
def test_work_cannot_be_published_apart_from_its_change():
    with pytest.raises(transaction.TransactionManagementError, match="in the transaction of the change"):
        outbox.publish("open account", {}, "acme")


def test_work_of_a_change_that_was_rolled_back_is_never_done(db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.publish("open account", {}, "acme")
        _ = 1 / 0
    assert not OutboxMessage.objects.exists()


def test_the_same_work_published_twice_is_done_once(db, handler):
    handler("open account", open_account)
    first = publish("acme")
    assert publish("acme") == first
    assert outbox.perform(first)
    assert publish("acme") == first
    assert not outbox.perform(first)
    assert Account.objects.count() == 1


def test_work_is_recorded_as_done_by_the_person_whose_change_it_follows(rita, acting_as, handler):
    handler("open account", open_account)
    with acting_as(rita) as click:
        pk = publish()
    outbox.perform(pk)
    change = Change.objects.get(table="accounts_account")
    assert (change.actor_id, change.cause, change.context) == (rita.pk, "open account", click.context)


def test_what_the_work_publishes_is_in_the_name_of_the_same_person(rita, acting_as, handler):
    handler("first", lambda payload: outbox.publish("second", {}, "second"))
    with acting_as(rita) as click:
        pk = publish(topic="first", key="first")
    outbox.perform(pk)
    assert (one("second").actor_id, one("second").context) == (rita.pk, click.context)
    assert current() is None


def test_failed_work_leaves_nothing_and_is_parked_after_three_attempts(db, handler):
    def fail(payload):
        open_account(payload)
        raise ValueError("The price list is empty.\x00")

    told = []
    handler("open account", fail, parked=lambda payload, problem: told.append((payload, problem)))
    pk = publish(name="Acme")
    for attempt in (1, 2, 3):
        assert not outbox.perform(pk)
        assert one("acme").attempts == attempt
    assert (one("acme").parked_at is not None, one("acme").problem) == (True, "The price list is empty.")
    assert told == [({"name": "Acme"}, "The price list is empty.")]
    assert not Account.objects.exists()
    assert not outbox.perform(pk)
    assert one("acme").attempts == 3


def test_work_that_kills_its_worker_is_parked_without_being_tried_a_fourth_time(db, handler):
    tried = []
    handler("open account", tried.append)
    pk = publish()
    OutboxMessage.objects.update(attempts=3)  # three workers counted and died
    assert not outbox.perform(pk)
    assert (tried, one("acme").problem) == ([], "The worker ended in the middle of it, each time.")


def test_parked_work_is_tried_again_when_somebody_says_so(db, handler):
    healed = []
    handler("open account", open_account, retried=healed.append)
    pk = publish(name="Acme")
    OutboxMessage.objects.update(attempts=3, parked_at=timezone.now(), problem="no disk")
    assert outbox.retry(pk=pk)
    assert not outbox.retry(pk=pk)
    assert healed == [{"name": "Acme"}]
    assert outbox.perform(pk)
    assert Account.objects.count() == 1


def test_work_without_a_handler_says_so(db):
    pk = publish(topic="unheard of")
    outbox.perform(pk)
    assert "unheard of" in one("acme").problem


@pytest.mark.django_db(transaction=True)
def test_work_in_progress_elsewhere_is_left_alone_and_not_counted(handler):
    handler("open account", open_account)
    pk = publish()
    elsewhere = connection.copy()
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [outbox_lock(pk)])
    assert not outbox.perform(pk)
    with elsewhere.cursor() as cursor:  # closing alone ends the session a moment later
        cursor.execute("SELECT pg_advisory_unlock_all()")
    elsewhere.close()
    assert one("acme").attempts == 0
    assert outbox.perform(pk)


def outbox_lock(pk):
    from salesorg.lib.db import lock_number

    return lock_number(f"outbox {pk}")


class Broker(list):
    """Receives ids; fails after `works_for` of them. Nobody takes them out of it."""

    def __init__(self, works_for=1000):
        super().__init__()
        self.left = works_for

    def send(self, pk):
        if not self.left:
            raise OSError("no broker")
        self.left -= 1
        self.append(pk)

    def relay(self):
        return relay.send_waiting(self.send, lambda: len(self))


def test_the_relay_sends_each_message_once_in_order(db):
    pks = [publish(key) for key in "abc"]
    broker = Broker()
    assert broker.relay() == 3
    assert broker.relay() == 0
    assert broker == pks


def test_what_is_not_done_after_twenty_seconds_is_sent_again(db, handler):
    handler("open account", open_account)
    done, lost = publish("done"), publish("lost")
    Broker().relay()
    outbox.perform(done)
    make_older(sent_at=timedelta(seconds=19))
    assert Broker().relay() == 0
    make_older(sent_at=timedelta(seconds=21))
    broker = Broker()
    broker.relay()
    assert broker == [lost]


def test_a_broker_that_is_down_delays_and_loses_nothing(db):
    pks = [publish(key) for key in "abc"]
    with pytest.raises(OSError, match="no broker"):
        Broker(works_for=1).relay()
    broker = Broker()
    broker.relay()
    assert broker == pks[1:]


def test_a_backlog_waits_in_the_database_and_not_in_the_broker(db, monkeypatch):
    monkeypatch.setattr(relay, "WINDOW", 2)
    pks = [publish(key) for key in "abc"]
    broker = Broker()
    broker.relay()
    make_older(sent_at=timedelta(seconds=21))  # no worker takes them: sent again, they would only be more
    broker.relay()
    assert broker == pks[:2]
    broker.clear()  # lost with the broker's data: they go again before the one that was never sent
    broker.relay()
    assert broker == pks[:2]


def test_what_was_done_a_month_ago_is_removed_and_what_was_not_stays(db):
    for key in ("old", "new", "waiting"):
        publish(key)
    now = timezone.now()
    OutboxMessage.objects.filter(key="old").update(done_at=now - timedelta(days=31))
    OutboxMessage.objects.filter(key="new").update(done_at=now - timedelta(days=29))
    assert outbox.prune(now=now) == 1
    assert set(OutboxMessage.objects.values_list("key", flat=True)) == {"new", "waiting"}


def test_a_task_of_the_worker_does_the_work(db, handler):
    handler("open account", open_account)
    tasks.perform_message.apply([publish()])
    assert one("acme").done_at is not None
