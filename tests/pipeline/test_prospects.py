"""Lists of prospects: chosen from the accounts, worked through one by one, by two people without meeting."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from accounts.services import add_contact
from pipeline.models import DisqualificationReason, Lead, Prospect, ProspectList, Source
from pipeline.services.prospects import close_list, create_list, make_lead, put_off, rule_out, take_next
from salesorg.lib.errors import DomainError


@pytest.fixture
def calls(sol, otto):
    """A list of five companies that nobody covers, which otto made for sol."""
    Account.objects.bulk_create(Account(name=f"Prospect {letter}", lifecycle="prospect") for letter in "ABCDE")
    accounts = Account.objects.filter(name__startswith="Prospect")
    return create_list(name="Autumn", accounts=accounts, owner=sol, actor=otto)[0]


def next_of(calls, person):
    found = take_next(record=calls, actor=person)
    return found and found.account.name


def figures(calls):
    return Prospect.objects.filter(list=calls).counted()


def test_a_list_takes_prospects_only_and_each_waits_on_one_list(calls, sol, otto):
    Account.objects.bulk_create([Account(name="Buyer", lifecycle="customer"), Account(name="New one", lifecycle="prospect")])
    made, count = create_list(name="All", accounts=Account.objects.all(), owner=otto, actor=otto)
    assert (count, made.prospects.get().account.name) == (1, "New one")
    worked = Account.objects.create(name="A lead already", lifecycle="prospect")
    Lead.objects.create(account=worked, source=Source.objects.create(name="Fair"), sdr=sol, first_contact_on=sol.today)
    with pytest.raises(DomainError, match="None of these"):
        create_list(name="Again", accounts=Account.objects.all(), owner=otto, actor=otto)


def test_a_list_opens_its_companies_to_who_works_it_until_it_is_closed(calls, sol, tom):
    seen = Account.objects.filter(name__startswith="Prospect")
    assert (seen.visible_to(sol).count(), seen.visible_to(tom).count()) == (5, 0)
    close_list(record=calls, actor=sol)
    assert seen.visible_to(sol).count() == 0


def test_one_gives_a_list_to_the_own_team_and_to_nobody_elses(calls, sol, tom, rita):
    with pytest.raises(DomainError, match="none of your teams"):
        create_list(name="X", accounts=Account.objects.visible_to(sol), owner=tom, actor=sol)


def test_whoever_asks_gets_the_same_until_it_is_worked_and_nobody_else_does_meanwhile(calls, sol, rita):
    ProspectList.objects.update(shared_with=rita)
    now = timezone.now()
    assert [next_of(calls, sol), next_of(calls, sol), next_of(calls, rita)] == ["Prospect A", "Prospect A", "Prospect B"]
    held = Prospect.objects.get(held_by=sol)
    with pytest.raises(DomainError, match="Sol works on this one"):
        put_off(prospect=held, until=rita.today + timedelta(days=9), actor=rita)
    Prospect.objects.filter(held_by=rita).update(state="done", held_by=None, held_until=None)
    assert take_next(record=calls, actor=rita, now=now + timedelta(hours=1)).account.name == "Prospect A"


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_two(calls, sol, rita):
    ProspectList.objects.update(shared_with=rita)
    together, got = Barrier(2), []

    def ask(person):
        together.wait()
        try:
            got.append(next_of(calls, person))
        finally:
            connection.close()

    threads = [Thread(target=ask, args=[person]) for person in (sol, rita)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(got) == ["Prospect A", "Prospect B"]


def test_what_is_decided_is_counted_and_the_next_comes_by_itself(calls, sol):
    reason, source = DisqualificationReason.objects.create(name="Too small"), Source.objects.create(name="Cold call")
    put_off(prospect=take_next(record=calls, actor=sol), until=sol.today + timedelta(days=30), actor=sol)
    rule_out(prospect=take_next(record=calls, actor=sol), reason=reason, actor=sol)
    lead = make_lead(prospect=take_next(record=calls, actor=sol), source=source, actor=sol)
    assert (lead.sdr, Lead.objects.count()) == (sol, 1)
    assert figures(calls) == {"all": 5, "worked": 3, "reached": 1, "meetings": 0, "leads": 1}
    assert Prospect.objects.get(held_by=sol).account.name == "Prospect D"
    Prospect.objects.filter(state="later").update(later_on=sol.today)
    Prospect.objects.update(held_by=None, held_until=None)
    assert next_of(calls, sol) == "Prospect A"  # due again comes first


def test_a_call_logged_from_the_list_goes_on_to_the_next(calls, sol, as_user):
    page, here = as_user(sol), reverse("pipeline:prospect_work", args=[calls.pk])
    add_contact(account=Account.objects.get(name="Prospect A"), name="Ann", phone="555 0100", do_not_contact=True, actor=sol)
    assert b"Begin" in page.get(here).content
    page.post(here)
    shown = page.get(here).content.decode()
    assert "Prospect A" in shown and "do not contact" in shown and "555 0100" not in shown
    log = reverse("accounts:visit_log", query={"account": Prospect.objects.get(held_by=sol).account_id, "next": here})
    for outcome, following in (("well", {"next_kind": "meeting", "next_on": sol.today + timedelta(days=2)}), ("not_there", {})):
        held = Prospect.objects.get(held_by=sol)
        typed = {"account": held.account_id, "kind": "call", "outcome": outcome, "prospect": held.pk} | following
        assert page.post(log, typed).url == here
    assert figures(calls) == {"all": 5, "worked": 2, "reached": 1, "meetings": 1, "leads": 0}
    assert Prospect.objects.get(account__name="Prospect B").later_on == sol.today + timedelta(days=1)
    assert b"Prospect C" in page.get(here).content
    detail = page.get(calls.get_absolute_url() + "?show=meetings").content
    assert b"Prospect A" in detail and b"Prospect B" not in detail
