"""What was written without network: stored once, as written then, and never lost without a word."""

import io
import threading
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Account, Activity, Coverage
from accounts.services import plan_activity

ADDRESS = "/accounts/sent-later/"


def item(account, form="visit", logged=None, planned=None, **fields):
    if form == "visit":
        fields = {"kind": "visit", "outcome": "well"} | fields
    logged = logged or timezone.now()
    return {
        "client_id": str(uuid.uuid4()),
        "kind": form,
        "account": str(getattr(account, "pk", account)),
        "fields": fields,
        "logged_at": logged.isoformat(),
        "planned": planned and str(planned.pk),
    }


@pytest.fixture
def send(as_user):
    def sent(person, *items, clock=None, says=None):
        parcel = {"person": (says or person).pk, "clock": (clock or timezone.now()).isoformat(), "items": list(items)}
        return as_user(person).post(ADDRESS, parcel, content_type="application/json", headers={"Accept": "application/json"})

    return sent


def answers(response):
    return response.json()["answers"]


def give_to(account, person, day):
    """From `day` on the account is covered by somebody else."""
    line = account.coverage.get().line
    account.coverage.update(during=DateRange(day - timedelta(days=900), day))
    facts = {"line": line, "role": 3, "source": "manual", "reason": "test", "is_first_contact": True}
    Coverage.objects.create(account=account, user=person, during=DateRange(day, None), **facts)


def test_who_is_signed_in_is_told_with_a_token(as_user, rita):
    told = as_user(rita).get(ADDRESS).json()
    assert told["person"] == rita.pk and len(told["token"]) > 30


def test_an_ended_session_is_asked_to_sign_in_and_not_sent_a_page(client, db):
    for answer in (
        client.get(ADDRESS, headers={"Accept": "application/json"}),
        client.post(ADDRESS, {}, content_type="application/json", headers={"Accept": "application/json"}),
    ):
        assert answer.status_code == 401 and "Sign in again" in answer.json()["error"]["message"]


def test_a_visit_is_sent_with_its_next_step_as_of_the_day_it_was_written(send, rita, account_of):
    acme, written = account_of(rita), timezone.now() - timedelta(days=3)
    sent = item(acme, logged=written, note="Wants blue", next_kind="call", next_in="7")
    assert answers(send(rita, sent))[0]["state"] == "stored"
    visit, step = Activity.objects.order_by("pk")
    assert (visit.done_at, visit.note, str(visit.client_id)) == (written, "Wants blue", sent["client_id"])
    assert step.due_on == rita.today - timedelta(days=3) + timedelta(days=7)


def test_sent_again_it_is_answered_the_same_and_stored_once(send, rita, account_of):
    sent = item(account_of(rita), next_kind="call", next_in="7")
    first, again = answers(send(rita, sent)), answers(send(rita, sent, sent))
    assert [each["state"] for each in first + again] == ["stored"] * 3
    assert Activity.objects.count() == 2  # the visit and its next step


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["visit", "plan", "order", "done"])
def test_the_same_item_sent_five_times_at_once_is_stored_once(rita, account_of, kind):
    acme = account_of(rita)
    planned = plan_activity(account=acme, kind="visit", due_on=rita.today, actor=rita) if kind == "done" else None
    fields = {"plan": {"kind": "call", "due_on": str(rita.today)}, "order": {"what": "9 bolts"}, "done": {"outcome": "well"}}
    sent = item(acme, kind, planned=planned, **fields.get(kind, {"next_kind": "call", "next_in": "3"}))
    start, states = threading.Barrier(5), []

    def one():
        browser = Client()
        browser.force_login(rita, backend="salesorg.people.backends.PeopleBackend")
        start.wait()
        parcel = {"person": rita.pk, "items": [sent]}
        states.append(answers(browser.post(ADDRESS, parcel, content_type="application/json"))[0]["state"])
        connection.close()

    senders = [threading.Thread(target=one) for _each in range(5)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert states == ["stored"] * 5
    assert Activity.objects.count() == (2 if kind == "visit" else 1)


@pytest.mark.parametrize("hours", [-26, 26])
def test_a_phone_whose_clock_is_a_day_wrong_stores_the_right_moment(send, rita, account_of, hours):
    wrong, really = timedelta(hours=hours), timezone.now() - timedelta(hours=2)
    send(rita, item(account_of(rita), logged=really + wrong), clock=timezone.now() + wrong)
    assert abs(Activity.objects.get().done_at - really) < timedelta(seconds=10)


def test_a_moment_that_cannot_be_is_now(send, rita, account_of):
    for said in ("yesterday", None, "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "2026-03-03T10:00"):
        assert answers(send(rita, item(account_of(rita)) | {"logged_at": said}))[0]["state"] == "stored"
    assert all(abs(each.done_at - timezone.now()) < timedelta(seconds=10) for each in Activity.objects.all())


def test_a_visit_to_an_account_that_went_to_somebody_else_meanwhile_is_stored_there_and_said(send, rita, tom, account_of):
    acme = account_of(rita, "Acme")
    give_to(acme, tom, rita.today - timedelta(days=2))
    [answer] = answers(send(rita, item(acme, logged=timezone.now() - timedelta(days=5), note="Decided")))
    assert answer["state"] == "stored" and "Acme is now covered by others" in answer["said"] and answer["to"] == ""
    assert Activity.objects.get(account=acme).note == "Decided"


def test_it_must_have_been_theirs_when_it_was_written_and_not_long_ago(send, rita, tom, account_of):
    acme = account_of(rita, "Acme")
    give_to(acme, tom, rita.today - timedelta(days=70))
    said = answers(
        send(rita, item(acme, logged=timezone.now() - timedelta(days=3)), item(acme, logged=timezone.now() - timedelta(days=80)))
    )
    assert [each["state"] for each in said] == ["refused", "refused"] and not Activity.objects.exists()


def test_a_deleted_account_and_a_strangers_are_refused_alike_and_can_be_mended(send, rita, tom, account_of):
    gone = account_of(rita)
    Account.objects.filter(pk=gone.pk).delete()
    deleted, hidden, nonsense = answers(send(rita, item(gone.pk), item(account_of(tom)), item("acme")))
    assert deleted["fields"] == ["account"] and deleted["state"] == "refused" and "Choose another one" in deleted["said"]
    same = {"state", "said", "fields", "errors", "to"}
    assert {key: deleted[key] for key in same} == {key: hidden[key] for key in same} == {key: nonsense[key] for key in same}


def test_one_refused_item_keeps_no_other_back(send, rita, account_of):
    acme = account_of(rita)
    said = answers(
        send(rita, item(acme, outcome="great"), item(acme, next_kind="call"), item(acme, note="x" * 30_000), item(acme))
    )
    assert [each["state"] for each in said] == ["refused"] * 3 + ["stored"]
    assert [each["fields"] for each in said[:3]] == [["outcome"], ["next_in"], ["note"]]
    assert said[1]["said"] == "when: Say when the next step is due."
    assert Activity.objects.count() == 1


def test_a_visit_planned_and_done_without_network_is_completed(send, rita, account_of):
    acme = account_of(rita)
    planned = plan_activity(account=acme, kind="call", due_on=rita.today, actor=rita)
    send(rita, item(acme, "done", planned=planned, outcome="well", note="Signed"))
    done = Activity.objects.get()
    assert (done.pk, done.outcome, done.note, done.is_done) == (planned.pk, "well", "Signed", True)


def test_what_a_colleague_has_completed_otherwise_or_deleted_is_logged_beside_it(send, rita, sam, account_of):
    acme = account_of(rita)
    planned = plan_activity(account=acme, kind="call", due_on=rita.today, actor=rita)
    assert answers(send(sam, item(acme, "done", planned=planned, outcome="badly")))[0]["state"] == "stored"
    mine = item(acme, "done", planned=planned, outcome="well", note="Signed")
    assert [each["state"] for each in answers(send(rita, mine, mine))] == ["stored"] * 2
    assert sorted(Activity.objects.values_list("outcome", "note", "kind")) == [("badly", "", "call"), ("well", "Signed", "call")]
    deleted = item(acme, "done", outcome="neutral", kind="call") | {"planned": "999999"}
    assert answers(send(rita, deleted))[0]["state"] == "stored" and Activity.objects.count() == 3


def test_an_order_becomes_a_task_of_the_accounts_first_contact(send, rita, sam, account_of):
    acme, wanted = account_of(sam), rita.today + timedelta(days=9)
    [answer] = answers(send(rita, item(acme, "order", what="9 bolts\n3 nuts", wanted_on=str(wanted))))
    task = Activity.objects.get()
    assert answer["state"] == "stored" and (task.user, task.kind, task.due_on) == (sam, "task", rita.today)
    assert task.subject == "Order: 9 bolts" and str(wanted) in task.note and "3 nuts" in task.note


def test_the_order_form_online_passes_on_the_same(as_user, rita, sam, account_of):
    answer = as_user(rita).post(f"/accounts/{account_of(sam).pk}/order/", {"what": "9 bolts"}, follow=True)
    assert "Order passed on to Sam" in answer.content.decode() and Activity.objects.get().user == sam


def test_items_of_somebody_else_are_not_taken(send, rita, sam, account_of):
    assert send(sam, item(account_of(rita)), says=rita).status_code == 401
    assert not Activity.objects.exists()


def test_who_does_not_log_visits_is_refused(send, fay, rita, account_of):
    assert send(fay, item(account_of(rita))).status_code == 403


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", "[" * 100_000, '{"items": 3}', '{"items": []}', f'{{"items": {[1] * 21}}}'],
    ids=["empty", "list", "cut off", "deep", "number", "none", "many"],
)
def test_what_is_no_parcel_is_refused_in_words(as_user, rita, body):
    answer = as_user(rita).post(ADDRESS, body, content_type="application/json", headers={"Accept": "application/json"})
    assert answer.status_code == 422 and answer.json()["error"]["message"]


def test_nonsense_in_items_is_answered_item_by_item(send, rita, account_of):
    acme = account_of(rita)
    good = item(acme)
    wrong = [
        7,
        None,
        good | {"client_id": "x"},
        good | {"client_id": None},
        good | {"kind": "sale"},
        good | {"kind": ["visit"]},
        good | {"fields": []},
        good | {"fields": {"kind": {"a": 1}, "outcome": None}},
        item(acme, note="a\x00b"),
        item(acme, done_at="9999-12-31T00:00"),
        item("9" * 5000),
        item("²"),
    ]
    said = answers(send(rita, *wrong))
    assert [each["state"] for each in said] == ["refused"] * len(wrong)
    assert all(each["said"] for each in said)
    assert not Activity.objects.exists()


def picture(name="shelf.png"):
    body = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(body, "PNG")
    return SimpleUploadedFile(name, body.getvalue())


def test_a_photo_comes_after_its_visit_and_is_kept_once(send, as_user, rita, sam, account_of):
    sent = item(account_of(rita))
    photo = {"person": rita.pk, "client_id": str(uuid.uuid4()), "visit": sent["client_id"]}
    address = f"{ADDRESS}photo/"
    early = answers(as_user(rita).post(address, photo | {"photo": picture()}))[0]
    assert early["state"] == "refused" and "not here" in early["said"]
    send(rita, sent)
    states = [answers(as_user(rita).post(address, photo | {"photo": picture()}))[0]["state"] for _each in range(2)]
    assert states == ["stored", "stored"] and Activity.objects.get().photos.count() == 1
    others = answers(as_user(sam).post(address, photo | {"person": sam.pk, "client_id": str(uuid.uuid4()), "photo": picture()}))
    assert others[0]["state"] == "refused" and Activity.objects.get().photos.count() == 1


def test_what_is_no_photo_is_refused_in_words_and_the_visit_stays(send, as_user, rita, account_of):
    sent = item(account_of(rita))
    send(rita, sent)
    program = SimpleUploadedFile("shelf.jpg", b"MZ" + b"\0" * 100)
    photo = {"person": rita.pk, "client_id": str(uuid.uuid4()), "visit": sent["client_id"], "photo": program}
    [answer] = answers(as_user(rita).post(f"{ADDRESS}photo/", photo))
    assert answer["state"] == "refused" and "shelf.jpg" in answer["said"] and Activity.objects.count() == 1
