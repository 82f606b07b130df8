"""More rows than one request can change: in the background, followed on a page, refused ones named, taken back as one."""

import re

import pytest

from accounts.models import Account, BulkChange
from salesorg.jobs.models import Run
from salesorg.jobs.runs import run_here
from salesorg.people.models import Membership

CHANGE = "/accounts/change/"


@pytest.fixture(autouse=True)
def _a_few_are_many(monkeypatch):
    monkeypatch.setattr("salesorg.lib.bulk.MOST", 2)
    monkeypatch.setattr("salesorg.lib.bulk.LOOKED_AT", 2)
    monkeypatch.setattr("accounts.changing.AT_ONCE", 2)


@pytest.fixture
def book(account_of, rita):
    return [account_of(rita, name) for name in ("Alpha", "Beta", "Delta", "Gamma", "Omega")]


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1]


def begin(client, **typed):
    chosen = hidden(client.get(f"{CHANGE}?all=1"), "chosen")
    looked = client.post(CHANGE, {"chosen": chosen, "look": "1", **typed})
    return looked, client.post(CHANGE, {"chosen": chosen, "shown": hidden(looked, "shown"), "apply": "1", **typed})


def worked_off(change):
    change.refresh_from_db()
    assert run_here(Run.objects.get(pk=change.run_id)).state == Run.State.DONE
    change.refresh_from_db()


def lifecycles():
    return [*Account.objects.order_by("name").values_list("lifecycle", flat=True)]


def test_very_many_are_changed_in_the_background_and_taken_back_as_one(as_user, rita, tom, book, account_of):
    Account.objects.filter(name="Delta").update(lifecycle="customer")
    client = as_user(rita)
    looked, begun = begin(client, lifecycle="customer")
    assert len(looked.context["plan"].changes) == 2 and "Change 5 in the background" in looked.text
    change = BulkChange.objects.visible_to(rita).get()
    assert begun["Location"] == change.get_absolute_url()
    assert "parts done" in client.get(begun["Location"]).text
    assert lifecycles().count("customer") == 1
    worked_off(change)
    assert lifecycles() == ["customer"] * 5
    page = client.get(begun["Location"])
    assert dict(page.context["counts"]) == {"Changed": 4, "Already so": 1, "Refused": 0, "No longer there for you": 0}
    assert "Lifecycle: Customer" in client.get("/accounts/changes/").text
    client.post(f"{begun['Location']}undo/")
    worked_off(change)
    assert lifecycles() == ["prospect", "prospect", "customer", "prospect", "prospect"]
    assert "taken back" in client.get(begun["Location"]).text


def test_what_a_rule_refuses_is_named_and_the_rest_goes_on(as_user, rita, book):
    client = as_user(rita)
    _looked, begun = begin(client, parent=str(book[3].pk))
    worked_off(BulkChange.objects.get())
    page = client.get(begun["Location"])
    assert [row.name for row, _why in page.context["refused"]] == ["Gamma"]
    assert Account.objects.filter(parent=book[3]).count() == 4


def test_who_loses_the_right_meanwhile_changes_nothing(as_user, rita, book):
    begin(as_user(rita), lifecycle="customer")
    Membership.objects.filter(user=rita).delete()
    change = BulkChange.objects.get()
    worked_off(change)
    assert (change.counts["refused"], change.refused[0][1]) == (5, "You may not change these any more.")
    assert set(lifecycles()) == {"prospect"}


def test_what_was_given_is_said_and_nothing_that_was_left_empty(as_user, mia, rita, book, line):
    begin(as_user(mia), industry="Steel", line=str(line.pk), role="3")
    assert BulkChange.objects.get().what == "Industry: Steel"
    begin(as_user(mia), user=str(rita.pk), line=str(line.pk), role="3", reason="New patch")
    said = BulkChange.objects.latest("pk").what
    assert said == "Covered by: Rita · For: New business · As: Account executive · Why: New patch"
