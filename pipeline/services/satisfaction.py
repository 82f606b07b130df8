"""Asking customers how satisfied they are, taking their answer, and keeping reviews and referrals."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact
from pipeline.models import Contract, Favour, Onboarding, Source, Status, Survey
from salesorg.jobs import outbox
from salesorg.lib.db import lock_until_commit, write
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation

from .customers import refresh_customers
from .intake import receive_lead

MAIL = "pipeline.survey_mail"
REST = timedelta(days=60)  # in which nobody at an account is asked again
LATELY = timedelta(days=14)  # in which a finished onboarding is asked about
OPEN_FOR = timedelta(days=90)  # a survey may be answered
AT_ONCE = 500  # of one night; the rest waits for the next
ROLES = ("user", "decider", "budget", "influencer", "")  # whose word is asked for first
REFERRAL = "Referral"  # the source of leads that a customer brings


@transaction.atomic
def ask_survey(*, account, contact, actor, occasion=Survey.Occasion.ASKED, onboarding=None, contract=None, now=None):
    """Mail `contact` the question. Returns the Survey; the one there is when it was asked on that occasion already.

    Raises DomainError for somebody who may not be mailed, and where somebody at the account was asked within REST.
    """
    now = now or timezone.now()
    lock_until_commit(f"pipeline.survey {account.pk}")
    for name, about in (("onboarding", onboarding), ("contract", contract)):
        if about is not None and (there := Survey.objects.filter(**{name: about}).first()):
            return there
    if not contact.email_to_write_to:
        why = contact.refusal("email") or _("%(name)s has no e-mail address.") % {"name": contact}
        raise DomainError(why, fields=["contact"])
    if Survey.objects.filter(account=account, asked_at__gt=now - REST).exists():
        raise DomainError(_("Somebody there was asked within the last %(n)d days.") % {"n": REST.days}, fields=["contact"])
    about = {"occasion": occasion, "onboarding": onboarding, "contract": contract}
    survey = Survey.objects.create(account=account, contact=contact, asked_at=now, asked_by=actor, **about)
    outbox.publish(MAIL, {"survey": survey.pk}, f"{MAIL}:{survey.pk}")
    return survey


@outbox.handles(MAIL)
def mail_survey(payload):
    """Send the question, unless it was answered or is no longer wanted."""
    survey = Survey.objects.select_related("contact").filter(pk=payload["survey"], answered_at=None).first()
    to = survey.contact.email_to_write_to if survey and survey.contact else ""
    if not to:
        return
    ours = organisation()
    link = settings.BASE_URL + reverse("pipeline:survey", args=[survey.token])
    text = render_to_string("pipeline/mail/survey.txt", {"contact": survey.contact, "link": link, "ours": ours})
    send_mail(_("How satisfied are you with %(name)s?") % {"name": ours.name}, text, settings.DEFAULT_FROM_EMAIL, [to])


@transaction.atomic
def answer_survey(*, survey, score, words, actor, now=None):
    """What the customer says. Said again it replaces what was said before."""
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    now = now or timezone.now()
    write(survey, {"score": score, "words": words, "answered_at": now})
    refresh_customers([survey.account_id], organisation().today(now), actor)
    return survey


def survey_of(token, now=None):
    """The survey of a token that may still be answered; None for any other."""
    since = (now or timezone.now()) - OPEN_FOR
    return Survey.objects.filter(token=token, asked_at__gt=since).first() if len(token) <= 22 else None


def whom_to_ask(account):
    """The contact of an account whose word is asked for first; None where nobody may be mailed."""
    people = Contact.objects.filter(account=account).reachable("email").exclude(email="").order_by("pk")
    return min(people, key=lambda person: ROLES.index(person.decision_role) if person.decision_role in ROLES else 9, default=None)


def ask_what_is_due(*, day, actor, now=None):
    """Ask after onboardings that were finished lately, and before renewals that are open. Returns how many were asked.

    Where nobody may be mailed, or somebody was asked lately, nothing is due: it must not stand in the way of the others.

    Nobody where the organisation does not want the night to write to its customers.
    """
    if not organisation().asks_customers:
        return 0
    asked, now = 0, now or timezone.now()
    there = Contact.objects.filter(account=OuterRef("account")).reachable("email").exclude(email="")
    lately = Survey.objects.filter(account=OuterRef("account"), asked_at__gt=now - REST)
    due = Q(Exists(there)) & ~Q(Exists(lately)) & Q(survey=None)
    done = Onboarding.objects.filter(due, ended_on__gt=day - LATELY, ended_on__lte=day).select_related("account")
    soon = Contract.objects.going_on().filter(due, renewal__status=Status.OPEN, during__endswith__gt=day)
    occasions = [(each, "onboarding") for each in done[:AT_ONCE]]
    occasions += [(each, "contract") for each in soon.select_related("account")[:AT_ONCE]]
    for about, name in occasions:
        contact = whom_to_ask(about.account)
        if contact is None:
            continue
        occasion = Survey.Occasion.ONBOARDING if name == "onboarding" else Survey.Occasion.RENEWAL
        try:
            ask_survey(account=about.account, contact=contact, occasion=occasion, actor=actor, now=now, **{name: about})
            asked += 1
        except DomainError:  # asked a moment ago, for its onboarding: another night asks again
            continue
    return asked


@transaction.atomic
def note_favour(
    *, account, kind, state, actor, contact=None, where="", company="", person="", email="", client_id=None, today=None
):  # fmt: skip
    """A review or referral was asked for, given or declined. A referral that is given brings a lead. Returns the Favour.

    Idempotent by `client_id`, which is made with the form. Raises DomainError for a given referral that names no company.
    """
    brings_lead = kind == Favour.Kind.REFERRAL and state == Favour.State.GIVEN
    if brings_lead and not company.strip():
        raise DomainError(_("Say which company they recommend us to."), fields=["company"])
    facts = {"account_id": account.pk, "contact": contact, "kind": kind, "state": state, "where": where, "asked_by": actor}
    favour, is_new = _stored(client_id or uuid.uuid4(), facts, today or organisation().today())
    if brings_lead and is_new:
        source, _is_new = Source.objects.get_or_create(name=REFERRAL)
        words = _("Recommended by %(account)s") % {"account": account}
        lead = receive_lead(source=source, company=company, person=person, email=email, request=words, actor=actor).lead
        write(favour, {"lead": lead})
    return favour


def _stored(client_id, facts, today):
    """The favour of this form and whether it is new; of a form sent several times at once one is stored."""
    try:
        with transaction.atomic():  # waits for whoever is storing the same one, then finds it
            return Favour.objects.create(client_id=client_id, asked_on=today, **facts), True
    except IntegrityError:
        there = Favour.objects.filter(client_id=client_id).first()
        if there is None:
            raise
    if any(getattr(there, name) != value for name, value in facts.items()):
        raise DomainError(_("This form has already been used for something else. Open it again."))
    return there, False
