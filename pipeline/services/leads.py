"""What becomes of a lead: worked by somebody, qualified into a deal, disqualified with a reason, opened again."""

from django.db import transaction
from django.utils.translation import gettext as _

from pipeline.models import Lead
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation
from salesorg.people.roles import Action
from salesorg.people.services.leaving import hold_colleague

from .deals import create_deal
from .response import answered_at, set_clock


@transaction.atomic
def qualify_lead(*, lead, stage, owner, actor, today=None, **facts):
    """Open a deal at the account of `lead`; whoever worked the lead stays credited as its SDR. Returns the Deal.

    Raises DomainError when somebody decided the lead meanwhile, or when the deal lacks what its stage demands.
    """
    lead = hold_open(lead)
    today = today or organisation().today()
    deal = create_deal(owner=owner, stage=stage, actor=actor, today=today, account=lead.account, **facts)
    decided = {"outcome": Lead.Outcome.QUALIFIED, "decided_on": today, "deal": deal, "sdr": lead.sdr or actor}
    decided["responded_at"] = answered_at(lead)
    write(lead, decided | ({"seller": owner} if owner != decided["sdr"] else {}))
    return deal


@transaction.atomic
def disqualify_lead(*, lead, reason, actor, note="", today=None):
    """Close `lead` without a deal, for a `reason` of the organisation's own. Raises DomainError when it is decided already."""
    lead = hold_open(lead)
    decided = {"outcome": Lead.Outcome.DISQUALIFIED, "decided_on": today or organisation().today(), "sdr": lead.sdr or actor}
    decided["responded_at"] = answered_at(lead)
    return write(lead, decided | {"reason": reason, "reason_note": note})


@transaction.atomic
def reopen_lead(*, lead, actor):
    """Take up a disqualified lead again. Raises DomainError for one that is open, or that has become a deal."""
    lead = _locked(lead)
    if lead.is_open:
        raise DomainError(_("This lead is open already."))
    if lead.outcome == Lead.Outcome.QUALIFIED:
        raise DomainError(_("This lead has become a deal. Work on the deal, or move it to lost."))
    return write(lead, {"outcome": Lead.Outcome.OPEN, "decided_on": None, "reason": None, "reason_note": ""})


@transaction.atomic
def assign_lead(*, lead, sdr, actor):
    """From now on `sdr` works the open `lead`. Raises DomainError when a colleague took it meanwhile, or may not work leads."""
    seen = lead.sdr_id
    lead = hold_open(lead)
    if lead.sdr_id not in (seen, sdr.pk):
        raise DomainError(_("%(name)s has taken this lead meanwhile.") % {"name": lead.sdr or _("Nobody")}, fields=["sdr"])
    check_may_work(sdr)
    lead.sdr = sdr
    set_clock(lead)
    by_hand = {"rule": "", "rule_words": _("given by %(name)s") % {"name": actor} if actor != sdr else _("taken")}
    return write(lead, {"sdr": sdr, "respond_by": lead.respond_by} | by_hand)


def note_seller(deal, seller):
    """`seller` took over the deal that a lead has become; the first one who does stands in the lead, beside its SDR."""
    Lead.objects.filter(deal=deal, seller=None).exclude(sdr=seller).update(seller=seller)


def check_may_work(person):
    """Refuse a person who could not work a lead."""
    person = hold_colleague(person, field="sdr")
    if not person.may(Action.EDIT_DEALS):
        raise DomainError(_("%(name)s has no role in sales today. Choose somebody else.") % {"name": person}, fields=["sdr"])


def hold_open(lead):
    """The lead as it is now, locked: of two who decide it at once the second is told what the first has done."""
    lead = _locked(lead)
    if lead.outcome == Lead.Outcome.QUALIFIED:
        raise DomainError(_("This lead was qualified meanwhile: its deal is “%(deal)s”.") % {"deal": lead.deal})
    if lead.outcome == Lead.Outcome.DISQUALIFIED:
        raise DomainError(
            _("This lead was disqualified meanwhile: %(reason)s.") % {"reason": lead.reason or _("no reason given")}
        )
    return lead


def _locked(lead):
    return Lead.objects.select_for_update().get(pk=lead.pk)
