"""How leads arrive: one service for every path, which finds the company and the person that are known already."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.engine.likeness import PUBLIC_DOMAINS
from accounts.models import Account
from accounts.services import add_contact, create_account
from accounts.services.consents import record_consent
from accounts.services.duplicates import account_meant, contact_meant, sentence_about_hidden
from pipeline.models import Arrival, Lead
from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation

from .leads import check_may_work
from .response import set_clock
from .routing import route_lead


@dataclass(frozen=True)
class Received:
    """What an arrival led to: the lead, and whether the lead, its account and its contact are new."""

    lead: Lead
    arrival: Arrival
    is_new: bool
    new_account: bool
    new_contact: bool


@transaction.atomic
def receive_lead(
    *,
    source,
    company,
    actor,
    path=Arrival.Path.TYPED,
    person="",
    email="",
    phone="",
    position="",
    domain="",
    request="",
    consent="",
    warning="",
    landing_page="",
    page=None,
    campaign=None,
    client_id=None,
    account=None,
    contact=None,
    sdr=None,
    now=None,
):
    """Somebody asked, or was found: by web form, partner, e-mail, or typed by a colleague (`actor`). Returns Received.

    A company exists once: a known account is found by the person's e-mail, then by its name, web domain, phone and
    address, whoever may see it; only then a prospect is made. The same person's open lead takes the arrival up; another
    person's, or one that is decided, gets a lead beside it. `account` and `contact` name the records where the colleague
    knows them. `consent` is the wording that was agreed to. `client_id` is made with the form: sent again, what is stored is
    the answer. Without an `sdr` the lead goes to whom the routing says, or waits to be taken. Raises DomainError for an
    `sdr` who could not work it.
    """
    now = now or timezone.now()
    lock_until_commit("accounts.new")  # two arrivals of one company at once would each find none like it
    if sdr is not None:
        check_may_work(sdr)
    if client_id and (stored := Arrival.objects.filter(client_id=client_id).select_related("lead").first()):
        return Received(stored.lead, stored, False, False, False)
    email, person = email.strip(), person.strip()
    if contact is None and (known := contact_meant(person, email, phone, account)):
        contact, account = known, known.account
    if new_account := account is None:
        account, new_account = _account(company, domain or host_of(email), phone, email, person, actor)
    if actor and not new_account:
        _refuse_hidden(account, actor)
    contact = contact or contact_meant(person, email, phone, account)
    new_contact = contact is None and bool(person or email)
    if new_contact:
        facts = {"name": (person or email)[:100], "email": email, "phone": phone, "position": position}
        contact = add_contact(account=account, actor=actor, **facts)
    about = {"source": source, "campaign": campaign, "landing_page": landing_page}
    lead, is_new = _lead(account, contact, sdr, now, about)
    arrival = Arrival.objects.create(
        lead=lead, path=path, source=source, landing_page=landing_page, at=now, company=company, person=person, email=email,
        phone=phone, request=request, consent=consent, warning=warning, page=page, client_id=client_id,
    )  # fmt: skip
    if consent and contact and email and not contact.refuses_email:  # whoever typed this may be somebody else
        record_consent(contact=contact, channel="email", given=True, how="form", said_on=organisation().today(now), actor=actor)
    return Received(lead, arrival, is_new, new_account, new_contact)


def _lead(account, contact, sdr, now, about):
    """The person's open lead, or a new one with its owner and clock; and whether it is new."""
    if there := Lead.objects.open().filter(account=account, contact=contact).select_for_update().order_by("pk").first():
        return there, False
    day = organisation().today(now)
    lead = Lead(account=account, contact=contact, sdr=sdr, created_at=now, first_contact_on=day, **about)
    if sdr is None:
        route_lead(lead, now)
    set_clock(lead).save()
    return lead, True


def _refuse_hidden(account, actor):
    """A lead at an account opens the account: nobody comes by one that is not theirs by typing its name."""
    if not Account.objects.visible_to(actor).filter(pk=account.pk).exists():
        raise DomainError(sentence_about_hidden(account, actor), fields=["name"])


def host_of(email):
    """The company's web domain as far as an e-mail address tells it; "" for the domains where half of the world has its mail."""
    host = email.rpartition("@")[2].lower()
    return "" if host in PUBLIC_DOMAINS else host


def _account(company, domain, phone, email, person, actor):
    """The account that is meant, and whether it is new. The number that a person left is theirs and not the company's:
    whoever does not want to be called shall not be called as their company either.
    """
    if known := account_meant(company, domain, phone):
        return known, False
    name = company.strip() or domain or email
    number = "" if person or email else phone
    return create_account(name=name[:200], domain=domain[:200], phone=number, another_company=True, actor=actor), True
