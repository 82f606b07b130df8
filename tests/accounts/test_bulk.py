"""Many accounts changed at once: looked at first, done in one go, taken back in one go, and never a row one does not see."""

import re
from datetime import timedelta

import pytest

from accounts.models import Account, Coverage

CHANGE = "/accounts/change/"


@pytest.fixture
def book(account_of, rita):
    return [account_of(rita, name) for name in ("Alpha", "Beta", "Gamma")]


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1]


def look(client, query, **typed):
    chosen = hidden(client.get(f"{CHANGE}?{query}"), "chosen")
    return client.post(CHANGE, {"chosen": chosen, "look": "1", **typed})


def apply(client, looked, **typed):
    return client.post(
        CHANGE, {"chosen": hidden(looked, "chosen"), "shown": hidden(looked, "shown"), "apply": "1", **typed}, follow=True
    )


def rows(accounts):
    return "&".join(f"row={account.pk}" for account in accounts)


def lifecycles():
    return dict(Account.objects.values_list("name", "lifecycle"))


def test_what_is_selected_is_shown_before_and_changed_after_and_taken_back_together(as_user, rita, book):
    client = as_user(rita)
    looked = look(client, rows(book[:2]), lifecycle="customer", industry="Steel")
    assert [row.name for row, _before in looked.context["plan"].changes] == ["Alpha", "Beta"]
    assert set(lifecycles().values()) == {"prospect"}
    done = apply(client, looked, lifecycle="customer", industry="Steel")
    assert lifecycles() == {"Alpha": "customer", "Beta": "customer", "Gamma": "prospect"}
    undo = re.search(r"/history/undo/[0-9a-f-]+/", done.content.decode())[0]
    client.post(undo)
    assert set(lifecycles().values()) == {"prospect"}
    assert set(Account.objects.values_list("industry", flat=True)) == {""}


def test_nothing_is_done_that_was_not_shown(as_user, rita, book):
    client = as_user(rita)
    looked = look(client, rows(book), lifecycle="customer")
    again = apply(client, looked, lifecycle="former")
    assert set(lifecycles().values()) == {"prospect"}
    assert len(again.context["plan"].changes) == 3


def test_ids_of_accounts_one_does_not_see_count_for_nothing(as_user, rita, tom, book, account_of):
    strange = account_of(tom, "Strange")
    client = as_user(rita)
    query = f"{rows([*book, strange])}&row=999999&row=99999999999999999999&row=x"
    looked = look(client, query, lifecycle="customer")
    assert looked.context["chosen"].count == 3
    apply(client, looked, lifecycle="customer")
    assert lifecycles()["Strange"] == "prospect"


def test_all_of_a_list_is_all_that_its_filter_shows(as_user, rita, book):
    Account.objects.filter(name="Gamma").update(tier="A")
    client = as_user(rita)
    apply(client, look(client, "all=1&tier=new", lifecycle="customer"), lifecycle="customer")
    assert lifecycles() == {"Alpha": "customer", "Beta": "customer", "Gamma": "prospect"}


def test_a_list_that_has_changed_since_it_was_looked_at_is_looked_at_again(as_user, rita, book, account_of):
    client = as_user(rita)
    looked = look(client, "all=1", lifecycle="customer")
    account_of(rita, "Delta")
    again = apply(client, looked, lifecycle="customer")
    assert again.status_code == 422
    assert "has changed since" in again.content.decode()
    assert set(lifecycles().values()) == {"prospect"}
    apply(client, again, lifecycle="customer")
    assert set(lifecycles().values()) == {"customer"}
    assert len(lifecycles()) == 4


def test_an_account_cannot_belong_to_what_belongs_to_it_and_the_others_can(as_user, rita, book):
    alpha, beta, gamma = book
    Account.objects.filter(pk=beta.pk).update(parent=alpha)
    client = as_user(rita)
    looked = look(client, rows([alpha, gamma]), parent=beta.pk)
    assert [row.name for row, _why in looked.context["plan"].refused] == ["Alpha"]
    apply(client, looked, parent=beta.pk)
    assert dict(Account.objects.values_list("name", "parent_id")) == {"Alpha": None, "Beta": alpha.pk, "Gamma": beta.pk}


def test_a_manager_lets_somebody_else_cover_many_from_today_and_undoes_it(as_user, mia, sam, book, line):
    client = as_user(mia)
    typed = {"user": sam.pk, "line": line.pk, "role": "3", "reason": "Rita is on leave"}
    done = apply(client, look(client, rows(book), **typed), **typed)
    today = mia.today
    assert set(Coverage.objects.on(today).values_list("user__name", flat=True)) == {"Sam"}
    assert set(Coverage.objects.on(today - timedelta(days=1)).values_list("user__name", flat=True)) == {"Rita"}
    client.post(re.search(r"/history/undo/[0-9a-f-]+/", done.content.decode())[0])
    assert set(Coverage.objects.on(today).values_list("user__name", flat=True)) == {"Rita"}


def test_a_rep_is_not_asked_who_covers(as_user, rita, book):
    form = as_user(rita).get(f"{CHANGE}?{rows(book)}").context["form"]
    assert "user" not in form.fields


def test_nothing_selected_and_nothing_filled_in_are_said(as_user, rita, book):
    client = as_user(rita)
    assert "Nothing is selected" in client.get(CHANGE).content.decode()
    assert "Fill in at least one thing" in look(client, rows(book)).content.decode()


def test_a_key_account_is_marked_by_whoever_reassigns(as_user, rita, otto, book):
    for person, may in ((rita, False), (otto, True)):
        form = as_user(person).get(f"{CHANGE}?{rows(book)}").context["form"]
        assert ("is_key_account" in form.fields) == may
    client, typed = as_user(rita), {"lifecycle": "customer", "is_key_account": "yes"}
    apply(client, look(client, rows(book), **typed), **typed)
    assert set(Account.objects.values_list("lifecycle", "is_key_account")) == {("customer", False)}
