"""Signing in and out, passwords and their links, lockout, and the sessions of a person."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from salesorg.jobs import outbox
from salesorg.jobs.models import OutboxMessage
from salesorg.people.models import Session, User
from salesorg.people.services import signing_in
from tests.conftest import PASSWORD

SIGN_IN = "/sign-in/"
NEW = "another long phrase 7"


def try_to_sign_in(client, email, password=PASSWORD, **more):
    return client.post(SIGN_IN, {"username": email, "password": password} | more)


@pytest.fixture
def signed_in(rita):
    """A browser in which rita has signed in through the form."""

    def make(user=rita, agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", password=PASSWORD):
        client = Client(HTTP_USER_AGENT=agent)
        assert try_to_sign_in(client, user.email, password).status_code == 302
        return client

    return make


def is_signed_in(client):
    return client.get(reverse("people:sessions")).status_code == 200


@pytest.mark.parametrize("email", ["rita@northwind.example", "RITA@Northwind.Example"])
def test_a_person_signs_in_with_the_address_in_any_case(client, rita, email):
    assert try_to_sign_in(client, email).status_code == 302
    assert is_signed_in(client)


def test_a_wrong_password_an_unknown_address_and_a_person_who_left_get_the_same_answer(client, rita, gone):
    answers = [
        try_to_sign_in(client, rita.email, "wrong"),
        try_to_sign_in(client, "nobody@northwind.example"),
        try_to_sign_in(client, gone.email),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert all("do not belong together" in answer.content.decode() for answer in answers)
    assert not is_signed_in(client)


def test_an_unknown_address_costs_as_much_time_as_a_wrong_password(client, rita, monkeypatch):
    """The password is hashed in both cases; without that the answer's time would tell who works here."""
    hashed = []
    monkeypatch.setattr("django.contrib.auth.hashers.MD5PasswordHasher.encode", lambda self, *args: hashed.append(1) or "md5$a$b")
    monkeypatch.setattr("django.contrib.auth.hashers.MD5PasswordHasher.harden_runtime", lambda self, *args: None)
    counts = []
    for email in (rita.email, "nobody@northwind.example"):
        hashed.clear()
        try_to_sign_in(client, email, "wrong")
        counts.append(len(hashed))
    assert counts[0] == counts[1] >= 1


@pytest.mark.parametrize("typed", ["", "\x00", "a" * 10_000, "rita@northwind.example\x00"])
def test_nonsense_at_sign_in_is_answered_at_the_form(client, rita, typed):
    assert try_to_sign_in(client, typed, typed).status_code == 422


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_sign_in_goes_on_to_pages_of_this_site_alone(client, rita, page):
    assert try_to_sign_in(client, rita.email, next=page)["Location"] == "/"
    client.logout()
    assert try_to_sign_in(client, rita.email, next="/sessions/?a=1")["Location"] == "/sessions/?a=1"


def test_five_wrong_passwords_lock_the_address_and_say_when_to_try_again(client, rita):
    for _ in range(4):
        assert try_to_sign_in(client, rita.email, "wrong").status_code == 422
    locked = try_to_sign_in(client, rita.email.upper(), "wrong")
    assert locked.status_code == 429
    assert "Try again in 15 minutes" in locked.content.decode()
    assert 800 < int(locked["Retry-After"]) <= 900
    assert try_to_sign_in(client, rita.email).status_code == 429, "even the right password waits"
    assert try_to_sign_in(client, "nobody@northwind.example", "wrong").status_code == 422, "nobody else is locked"


def test_a_try_while_locked_does_not_move_the_promised_moment(client, rita, time_machine):
    for _ in range(5):
        try_to_sign_in(client, rita.email, "wrong")
    time_machine.move_to(timezone.now() + timedelta(minutes=10))
    assert "Try again in 5 minutes" in try_to_sign_in(client, rita.email, "wrong").content.decode()
    time_machine.move_to(timezone.now() + timedelta(minutes=6))
    assert try_to_sign_in(client, rita.email).status_code == 302


def test_an_unknown_address_is_locked_in_the_same_way(client, rita):
    assert [try_to_sign_in(client, "nobody@northwind.example", "x").status_code for _ in range(5)] == [422] * 4 + [429]


def test_failures_keep_no_password(client, rita):
    try_to_sign_in(client, rita.email, "my secret slip")
    assert "secret" not in str(AccessAttempt.objects.values().get())


def test_signing_out_ends_the_session(signed_in):
    client = signed_in()
    assert client.get("/sign-out/").status_code == 405, "a picture's address must not sign anybody out"
    client.post("/sign-out/")
    assert not Session.objects.exists()
    assert not is_signed_in(client)


def test_signing_in_changes_the_key_of_the_session(rita):
    """A key planted in the browser before must be worth nothing afterwards."""
    client = Client()
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    try_to_sign_in(client, rita.email)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


# ── sessions ──


def test_sessions_are_listed_in_words_and_the_key_is_never_shown(signed_in):
    client = signed_in()
    signed_in(agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1")
    page = client.get("/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert "this browser, now" in page
    assert not any(key in page for key in Session.objects.values_list("session_key", flat=True))


def test_one_session_or_all_others_are_ended_at_once(signed_in):
    here, phone, desk = signed_in(), signed_in(), signed_in()
    handle = Session.objects.get(pk=phone.session.session_key).handle
    assert here.post(reverse("people:session_end", args=[handle])).status_code == 302
    assert (is_signed_in(here), is_signed_in(phone), is_signed_in(desk)) == (True, False, True)
    here.post("/sessions/end-others/")
    assert (is_signed_in(here), is_signed_in(desk)) == (True, False)


def test_nobody_ends_the_session_of_another(signed_in, tom):
    ritas, toms = signed_in(), signed_in(tom)
    handle = Session.objects.get(pk=ritas.session.session_key).handle
    assert toms.post(reverse("people:session_end", args=[handle])).status_code == 404
    toms.post("/sessions/end-others/")
    assert is_signed_in(ritas)


def test_reading_writes_nothing_until_ten_minutes_have_passed(signed_in, time_machine, django_assert_num_queries):
    client = signed_in()
    row = Session.objects.get()
    with django_assert_num_queries(4) as queries:  # session, person with organisation, scope, and the list itself
        client.get("/sessions/")
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    later = timezone.now() + timedelta(minutes=11)
    time_machine.move_to(later)
    answer = client.get("/sessions/")
    seen = Session.objects.get()
    assert seen.created_at == row.created_at
    assert (seen.last_seen_at - later).total_seconds() < 5
    assert seen.expire_date > row.expire_date
    assert "sessionid" in answer.cookies, "the browser keeps the cookie for as long as we keep the session"


def test_expired_sessions_are_pruned(signed_in):
    signed_in(), signed_in()
    old = Session.objects.first()
    Session.objects.filter(pk=old.pk).update(expire_date=timezone.now() - timedelta(days=1))
    assert signing_in.prune()[0] == 1
    assert Session.objects.count() == 1


def test_a_signed_in_page_is_kept_by_no_cache(signed_in):
    assert signed_in().get("/sessions/")["Cache-Control"] == "private, no-store"


# ── passwords ──


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(signed_in, rita):
    here, phone = signed_in(), signed_in()
    assert here.post("/password/", {"current": PASSWORD, "password": NEW}).status_code == 302
    assert Session.objects.filter(user=rita).count() == 1, "ended at once, not only when they are used next"
    assert (is_signed_in(here), is_signed_in(phone)) == (True, False)
    assert is_signed_in(signed_in(password=NEW))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"current": "wrong", "password": NEW}, "This is not your password"),
        ({"current": PASSWORD, "password": "short"}, "too short"),
        ({"current": PASSWORD, "password": "password1234"}, "too common"),
        ({"current": PASSWORD, "password": "73829104658"}, "entirely numeric"),
        ({"current": PASSWORD, "password": "rita@northwind.example"}, "too similar to the e-mail"),
        ({"current": PASSWORD, "password": "x" * 2000}, "at most 1000 characters"),
    ],
)
def test_a_bad_password_is_refused_with_a_sentence(signed_in, typed, sentence):
    answer = signed_in().post("/password/", typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def link_in(message):
    return re.search(r"http://127.0.0.1:8000(/password/\S+)", message.body)[1]


def ask(client, email):
    """Ask for a link, and let the worker do what follows."""
    answer = client.post("/password/forgot/", {"email": email})
    for message in outbox.to_do():
        outbox.perform(message.pk)
    return answer


def test_a_mailed_link_sets_the_password_once(client, rita, signed_in):
    elsewhere = signed_in()
    ask(client, "RITA@northwind.example")
    assert mail.outbox[0].to == [rita.email]
    link = link_in(mail.outbox[0])
    page = client.get(link, follow=True)
    assert link.split("/")[-2] not in page.request["PATH_INFO"], "the token does not stay in the address"
    assert client.post(page.request["PATH_INFO"], {"password": NEW}).status_code == 302
    assert not is_signed_in(elsewhere)
    assert try_to_sign_in(client, rita.email, NEW).status_code == 302
    assert Client().get(link).status_code == 410, "it works once"


def test_a_link_lifts_the_lock(client, rita):
    for _ in range(5):
        try_to_sign_in(client, rita.email, "wrong")
    signing_in.set_password(user=rita, password=NEW, actor=rita)
    assert try_to_sign_in(client, rita.email, NEW).status_code == 302


def test_the_answer_is_the_same_whether_or_not_the_address_exists(client, rita, gone):
    pages = [
        ask(client, email).content.decode().replace(email, "…") for email in (rita.email, "nobody@northwind.example", gone.email)
    ]
    pages = [re.sub(r'[0-9a-f-]{36}|value="[^"]{64}"', "", page) for page in pages]  # the request's id and token
    assert pages[0] == pages[1] == pages[2]
    assert [message.to for message in mail.outbox] == [[rita.email]]


def test_one_mail_in_ten_minutes_however_often_it_is_asked_for(client, rita, time_machine):
    time_machine.move_to("2026-03-03T10:00:00Z")
    for _ in range(5):
        ask(client, rita.email)
    assert len(mail.outbox) == 1
    time_machine.move_to("2026-03-03T10:10:01Z")
    ask(client, rita.email)
    assert len(mail.outbox) == 2


def test_no_link_is_kept_where_it_could_be_read(client, rita, caplog):
    ask(client, rita.email)
    link = link_in(mail.outbox[0])
    client.get(link)
    token = link.split("/")[-2]
    assert token not in str(list(OutboxMessage.objects.values()))
    assert token not in caplog.text


@pytest.mark.parametrize("link", ["MQ/x-y", "___/x-y", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5/x-y", "MQ/new"])
def test_a_link_that_is_not_ours_is_told_so(client, rita, link):
    assert client.get(f"/password/{link}/").status_code == 410


def test_a_link_is_too_old_after_a_day(client, rita, time_machine):
    link = signing_in.password_link_of(rita)
    time_machine.move_to(timezone.now() + timedelta(hours=25))
    assert client.get(link).status_code == 410


# ── at the door ──


def test_every_form_asks_for_its_token(rita):
    client = Client(enforce_csrf_checks=True)
    assert try_to_sign_in(client, rita.email).status_code == 403


def test_cookies_cannot_be_read_by_scripts_or_sent_from_elsewhere(client, rita):
    cookie = try_to_sign_in(client, rita.email).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_person_who_may_no_longer_sign_in_is_out_at_the_next_click(signed_in, rita):
    client = signed_in()
    User.objects.filter(pk=rita.pk).update(is_active=False)
    assert not is_signed_in(client)
