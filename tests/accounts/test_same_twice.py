"""The same thing sent twice: by a double click, by two people, by a page that was left half way."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.models import Account, Activity, ActivityTarget, Cadence, Contact, Measure
from accounts.services import change_account, change_accounts, create_account, merge_accounts
from accounts.services.cadences import set_cadence
from accounts.services.targets import set_target
from salesorg.lib.errors import DomainError
from salesorg.people.models import SavedView, User, ViewUse
from salesorg.people.services.saved_views import save_view


@pytest.mark.django_db(transaction=True)
def test_two_who_create_the_same_account_at_once_make_one(rita, sam, line):
    start, answers = threading.Barrier(2), []

    def create(person):
        start.wait()
        try:
            answers.append(create_account(name="Acme Ltd", actor=User.objects.get(pk=person.pk)).name)
        except DomainError as error:
            answers.append(str(error))
        connection.close()

    senders = [threading.Thread(target=create, args=[person]) for person in (rita, sam)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert Account.objects.count() == 1
    assert sum("exists" in answer for answer in answers) == 1, answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kept", "keep"),
    [
        (
            Cadence,
            lambda number, otto, _rita: set_cadence(kind="visit", every_days=number, from_day=otto.today, tier="A", actor=otto),
        ),
        (
            ActivityTarget,
            lambda number, otto, rita: set_target(
                measure=Measure.VISITS, per_week=number, from_day=otto.today, user=rita, actor=otto
            ),
        ),
        (
            ViewUse,
            lambda number, otto, _rita: save_view(
                page=SavedView.Page.ACCOUNTS, query="", name=f"View {number}", shared="own", default=True, actor=otto
            ),
        ),
    ],
    ids=["cadence", "target", "first view"],
)
def test_of_four_settings_made_at_once_one_is_in_force(kept, keep, otto, rita):
    start = threading.Barrier(4)

    def make(number):
        try:
            start.wait(timeout=10)
            keep(number, User.objects.get(pk=otto.pk), rita)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(1, 5)))
    assert kept.objects.count() == 1


def test_a_visit_about_a_deal_of_another_account_is_refused_whole(as_user, rita, account_of, deal_of):
    acme, deal = account_of(rita, "Acme"), deal_of(rita, account_of(rita, "Other"))
    answer = as_user(rita).post("/accounts/log/", {"account": acme.pk, "kind": "visit", "deal": deal.pk})
    assert answer.status_code == 422 and "another account" in answer.content.decode()
    assert not Activity.objects.exists()


def test_a_visit_cannot_tell_a_hidden_deal_from_none(as_user, rita, tom, account_of, deal_of):
    acme, hidden = account_of(rita, "Acme"), deal_of(tom)
    answers = [
        as_user(rita).post("/accounts/log/", {"account": acme.pk, "kind": "visit", "deal": pk}).status_code
        for pk in (hidden.pk, 999_999_999)
    ]
    assert answers == [302, 302]


def test_a_contact_sent_twice_stands_there_once(as_user, rita, account_of):
    address = f"/accounts/{account_of(rita).pk}/contacts/new/"
    answers = [as_user(rita).post(address, {"name": "Olga", "phone": "+1 555 0100"}) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [302, 422]
    assert "stands here already" in answers[1].content.decode()
    namesake = as_user(rita).post(address, {"name": "Olga", "phone": "+1 555 0199"})
    assert namesake.status_code == 302 and Contact.objects.count() == 2


def test_a_parent_that_was_just_merged_away_is_refused_in_words(rita, otto, account_of):
    child, kept, gone = (account_of(rita, name) for name in ("Child", "Kept", "Gone"))
    merge_accounts(keep=kept, drop=Account.objects.get(pk=gone.pk), choices={}, actor=otto)
    with pytest.raises(DomainError, match="The parent is gone"):
        change_account(account=child, actor=otto, parent=gone)
    with pytest.raises(DomainError, match="The parent is gone"):
        change_accounts(accounts=Account.objects.filter(pk=child.pk), actor=otto, parent=gone)
