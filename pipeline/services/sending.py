"""A proposal on its way: sent, opened, accepted, rejected, withdrawn. What was sent is a page at a secret address and a PDF."""

from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pipeline.models import IssuedDocument, ProposalVersion
from pipeline.models.sources import new_token
from pipeline.proposal_pdf import pdf_of
from pipeline.querysets.proposals import OUT, WRITING
from salesorg.jobs import outbox
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.people.models import User, organisation

from .approvals import needs_approval
from .proposals import STATE, latest_of, locked_deal, make_primary, void_approvals

LETTER = "pipeline.proposal_letter"
NEWS = "pipeline.proposal_news"


@transaction.atomic
def send_proposal(*, proposal, actor, email="", now=None):
    """Issue the latest version: from now on it is frozen, has its PDF and its address. Returns the version.

    With an `email` the customer gets the address and the PDF by mail. The version sent before it can no longer be accepted.
    Raises DomainError for a discount above the actor's limit that nobody has approved, whatever path this comes by.
    """
    now = now or timezone.now()
    today = organisation().today(now)
    deal = locked_deal(proposal.deal_id)
    version = latest_of(proposal)
    if not deal.is_open:
        raise DomainError(_("This deal is closed. Reopen it before you send a proposal."))
    if other := accepted_of(deal):
        words = {"number": other.proposal.number}
        raise DomainError(_("%(number)s of this deal is accepted already. Propose more in a deal of its own.") % words)
    if not version.is_writable:
        raise DomainError(_("This version was sent already."))
    if needs_approval(version, actor, today):
        words = {"percent": version.discount_percent}
        raise DomainError(_("A discount of %(percent)s%% is above your limit: ask for approval first.") % words)
    if version.valid_until < today:
        raise DomainError(_("It was valid until a day that is over. Give a later one."), fields=["valid_until"])
    earlier = ProposalVersion.objects.filter(proposal=proposal, state__in=OUT)
    earlier.update(state=STATE.REPLACED)
    changes = {"state": STATE.SENT, "sent_at": now, "sent_by": actor, "sent_to": email, "token": new_token()}
    write(version, changes)
    version = ProposalVersion.objects.select_related("proposal", "deal__account", "sent_by", "author").get(pk=version.pk)
    IssuedDocument.objects.create(version=version, pdf=pdf_of(version), made_at=now)
    if email:
        outbox.publish(LETTER, {"version": version.pk}, f"{version.pk}")
    return version


@transaction.atomic
def withdraw_proposal(*, version, reason="", actor, now=None):
    """Take a version that was sent back: its address leads nowhere from now on."""
    locked_deal(version.deal_id)
    version = ProposalVersion.objects.get(pk=version.pk)
    if version.state not in OUT:
        raise DomainError(_("Only a proposal that waits for an answer can be withdrawn."))
    facts = {"state": STATE.WITHDRAWN, "decided_at": now or timezone.now(), "decided_name": actor.name, "reason": reason}
    return write(version, facts)


def accepted_of(deal):
    """The version that the customer has accepted, of all proposals of the deal; None while there is none."""
    return ProposalVersion.objects.select_related("proposal").filter(deal=deal, state=STATE.ACCEPTED).first()


def version_at(token):
    """The version at this address while it may be read: sent and not withdrawn; None else."""
    found = ProposalVersion.objects.select_related("proposal", "deal__account", "sent_by")
    return found.filter(token=token).exclude(state=STATE.WITHDRAWN).first()


def note_opened(*, version, now=None):
    """The customer has opened the page once more. One statement: of two at once both are counted, and one is the first."""
    rows = ProposalVersion.objects.filter(pk=version.pk, state__in=OUT)
    rows.update(opens=F("opens") + 1)
    with transaction.atomic():
        if rows.filter(opened_at=None).update(opened_at=now or timezone.now(), state=STATE.OPENED):
            _tell_seller(version, "opened")


@transaction.atomic
def accept_proposal(*, version, name, consent, actor=None, now=None):
    """The customer says yes, under their name and in the words of `consent`. The other proposals of the deal are not chosen.

    It stands for the deal from now on. The deal stays where it is: to move it to won is for its owner, since the gates ask
    for more. Returns the version.
    """
    now = now or timezone.now()
    version = _answerable(version, now)
    if accepted_of(version.deal_id):
        raise DomainError(_("Another proposal was accepted already. Please ask us."))
    facts = {"state": STATE.ACCEPTED, "decided_at": now, "decided_name": name, "consent": consent}
    write(version, facts)
    others = ProposalVersion.objects.filter(deal=version.deal_id, state__in=[*OUT, *WRITING]).exclude(pk=version.pk)
    for each in others.filter(state__in=WRITING):
        void_approvals(each)
    others.update(state=STATE.NOT_CHOSEN, decided_at=now)
    make_primary(proposal=version.proposal, actor=actor)
    _tell_seller(version, "accepted")
    return version


@transaction.atomic
def reject_proposal(*, version, name, reason, actor=None, now=None):
    """The customer says no, and why. Returns the version."""
    now = now or timezone.now()
    version = _answerable(version, now)
    write(version, {"state": STATE.REJECTED, "decided_at": now, "decided_name": name, "reason": reason})
    _tell_seller(version, "rejected")
    return version


def _answerable(version, now):
    """The version, held, while the customer may answer it: of two answers at once the second finds it answered."""
    locked_deal(version.deal_id)
    version = ProposalVersion.objects.get(pk=version.pk)
    if version.state not in OUT:
        raise DomainError(_("This proposal was answered or taken back meanwhile."))
    if version.valid_until < organisation().today(now):
        raise DomainError(_("This proposal is no longer valid. Please ask for a new one."))
    return version


def public_address(version):
    """Where the customer reads the version."""
    return settings.BASE_URL + reverse("pipeline:offer", args=[version.token])


@outbox.handles(LETTER)
def mail_letter(payload):
    """Send the customer the address and the PDF, unless it was withdrawn or replaced meanwhile."""
    found = ProposalVersion.objects.select_related("proposal", "sent_by", "document")
    version = found.filter(pk=payload["version"], state__in=OUT).first()
    if version is None or not version.sent_to:
        return
    with translation.override(version.sent_by.locale):
        words = {"title": version.proposal.name, "company": organisation().name}
        subject = _("%(company)s: %(title)s") % words
        parts = [version.intro, _("Read and answer it here:"), public_address(version), version.sent_by.name]
    text = "\n\n".join(part for part in parts if part) + "\n"
    letter = EmailMessage(" ".join(subject.split()), text, None, [version.sent_to], reply_to=[version.sent_by.email])
    letter.attach(f"{version.proposal.number}-{version.number}.pdf", bytes(version.document.pdf), "application/pdf")
    letter.send()


def _tell_seller(version, what):
    outbox.publish(NEWS, {"version": version.pk, "what": what}, f"{version.pk}:{what}")


@outbox.handles(NEWS)
def mail_news(payload):
    """Tell the deal's owner what the customer did."""
    version = ProposalVersion.objects.select_related("proposal", "deal__owner", "deal__account").get(pk=payload["version"])
    to = User.objects.working().filter(pk=version.deal.owner_id).first()
    if to is None:
        return
    with translation.override(to.locale):
        words = {"what": version.proposal, "who": version.decided_name or version.deal.account or version.deal}
        sentences = {
            "opened": _("%(who)s has opened %(what)s"),
            "accepted": _("%(who)s has accepted %(what)s"),
            "rejected": _("%(who)s has rejected %(what)s"),
        }
        subject = sentences[payload["what"]] % words
    text = "\n\n".join(
        part for part in (subject, version.reason, settings.BASE_URL + version.proposal.get_absolute_url()) if part
    )
    send_mail(" ".join(subject.split()), text + "\n", None, [to.email])
