"""Asking everybody of a role to join a deal, and joining it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import Ask, Deal
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role
from salesorg.people.services.leaving import hold_colleague

from .members import bring_in


@transaction.atomic
def ask_for(*, deal, role, question, actor, now=None):
    """Ask everybody who holds `role` to join `deal`, with a question. Returns the Ask.

    Raises DomainError for a closed deal, without a question, and when the deal asks for this role already.
    """
    deal = Deal.objects.select_for_update().get(pk=deal.pk)
    if not deal.is_open:
        raise DomainError(_("This deal is closed. Reopen it first."))
    if not question.strip():
        raise DomainError(_("Say what you need them for."), fields=["question"])
    if Ask.objects.filter(deal=deal, role=role, ended_at=None).exists():
        raise DomainError(_("This deal asks for this role already. Take that back first."), fields=["question"])
    return Ask.objects.create(
        deal=deal, role=Role(role), question=question.strip()[:500], asked_by=actor, asked_at=now or timezone.now()
    )


@transaction.atomic
def join_deal(*, ask, actor, now=None):
    """`actor`, who holds the role that is asked for, works on the deal from today, without a share until one is agreed.

    Returns the member. Raises DomainError when somebody was quicker, it was taken back, or the deal is closed.
    """
    hold_colleague(actor, field="person")  # before the deal, as whoever deactivates them does
    deal, ask = _locked(ask)
    if ask.ended_at is not None:
        if ask.answered_by_id is None:
            raise DomainError(_("This was taken back meanwhile."))
        raise DomainError(_("%(name)s was quicker and works on it already.") % {"name": ask.answered_by})
    member = bring_in(deal=deal, person=actor, role=ask.role, actor=actor)
    write(ask, {"answered_by": actor, "ended_at": now or timezone.now()})
    return member


@transaction.atomic
def withdraw_ask(*, ask, actor, now=None):
    """Nobody is asked any more. Taken back or answered already, it stays as it is."""
    _deal, ask = _locked(ask)
    return ask if ask.ended_at else write(ask, {"ended_at": now or timezone.now()})


def _locked(ask):
    """(deal, ask) as they are now, the deal locked first, as every change of it does."""
    deal = Deal.objects.select_for_update().get(pk=ask.deal_id)
    return deal, Ask.objects.select_for_update(of=["self"]).get(pk=ask.pk)
