"""The pages of accounts: what a rep, a manager and operations do there, and what bad input is answered."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Activity, Contact, Coverage
from accounts.services import add_contact, log_activity, plan_activity
from salesorg.people.roles import Role

NEXT_WEEK = date.today() + timedelta(days=7)


def rows(response):
    return list(response.context["page"].rows)


# ── lists ──


def test_a_rep_switches_between_her_own_accounts_and_her_teams(rita, sam, tom, account_of, as_user):
    mine, teams, _strangers = account_of(rita), account_of(sam), account_of(tom)
    client = as_user(rita)
    assert rows(client.get("/accounts/?whose=mine")) == [mine]
    assert rows(client.get("/accounts/?whose=team")) == [mine, teams]
    assert rows(client.get("/accounts/")) == [mine, teams]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=stee", {"Steelworks"}),
        ("q=steel.example", {"Steelworks"}),
        ("q=4366412345", {"Steelworks"}),
        ("q=66412345", {"Steelworks"}),
        ("lifecycle=customer", {"Bakery"}),
        ("tier=A", {"Bakery"}),
        ("industry=Food", {"Bakery"}),
        ("country=Austria", {"Steelworks"}),
        ("key=1", {"Bakery"}),
        ("lifecycle=customer&country=Austria", set()),
        ("lifecycle=nonsense", {"Steelworks", "Bakery"}),
        ("q=%00", {"Steelworks", "Bakery"}),
    ],
)
def test_the_address_says_which_accounts_are_shown(rita, account_of, as_user, query, found):
    steel, bakery = account_of(rita, "Steelworks"), account_of(rita, "Bakery")
    Account.objects.filter(pk=steel.pk).update(domain="steel.example", phone="+43 664 12345", country="Austria")
    Account.objects.filter(pk=bakery.pk).update(lifecycle="customer", tier="A", industry="Food", is_key_account=True)
    assert {account.name for account in rows(as_user(rita).get(f"/accounts/?{query}"))} == found


def test_a_menu_offers_only_what_visible_accounts_have_and_keeps_the_other_filters(rita, tom, account_of, as_user):
    for person, industry in ((rita, "Steel"), (tom, "Secret weapons")):
        Account.objects.filter(pk=account_of(person).pk).update(industry=industry)
    menu = as_user(rita).get("/accounts/values/industry/?tier=new").text
    assert "/accounts/?tier=new&amp;industry=Steel" in menu and "Secret" not in menu


def test_a_filter_that_cannot_be_read_is_said(rita, account_of, as_user):
    account_of(rita)
    assert "could not be read" in as_user(rita).get("/accounts/?lifecycle=nonsense").text


def test_a_manager_lists_the_accounts_of_one_person(mia, rita, sam, account_of, as_user):
    account_of(rita)
    sams = account_of(sam)
    assert rows(as_user(mia).get(f"/accounts/?by={sam.pk}")) == [sams]


def test_activities_are_found_by_whom_and_when(mia, rita, sam, account_of, as_user):
    visit = log_activity(account=account_of(rita), actor=rita, kind="visit", outcome="well")
    log_activity(account=account_of(sam), actor=sam, kind="call", done_at=timezone.now() - timedelta(days=40))
    overdue = plan_activity(account=account_of(rita, "Other"), actor=rita, kind="call", due_on=date.today() - timedelta(days=1))
    client = as_user(mia)

    def found(query):
        return list(client.get(f"/accounts/activities/?{query}").context["page"].rows)

    assert found(f"user={rita.pk}") == [visit]
    assert found(f"since={date.today() - timedelta(days=7)}") == [visit]
    assert found("outcome=well") == [visit]
    assert found("state=overdue") == [overdue]


@pytest.mark.parametrize("path", ["/accounts/", "/accounts/activities/", "detail"])
def test_no_page_asks_more_than_fifteen_questions_however_much_there_is(mia, rita, account_of, as_user, path):
    accounts = [account_of(rita, f"Account {i}") for i in range(30)]
    for account in accounts:
        log_activity(account=account, actor=rita, kind="visit", contact=add_contact(account=account, actor=rita, name="Olga"))
        plan_activity(account=account, actor=rita, kind="call", due_on=NEXT_WEEK)
    client = as_user(mia)
    path = accounts[0].get_absolute_url() if path == "detail" else path
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    assert len(asked) <= 15, [query["sql"][:120] for query in asked]


# ── one account ──


def test_an_account_page_says_who_covers_it_and_why(rita, account_of, as_user):
    account = account_of(rita)
    page = as_user(rita).get(account.get_absolute_url()).text
    assert "Rita" in page and "Account executive" in page and "test" in page


def test_a_hidden_parent_is_not_shown_and_not_lost(rita, tom, account_of, as_user):
    parent, child = account_of(tom, "Secret Holding"), account_of(rita, "Child")
    Account.objects.filter(pk=child.pk).update(parent=parent)
    client = as_user(rita)
    assert "Secret Holding" not in client.get(child.get_absolute_url()).text
    edit = reverse("accounts:account_edit", args=[child.pk])
    assert "Secret Holding" not in client.get(edit).text
    child.refresh_from_db()
    answer = client.post(edit, {"name": "Child", "lifecycle": "customer", "version": child.version})
    assert answer.status_code == 302
    child.refresh_from_db()
    assert (child.lifecycle, child.parent) == ("customer", parent)


def test_more_of_the_timeline_comes_on_demand(rita, account_of, as_user):
    account = account_of(rita)
    for i in range(25):
        log_activity(account=account, actor=rita, kind="call", subject=f"call number {i:02}")
    client = as_user(rita)
    first = client.get(account.get_absolute_url())
    assert "call number 24" in first.text and "call number 04" not in first.text
    more = client.get(f"{account.get_absolute_url()}timeline/", {"after": first.context["timeline"].after})
    assert "call number 04" in more.text and "Show more" not in more.text


# ── creating and changing ──


def test_a_rep_creates_an_account_and_lands_on_it(rita, line, as_user):
    answer = as_user(rita).post(
        "/accounts/new/", {"name": "Acme", "domain": "https://www.Acme.example/shop", "lifecycle": "prospect"}
    )
    account = Account.objects.get()
    assert answer.url == account.get_absolute_url()
    assert account.domain == "acme.example"
    assert as_user(rita).get(answer.url).status_code == 200


def test_a_duplicate_is_met_on_arrival_and_can_be_another_company_after_all(rita, sam, account_of, as_user):
    account_of(sam, "Acme")
    client, typed = as_user(rita), {"name": "ACME Inc.", "lifecycle": "prospect", "note": "kept"}
    refused = client.post("/accounts/new/", typed)
    assert refused.status_code == 422
    assert "Acme exists already" in refused.text and "kept" in refused.text and "This is another company" in refused.text
    assert client.post("/accounts/new/", typed | {"another_company": "on"}).status_code == 302


def test_a_stale_save_shows_both_values_and_loses_neither(rita, sam, account_of, as_user):
    account = account_of(rita, "Acme")
    stale = {"name": "Acme", "lifecycle": "prospect", "industry": "steel", "version": 1}
    Account.objects.filter(pk=account.pk).update(industry="food")
    answer = as_user(rita).post(reverse("accounts:account_edit", args=[account.pk]), stale)
    assert answer.status_code == 422
    assert "Someone saved “food” meanwhile; you typed “steel”" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "x" * 300, "at most 200 characters"),
        ("name", "a\x00b", "Null characters are not allowed"),
        ("name", "", "required"),
        ("annual_revenue", "1" + "0" * 15, "between 0 and"),
        ("annual_revenue", "-5", "between 0 and"),
        ("employees", "-1", "greater than or equal to 0"),
        ("employees", "9" * 12, "less than or equal to"),
        ("founded", "99", "greater than or equal to 1000"),
        ("domain", "not a domain", "Give a domain such as acme.com"),
        ("parent", "abc", "valid choice"),
        ("lifecycle", "nonsense", "not one of the available choices"),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field(rita, line, as_user, field, value, sentence):
    answer = as_user(rita).post("/accounts/new/", {"name": "Acme", "lifecycle": "prospect", field: value})
    assert answer.status_code == 422
    assert any(sentence in error for error in answer.context["form"].errors[field]), answer.context["form"].errors
    assert not Account.objects.exists()


def test_a_contact_is_added_changed_and_kept_at_its_account(rita, account_of, as_user):
    account, client = account_of(rita), as_user(rita)
    client.post(reverse("accounts:contact_new", args=[account.pk]), {"name": "Olga", "email": "olga@acme.example"})
    olga = Contact.objects.get()
    client.post(reverse("accounts:contact_edit", args=[olga.pk]), {"name": "Olga", "position": "CFO", "version": olga.version})
    olga.refresh_from_db()
    assert (olga.account, olga.position) == (account, "CFO")


# ── logging ──


def visit_at(account, **more):
    return {"account": account.pk, "client_id": str(uuid.uuid4()), "kind": "visit", "outcome": "well"} | more


def test_a_visit_is_logged_in_three_taps_with_its_next_step(rita, account_of, as_user):
    account = account_of(rita)
    answer = as_user(rita).post("/accounts/log/", visit_at(account, next_kind="call", next_in="7"))
    assert answer.url == account.get_absolute_url()
    visit, step = Activity.objects.order_by("pk")
    assert (visit.outcome, visit.user, step.kind, step.due_on, step.follows) == ("well", rita, "call", NEXT_WEEK, visit)


def test_a_visit_sent_twice_is_stored_once(rita, account_of, as_user):
    sent, client = visit_at(account_of(rita)), as_user(rita)
    assert client.post("/accounts/log/", sent).url == client.post("/accounts/log/", sent).url
    assert Activity.objects.count() == 1


def test_a_browser_without_scripts_gets_a_number_from_the_server(rita, account_of, as_user):
    page = as_user(rita).get(f"/accounts/log/?account={account_of(rita).pk}")
    assert uuid.UUID(str(page.context["form"]["client_id"].value()))


def test_nobody_logs_at_an_account_out_of_sight(rita, tom, account_of, as_user):
    answer = as_user(tom).post("/accounts/log/", visit_at(account_of(rita)))
    assert answer.status_code == 422 and not Activity.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"next_kind": "call"}, "next_in", "Say when"),
        ({"next_in": "7"}, "next_kind", "Say what"),
        ({"next_kind": "call", "next_in": "day", "next_on": "1900-01-01"}, "next_on", "between 2000 and 2100"),
        ({"next_kind": "call", "next_in": "day", "next_on": "9999-12-31"}, "next_on", "between 2000 and 2100"),
        ({"done_at": "1900-01-01T10:00"}, "done_at", "between 2000 and 2100"),
        ({"done_at": "2090-01-01T10:00"}, "done_at", "planned, not logged"),
        ({"note": "x" * 20_001}, "note", "at most 20000"),
        ({"note": "a\x00b"}, "note", "Null characters"),
        ({"client_id": "no number"}, "client_id", "valid UUID"),
        ({"kind": "nonsense"}, "kind", "not one of"),
        ({"contacts": "9" * 30}, "contacts", "valid choice"),
        ({"price": "9.50"}, "competitor", "Say whose"),
        ({"competitor": "Rival", "price": "1e400"}, "price", "between 0"),
        ({"kilometres": "-1"}, "kilometres", "greater than or equal"),
        ({"needs": "a\x00b"}, "needs", "Null characters"),
    ],
)
def test_a_visit_typed_wrongly_is_sent_back_with_a_sentence_and_the_note(rita, account_of, as_user, typed, field, sentence):
    answer = as_user(rita).post("/accounts/log/", {"note": "two pages of notes"} | visit_at(account_of(rita)) | typed)
    assert answer.status_code == 422
    assert any(sentence in error for error in answer.context["form"].errors[field]), answer.context["form"].errors
    if "note" not in typed:
        assert "two pages of notes" in answer.text


def test_a_planned_call_is_completed_from_the_account_page(rita, account_of, as_user):
    account = account_of(rita)
    planned = plan_activity(account=account, actor=rita, kind="call", due_on=NEXT_WEEK)
    client, done = as_user(rita), reverse("accounts:activity_complete", args=[planned.pk])
    assert done in client.get(account.get_absolute_url()).text
    client.post(done, {"outcome": "badly", "note": "no budget", "next_kind": "visit", "next_in": "14"})
    planned.refresh_from_db()
    assert planned.is_done and planned.outcome == "badly"
    assert planned.next_steps.get().kind == "visit"


def test_whoever_works_down_the_week_is_back_on_it_and_nowhere_else(rita, account_of, as_user):
    planned = [plan_activity(account=account_of(rita), actor=rita, kind="visit", due_on=date.today()) for _each in range(2)]
    client = as_user(rita)
    for each, asked, back in zip(
        planned,
        ("/sprints/7/", "https://elsewhere.example/"),
        ("/sprints/7/", planned[1].account.get_absolute_url()),
        strict=True,
    ):
        done = reverse("accounts:activity_complete", args=[each.pk]) + f"?next={asked}"
        assert f'href="{back}">Cancel' in client.get(done).text
        assert client.post(done, {"outcome": "well"}).url == back


def test_whoever_works_down_the_day_is_back_on_today_after_each_visit(rita, account_of, as_user):
    planned = plan_activity(account=account_of(rita), actor=rita, kind="visit", due_on=date.today())
    client, done = as_user(rita), reverse("accounts:activity_complete", args=[planned.pk])
    assert 'name="from"' not in client.get(done).text
    assert '<input type="hidden" name="from" value="today">' in client.get(done, headers={"referer": "http://testserver/"}).text
    answer = client.post(done, {"outcome": "well", "from": "today"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


# ── coverage by hand ──


def test_a_manager_lets_somebody_of_hers_cover_an_account_by_hand(mia, rita, sam, tom, line, account_of, as_user):
    account = account_of(rita)
    cover, typed = reverse("accounts:coverage_set", args=[account.pk]), {"line": line.pk, "role": Role.AE, "reason": "leave"}
    client, day = as_user(mia), date.today().isoformat()
    assert client.post(cover, typed | {"user": tom.pk, "from_day": day}).status_code == 422  # a stranger to her team
    assert client.post(cover, typed | {"user": sam.pk, "from_day": day}).status_code == 302
    assert Coverage.objects.get(account=account, during__contains=date.today()).user == sam
