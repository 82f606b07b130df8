"""Contacts who left: the person and what was said stay, plans pass by name, and nobody is reached at the old place."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Activity, Contact, Departure
from accounts.services import add_contact, complete_activity, log_activity, merge_accounts, note_departure, plan_activity
from accounts.services.visits import Brought
from salesorg.audit.services import undo
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError

TODAY = date.today()


@pytest.fixture
def acme(rita, account_of):
    return account_of(rita, "Acme")


@pytest.fixture
def bolt(rita, account_of):
    return account_of(rita, "Bolt")


@pytest.fixture
def olga(rita, acme):
    facts = {"phone": "555 0100", "email": "olga@acme.example", "decision_role": "decider"}
    return add_contact(account=acme, actor=rita, name="Olga", **facts)


def left(contact, actor, plans=None, **facts):
    contact = note_departure(contact=contact, left_on=TODAY, actor=actor, plans=plans or {}, **facts)
    return Contact.objects.get(pk=contact.pk)


def test_who_moved_takes_the_history_along_and_both_accounts_say_so(rita, olga, acme, bolt, as_user):
    log_activity(account=acme, contact=olga, kind="visit", note="wants two", actor=rita)
    moved = left(olga, rita, account=bolt, email="olga@bolt.example", phone=olga.phone)
    assert (moved.account, moved.left_on, moved.decision_role, moved.email) == (bolt, None, "", "olga@bolt.example")
    client = as_user(rita)
    before = client.get(acme.get_absolute_url())
    assert "wants two" in before.text and "left on" in before.text and "now at" in before.text
    assert olga not in before.context["contacts"]
    page = client.get(olga.get_absolute_url()).text
    assert "then at Acme" in page and "wants two" in page and "olga@bolt.example" in page


def test_who_left_for_nobody_knows_where_is_reached_nowhere(rita, olga, acme, as_user):
    gone = left(olga, rita)
    assert gone.account == acme and gone not in Contact.objects.reachable("email")
    client = as_user(rita)
    page = client.get(olga.get_absolute_url()).text
    assert "mailto:" not in page and "tel:" not in page and "left <time" in page
    offered = client.get(reverse("accounts:visit_log") + f"?account={acme.pk}").context["form"].fields["contacts"].widget.choices
    assert not list(offered)
    with pytest.raises(DomainError, match="Olga has left"):
        plan_activity(account=acme, contact=gone, kind="visit", due_on=TODAY, actor=rita)


def test_found_again_at_another_account_she_is_reached_there(rita, olga, acme, bolt):
    found = left(left(olga, rita), rita, account=bolt, phone="555 0199")
    assert (found.account, found.left_on, found.phone_to_call) == (bolt, None, "555 0199")
    assert Departure.objects.get().account == acme


def test_plans_pass_only_to_whom_one_names(rita, olga, acme):
    otto = add_contact(account=acme, actor=rita, name="Otto")
    call = plan_activity(account=acme, contact=olga, kind="call", due_on=TODAY, actor=rita)
    visit = plan_activity(account=acme, contact=olga, kind="visit", due_on=TODAY, actor=rita)
    with pytest.raises(DomainError, match="Look again"):
        left(olga, rita, plans={call.pk: otto})
    assert not Departure.objects.exists() and Activity.objects.get(pk=call.pk).contact == olga
    left(olga, rita, plans={call.pk: otto, visit.pk: None})
    assert [Activity.objects.get(pk=each.pk).contact for each in (call, visit)] == [otto, None]


def test_a_plan_is_not_given_to_who_does_not_want_it_or_stands_elsewhere(rita, olga, acme, bolt):
    call = plan_activity(account=acme, contact=olga, kind="call", due_on=TODAY, actor=rita)
    never = add_contact(account=acme, actor=rita, name="Never", do_not_contact=True)
    other = add_contact(account=bolt, actor=rita, name="Other")
    for heir, why in ((never, "Never is not to be contacted"), (other, "does not belong to Acme")):
        with pytest.raises(DomainError, match=why):
            left(olga, rita, plans={call.pk: heir})


def test_one_undo_brings_her_back_with_her_plans(rita, olga, acme, bolt):
    call = plan_activity(account=acme, contact=olga, kind="call", due_on=TODAY, actor=rita)
    with acting(rita, "left") as click:
        left(olga, rita, account=bolt, plans={call.pk: None})
    undo(context=click.context, actor=rita)
    olga.refresh_from_db(), call.refresh_from_db()
    assert (olga.account, olga.email, olga.decision_role, call.contact) == (acme, "olga@acme.example", "decider", olga)
    assert not Departure.objects.exists()


def test_the_form_asks_about_each_plan_and_shows_no_account_one_may_not_see(rita, tom, olga, acme, account_of, as_user):
    hidden = account_of(tom, "Secret")
    plan = plan_activity(account=acme, contact=olga, kind="call", subject="Prices", due_on=TODAY, actor=rita)
    address, client = reverse("accounts:contact_departure", args=[olga.pk]), as_user(rita)
    assert "Prices" in client.get(address).text
    typed = {"left_on": TODAY.isoformat(), "account": hidden.pk, f"plan_{plan.pk}": "nobody"}
    assert client.post(address, typed).status_code == 422
    assert client.post(address, typed | {"account": "", f"plan_{plan.pk}": ""}).status_code == 422
    assert client.post(address, typed | {"account": ""}).url == olga.get_absolute_url()
    assert Contact.objects.get(pk=olga.pk).left_on == TODAY
    tomorrow = {"left_on": (TODAY + timedelta(days=1)).isoformat()}
    assert client.post(address, typed | tomorrow).status_code == 422


def test_the_earlier_account_does_not_tell_where_she_is_to_who_may_not_see_it(rita, tom, olga, acme, account_of, as_user):
    hidden = account_of(tom, "Secret")
    left(olga, rita, account=hidden)
    page = as_user(rita).get(acme.get_absolute_url()).text
    assert "Olga" in page and "left on" in page and "Secret" not in page and olga.get_absolute_url() not in page


def test_a_visit_written_before_she_left_is_kept_with_her(rita, olga, acme, bolt):
    moved = left(olga, rita, account=bolt)
    visit = log_activity(account=acme, kind="visit", actor=rita, brought=Brought(contacts=(moved,)))
    assert visit.contact == moved
    with pytest.raises(DomainError, match="does not belong to Acme"):
        plan_activity(account=acme, contact=moved, kind="visit", due_on=TODAY, actor=rita)
    plan = plan_activity(account=acme, kind="visit", due_on=TODAY, actor=rita)
    assert complete_activity(activity=plan, actor=rita, brought=Brought(contacts=(moved,))).contact == moved


def test_accounts_that_become_one_do_not_say_that_she_left_them(rita, otto, olga, acme, bolt, as_user):
    left(olga, rita, account=bolt)
    merge_accounts(keep=bolt, drop=acme, choices={}, actor=otto)
    page = as_user(rita).get(bolt.get_absolute_url())
    assert Departure.objects.get().account == bolt and page.context["departed"] == []


def test_the_list_shows_who_is_still_there_or_who_has_left(rita, olga, acme, as_user):
    add_contact(account=acme, actor=rita, name="Nils")
    left(olga, rita)
    for asked, names, words in (("no", ["Nils"], "still there"), ("yes", ["Olga"], "who have left")):
        page = as_user(rita).get(reverse("accounts:contact_list"), {"left": asked})
        assert ([row.name for row in page.context["page"].rows], words in page.text) == (names, True)
