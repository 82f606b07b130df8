"""Renewals: the deals that the night opens so long before a contract ends, for whoever keeps the customer."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Coverage, CoverageLine
from pipeline.models import Contract, ContractValue, DealType, Pipeline, Stage, Status
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.lib.templatetags.salesorg import day_text
from salesorg.people.roles import Action, Role

from .contracts import same_again_worth
from .deals import create_deal

FIRST_STEP = timedelta(days=3)  # to the first word about it
OVERDUE = timedelta(days=30)  # ended longer ago, it is history: nobody asked to renew it


def renewal_pipeline():
    """Where renewals are opened: the first pipeline in use whose deals are renewals; None without one."""
    return Pipeline.objects.in_use().filter(deal_type=DealType.RENEWAL).order_by("pk").first()


def due_renewals(pipeline, day):
    """Contracts that nobody has given up and whose renewal is to be opened by `day`, the soonest first."""
    first, last = day - OVERDUE, day + timedelta(days=pipeline.renewal_days)
    return Contract.objects.going_on().filter(renewal=None, renews_on__gt=first, renews_on__lte=last).soonest()


@transaction.atomic
def open_renewal(*, contract, day, actor, owner=None, pipeline=None):
    """The deal that is to renew `contract`, opened on `day`; the one there is when somebody was quicker. Returns the Deal.

    Of `owner`, else of who covers the account as customer success manager, else of who sold it. It is worth the same term
    again at what a year brings on the contract's last day, and closes on that day. Raises DomainError where no pipeline is
    for renewals or nobody can own it, and for a contract that was cancelled or renewed.
    """
    pipeline = pipeline or renewal_pipeline()
    if pipeline is None:
        raise DomainError(_("No pipeline is for renewals. Ask sales operations to set one up."))
    contract = Contract.objects.select_for_update().get(pk=contract.pk)
    if contract.renewal_id:
        return contract.renewal
    if contract.cancelled_on is not None or Contract.objects.filter(renews=contract).exists():
        raise DomainError(_("This contract was cancelled or renewed meanwhile."))
    last = contract.last_day
    value = ContractValue.objects.filter(contract=contract, from_day__lte=last).order_by("-from_day", "-pk").first()
    deal = create_deal(
        owner=owner or _owner_of(contract, day),
        stage=Stage.objects.in_use().filter(pipeline=pipeline, status=Status.OPEN).order_by("position").first(),
        actor=actor,
        today=day,
        type=DealType.RENEWAL,
        name=_("Renewal of %(contract)s") % {"contract": contract.name[:150]},
        account=contract.account,
        product=contract.deal.product if contract.deal else None,
        amount=same_again_worth(contract, value.recurring),
        currency=contract.currency,
        close_date=max(last, day),
        next_step=_("Talk about the renewal, notice until %(day)s") % {"day": day_text(contract.notice_by, day)},
        next_step_on=day + FIRST_STEP,
    )
    write(contract, {"renewal": deal})
    return deal


def keepers_of(accounts, day):
    """{account id: User} of who covers each of `accounts` (ids) as customer success manager on `day`."""
    covering = Coverage.objects.on(day).filter(account__in=accounts, role=Role.CSM, user__is_active=True)
    rows = covering.select_related("user", "line").order_by("pk")
    # Of several, who covers it for customer success comes last and stays.
    return {row.account_id: row.user for row in sorted(rows, key=lambda row: row.line.code == CoverageLine.CUSTOMER_SUCCESS)}


def _owner_of(contract, day):
    """Who keeps the customer, else who sold the contract, else who covers the account first."""
    keeper = keepers_of([contract.account_id], day).get(contract.account_id)
    first = Coverage.objects.on(day).filter(account=contract.account_id).order_by("-is_first_contact", "pk").first()
    candidates = (keeper, contract.deal and contract.deal.owner, first and first.user)
    able = (each for each in candidates if each is not None and each.is_active and each.may(Action.EDIT_DEALS))
    owner = next(able, None)
    if owner is None:
        raise DomainError(_("Nobody covers %(account)s: give it a customer success manager.") % {"account": contract.account})
    return owner
