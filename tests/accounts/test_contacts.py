"""People at accounts: how they wish to be reached, what was said with them, and that nobody reaches them against their wish."""

from datetime import date, timedelta

import pytest
from django.template import Context, Template
from django.urls import reverse

from accounts.models import Activity, Consent, Contact
from accounts.services import add_contact, log_activity, plan_activity, record_consent
from salesorg.audit.services import undo
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.lib.templatetags.salesorg import dialled

TODAY = date.today()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def olga(rita, account_of):
    """A buyer at rita's customer."""
    account = account_of(rita, "Acme")
    facts = {"phone": "+1 (201) 555-0100", "email": "olga@acme.example", "decision_role": "decider"}
    return add_contact(account=account, actor=rita, name="Olga", **facts)


def said(contact, actor, channel, given, on=TODAY, **more):
    return record_consent(contact=contact, channel=channel, given=given, how="phone", said_on=on, actor=actor, **more)


def links_of(contact):
    page = "{% load reach %}{% reach contact=contact %}"
    contact.refresh_from_db()
    return Template(page).render(Context({"contact": contact}))


# ── consent ──


def test_the_latest_word_counts_and_the_earlier_ones_are_kept(olga, rita, sam):
    said(olga, rita, "phone", True, on=YESTERDAY)
    said(olga, sam, "phone", False, note="too many calls")
    olga.refresh_from_db()
    assert olga.refuses_phone and not olga.refuses_email
    assert [(word.given, word.recorded_by.name) for word in olga.consents.all()] == [(False, "Sam"), (True, "Rita")]
    said(olga, rita, "phone", True)  # of the same day, but said later
    olga.refresh_from_db()
    assert not olga.refuses_phone


def test_what_was_said_long_ago_and_noted_late_does_not_count_against_what_was_said_since(olga, rita):
    said(olga, rita, "email", True)
    said(olga, rita, "email", False, on=YESTERDAY)
    olga.refresh_from_db()
    assert not olga.refuses_email and olga.consents.count() == 2


def test_the_same_word_sent_twice_is_one_word(olga, rita):
    assert said(olga, rita, "email", False) == said(olga, rita, "email", False)


def test_nobody_has_said_anything_tomorrow(olga, rita):
    with pytest.raises(DomainError, match="day to come"):
        said(olga, rita, "email", True, on=TODAY + timedelta(days=1))


def test_taking_a_word_back_brings_the_earlier_one_into_force(olga, rita):
    said(olga, rita, "email", True, on=YESTERDAY)
    with acting(rita, "consent") as click:
        said(olga, rita, "email", False)
    undo(context=click.context, actor=rita)
    olga.refresh_from_db()
    assert not olga.refuses_email and olga.consents.get().given


def test_whoever_mails_in_bulk_begins_with_those_who_may_be_reached(olga, rita):
    silent = add_contact(account=olga.account, actor=rita, name="Silent")
    never = add_contact(account=olga.account, actor=rita, name="Never", do_not_contact=True)
    said(olga, rita, "email", False)
    assert set(Contact.objects.reachable("email")) == {silent}
    assert set(Contact.objects.reachable("phone")) == {olga, silent}
    assert never not in Contact.objects.reachable()


def test_consent_moved_in_bulk_is_right_at_both_people(olga, rita):
    other = add_contact(account=olga.account, actor=rita, name="Olga B.")
    said(olga, rita, "post", False)
    Consent.objects.update(contact=other)  # as a merge does it
    olga.refresh_from_db(), other.refresh_from_db()
    assert (olga.refuses_post, other.refuses_post) == (False, True)


# ── links that call and mail ──


def test_one_tap_calls_and_mails(olga):
    links = links_of(olga)
    assert 'href="tel:+12015550100"' in links and 'href="mailto:olga@acme.example"' in links


def test_a_channel_somebody_refuses_has_no_link(olga, rita):
    said(olga, rita, "phone", False)
    links = links_of(olga)
    assert "tel:" not in links and "555" not in links and "no calls" in links and "mailto:" in links


def test_somebody_not_to_be_contacted_has_no_link_at_all(olga):
    Contact.objects.update(do_not_contact=True)
    links = links_of(olga)
    assert "href" not in links and "555" not in links and "do not contact" in links


def test_a_mail_address_cannot_add_other_receivers(olga):
    Contact.objects.update(email="olga?bcc=all@acme.example")
    assert "mailto:olga%3Fbcc%3Dall@acme.example" in links_of(olga)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+1 201 555 0100", "+12015550100"),
        ("(+43) 664 / 123", "+43664123"),
        ("0664 123 ext. 7", "0664123,7"),
        ("555 x12", "555,12"),
        ("<script>", ""),
    ],
)
def test_a_number_is_dialled_as_a_telephone_takes_it(typed, number):
    assert dialled(typed) == number


# ── planning and logging ──


@pytest.mark.parametrize("kind", ["call", "visit", "email"])
def test_reaching_somebody_not_to_be_contacted_cannot_be_planned(olga, rita, kind):
    Contact.objects.update(do_not_contact=True)
    olga.refresh_from_db()
    with pytest.raises(DomainError, match=r"Olga is not to be contacted\. Plan it with somebody else"):
        plan_activity(account=olga.account, contact=olga, kind=kind, due_on=TODAY, actor=rita)


def test_who_refuses_calls_may_still_be_visited(olga, rita):
    said(olga, rita, "phone", False)
    olga.refresh_from_db()
    with pytest.raises(DomainError, match="does not want calls"):
        plan_activity(account=olga.account, contact=olga, kind="call", due_on=TODAY, actor=rita)
    assert plan_activity(account=olga.account, contact=olga, kind="visit", due_on=TODAY, actor=rita).contact == olga


def test_what_happened_is_kept_and_its_next_step_leaves_the_person_out(olga, rita, as_user):
    Contact.objects.update(do_not_contact=True)
    typed = {
        "account": olga.account_id,
        "kind": "call",
        "contacts": olga.pk,
        "note": "called us",
        "next_kind": "call",
        "next_in": "7",
    }
    answer = as_user(rita).post("/accounts/log/", typed, follow=True)
    call, step = Activity.objects.order_by("pk")
    assert (call.contact, step.kind, step.contact) == (olga, "call", None)
    assert "Olga is not to be contacted. It is noted all the same" in answer.text


# ── pages ──


def test_a_contacts_page_shows_what_was_said_with_her_wherever_it_was(olga, rita, tom, account_of, as_user):
    log_activity(account=olga.account, contact=olga, kind="visit", note="wants two", actor=rita)
    before, hidden = account_of(rita, "Her old firm"), account_of(tom, "Secret")
    for place, note in ((before, "knew her there"), (hidden, "not for Rita")):
        Activity.objects.create(account=place, contact=olga, user=tom, kind="call", note=note, done_at="2026-01-02T10:00Z")
    page = as_user(rita).get(olga.get_absolute_url()).text
    assert "wants two" in page and "knew her there" in page and "then at Her old firm" in page
    assert "not for Rita" not in page and "Secret" not in page


def test_consent_is_noted_from_the_contacts_page(olga, rita, as_user):
    client = as_user(rita)
    typed = {"channel": "email", "given": "no", "how": "email", "said_on": TODAY.isoformat(), "note": "unsubscribed"}
    assert client.post(reverse("accounts:consent_record", args=[olga.pk]), typed).url == olga.get_absolute_url()
    page = client.get(olga.get_absolute_url()).text
    assert "withdrawn" in page and "unsubscribed" in page and "noted by Rita" in page and "mailto:" not in page


def test_several_people_are_typed_one_after_the_other(rita, account_of, as_user):
    address = reverse("accounts:contact_new", args=[account_of(rita).pk])
    answer = as_user(rita).post(address, {"name": "Olga", "then": "another"})
    assert answer.url == address
    assert "Olga added" in as_user(rita).get(address).text


def test_whoever_may_change_contacts_edits_one_from_the_list_by_a_key(olga, rita, fay, as_user):
    edit = f'href="{reverse("accounts:contact_edit", args=[olga.pk])}" data-edit'
    lists = [as_user(user).get(reverse("accounts:contact_list")).content.decode() for user in (rita, fay)]
    assert ["Olga" in page for page in lists] == [True, True]
    assert [edit in page for page in lists] == [True, False]
