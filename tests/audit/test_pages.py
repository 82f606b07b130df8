"""History on the pages: in words, only of records one sees, and undone with a click."""

import re
import uuid
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact, Coverage
from pipeline.models import Deal
from salesorg.audit.models import Change
from salesorg.people.models import Team


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def history_of(row):
    return reverse("audit:history", args=[row._meta.db_table, row.pk])


def test_a_record_tells_who_changed_what_when_and_why_in_words(rita, sam, deal_of, as_user, acting_as, stages):
    deal = deal_of(rita)
    with acting_as(sam, "pipeline:deal_move"):
        Deal.objects.filter(pk=deal.pk).update(next_step="Send the offer", account_id=deal.account_id, owner=sam)
    text = text_of(as_user(rita).get(history_of(deal), headers={"HX-Request": "true"}))
    assert "Sam changed · deal move" in text
    assert "Next step Call back → Send the offer" in text
    assert "owner_id" not in text


def test_other_records_are_named_and_not_numbered(rita, sam, account_of, as_user, acting_as):
    account_of(rita)
    coverage = Coverage.objects.get()
    with acting_as(rita):
        Coverage.objects.update(user=sam, during=DateRange(date(2026, 1, 1), date(2100, 1, 1)))
    text = text_of(as_user(rita).get(history_of(coverage)))
    assert "Rita → Sam" in text
    assert re.search(r"since 1 Jan 2020 → Thu 1 Jan to 31 Dec 2099", text)


def test_a_record_one_may_not_see_is_not_named_in_anothers_history(rita, tom, account_of, as_user, acting_as):
    secret, account = account_of(tom, "Secret GmbH"), account_of(rita, "Acme")
    with acting_as(tom):
        Account.objects.filter(pk=account.pk).update(parent=secret)
    text = text_of(as_user(rita).get(history_of(account)))
    assert "Secret" not in text
    assert f"#{secret.pk}" in text


@pytest.mark.parametrize("absent", ["/history/accounts_account/999999/", "/history/audit_change/1/", "/history/nothing/1/"])
def test_the_history_of_a_hidden_record_looks_like_that_of_an_absent_one(rita, tom, account_of, as_user, absent):
    hidden = as_user(tom).get(history_of(account_of(rita)))
    assert hidden.status_code == 404
    assert hidden.content == as_user(tom).get(absent).content


def test_history_is_read_page_by_page(rita, account_of, as_user):
    account = account_of(rita)
    for number in range(25):
        Account.objects.filter(pk=account.pk).update(industry=f"Industry {number}")
    page = as_user(rita).get(history_of(account))
    assert "Industry 24" in text_of(page)
    assert "Industry 3 " not in text_of(page)
    older = re.search(r'rel="next" href="([^"]+)"', page.content.decode())[1]
    assert "Industry 3 " in text_of(as_user(rita).get(history_of(account) + older))


def test_a_history_of_many_kinds_takes_few_queries(rita, account_of, as_user, django_assert_max_num_queries):
    account = account_of(rita)
    for number in range(20):
        Account.objects.filter(pk=account.pk).update(industry=f"Industry {number}")
    browser = as_user(rita)
    with django_assert_max_num_queries(15):
        browser.get(history_of(account), headers={"HX-Request": "true"})


def test_undo_answers_with_how_much_was_taken_back_and_offers_to_undo_that(rita, account_of, as_user, acting_as):
    account = account_of(rita, "Acme")
    with acting_as(rita, "accounts:account_edit") as click:
        Account.objects.filter(pk=account.pk).update(name="B")
    answer = as_user(rita).post(reverse("audit:undo", args=[click.context]), headers={"HX-Request": "true"})
    account.refresh_from_db()
    assert (answer.status_code, account.name) == (204, "Acme")
    assert "1 change taken back" in answer["HX-Trigger"]
    undo_again = re.search(r"/history/undo/[\w-]+/", answer["HX-Trigger"])[0]
    as_user(rita).post(undo_again)
    account.refresh_from_db()
    assert account.name == "B"


def test_a_refused_undo_says_why(rita, sam, account_of, as_user, acting_as):
    account = account_of(rita, "Acme")
    with acting_as(rita) as click:
        Account.objects.filter(pk=account.pk).update(name="B")
    with acting_as(sam):
        Account.objects.filter(pk=account.pk).update(name="C")
    answer = as_user(rita).post(reverse("audit:undo", args=[click.context]))
    assert answer.status_code == 422
    assert "was changed again by Sam" in text_of(answer)


def test_a_stranger_cannot_tell_anothers_undertaking_from_none(rita, tom, account_of, as_user, acting_as):
    with acting_as(rita) as click:
        account_of(rita)
    answers = [as_user(tom).post(reverse("audit:undo", args=[context])) for context in (click.context, uuid.uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


# ── the page of all changes ──

CHANGES = "/history/"


def test_only_the_administrator_reads_all_changes(cast, as_user):
    allowed = {name for name in cast if name != "gone" and as_user(cast[name]).get(CHANGES).status_code == 200}
    assert allowed == {"ada"}


@pytest.fixture
def busy(rita, sam, account_of, acting_as):
    """Rita made an account, Sam a contact on it. Returns Rita's context."""
    with acting_as(rita, "accounts:account_new") as click:
        account = account_of(rita, "Acme")
    with acting_as(sam, "accounts:contact_new"):
        Contact.objects.create(account=account, name="Kim")
    return click.context


@pytest.mark.parametrize(
    ("query", "there", "missing"),
    [
        ("", ["Rita", "Sam", "account new", "contact new"], []),
        ("?who=rita", ["account new"], ["contact new"]),
        ("?who=sam@northwind.example", ["contact new"], ["account new"]),
        ("?table=accounts_contact", ["contact new"], ["account new"]),
        ("?day=2001-01-01", ["No change is as you asked"], ["account new", "contact new"]),
        ("?context=CONTEXT", ["account new"], ["contact new"]),
        ("?day=1900-01-01", ["Give a date between 2000 and 2100"], ["account new"]),
        ("?day=tomorrow&table=x&context=y&who=%00", ["Enter a valid date", "Select a valid choice"], ["account new"]),
        ("?after=nonsense", ["account new"], []),
    ],
)
def test_all_changes_are_narrowed_by_person_kind_day_and_undertaking(busy, ada, as_user, query, there, missing):
    text = text_of(as_user(ada).get(CHANGES + query.replace("CONTEXT", str(busy))))
    text = text[text.index("Narrow") :] if "Narrow" in text else text
    assert [word for word in there if word not in text] == []
    assert [word for word in missing if word in text] == []


def test_one_undertaking_can_be_undone_from_its_changes(ada, as_user, acting_as, teams):
    with acting_as(ada, "people:team_edit") as click:
        Team.objects.update(kind=Team.Kind.DEPARTMENT)
    page = as_user(ada).get(f"{CHANGES}?context={click.context}")
    assert "Undo all of this" in text_of(page)
    assert "Undo all of this" not in text_of(as_user(ada).get(CHANGES))
    as_user(ada).post(re.search(r"/history/undo/[\w-]+/", page.content.decode())[0])
    assert Team.objects.filter(kind=Team.Kind.DEPARTMENT).count() == 0


def test_a_day_is_that_of_the_reader(busy, ada, as_user):
    """Late at night in Auckland it is still the day before in London."""
    ada.time_zone = "Pacific/Auckland"
    ada.save()
    change = Change.objects.filter(context=busy).first()
    there = timezone.localtime(change.at, ZoneInfo("Pacific/Auckland")).date()
    assert "account new" in text_of(as_user(ada).get(f"{CHANGES}?day={there}"))
    assert "account new" not in text_of(as_user(ada).get(f"{CHANGES}?day={there + timedelta(days=1)}"))


def test_all_changes_take_few_queries_whatever_their_number(busy, ada, as_user, rita, account_of, django_assert_max_num_queries):
    for number in range(60):
        account_of(rita, f"Account {number}")
    browser = as_user(ada)
    with django_assert_max_num_queries(15):
        page = browser.get(CHANGES)
    assert 'rel="next"' in page.content.decode()
    assert Change.objects.count() > 60


def test_a_record_without_a_name_is_called_by_what_it_joins(rita, ada, as_user, acting_as):
    with acting_as(ada, "people:membership_end"):
        rita.memberships.all().delete()
    row = text_of(as_user(ada).get(reverse("audit:change_list"), {"table": "people_membership"}))
    assert "Rita · North membership" in row  # gone: by those it joined
    assert "Ada · Administrator · " in row  # still there


def test_a_page_of_changes_ends_before_it_asks_for_the_names_of_too_many_kinds(
    ada, rita, account_of, deal_of, as_user, monkeypatch
):
    deal_of(rita)
    client, seen, after = as_user(ada), [], ""
    monkeypatch.setattr("salesorg.audit.views.KINDS", 3)
    while after is not None:
        page = client.get(reverse("audit:change_list"), {"after": after} if after else {}).context["page"]
        assert page.rows
        seen += [change.pk for change in page.rows]
        after = page.after
    assert seen == list(Change.objects.order_by("-pk").values_list("pk", flat=True))
