"""Contracts: made from a won deal, amended, renewed by another, cancelled; and what follows for the customer."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.services import change_account
from pipeline.engine import terms
from pipeline.models import Contract, ContractValue, Deal, DealType, Stage, Status
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.lib.money import divided, from_minor, to_minor
from salesorg.lib.templatetags.salesorg import day as day_words
from salesorg.lib.templatetags.salesorg import full_money
from salesorg.people.models import organisation

from .customers import refresh_customers
from .deals import move_deal

YEAR = 12  # months: the term that is proposed for what renews nothing
LONGEST = 50  # years; beyond lies a typing error


@dataclass(frozen=True)
class Proposal:
    """What a contract made from a deal would say, unless somebody says otherwise."""

    name: str
    starts_on: date
    until: date
    total: Decimal
    recurring: Decimal
    notice_days: int
    renews: Contract | None


def proposed_contract(deal):
    """The Proposal that follows from a won deal: of a renewal the same term again, of anything else a year from the win."""
    former = Contract.objects.filter(renewal=deal).select_related("account").first()
    if former is not None:
        start, until = terms.same_again(former.term.lower, former.term.upper)
    else:
        start = deal.close_date or organisation().today()
        until = terms.months_after(start, YEAR)
    total = deal.amount or Decimal(0)
    notice = former.notice_days if former else Contract._meta.get_field("notice_days").default
    return Proposal(deal.name, start, until, total, per_year(total, start, until, deal.currency), notice, former)


def per_year(total, start, until, currency):
    """What `total` for the term [start, until) is worth a year, to the smallest unit of `currency`."""
    years = terms.years_of(start, until)
    return from_minor(divided(to_minor(total, currency) * years.denominator, years.numerator), currency)


def same_again_worth(contract, recurring):
    """What another term of the same length brings at `recurring` a year."""
    years = terms.years_of(contract.term.lower, contract.term.upper)
    minor = to_minor(recurring, contract.currency)
    return from_minor(divided(minor * years.numerator, years.denominator), contract.currency)


@transaction.atomic
def make_contract(*, deal, starts_on, until, total, recurring, notice_days, actor, name=""):
    """The contract that a won `deal` stands for, from `starts_on` up to the day before `until`. Returns the Contract.

    Made from the deal that renews a contract it follows that one, which is in force no longer than until then. The account
    is a customer from now on. Raises DomainError for a deal that is not won, or that stands behind a contract already.
    """
    deal = _won(deal)
    _check_term(starts_on, until)
    former = Contract.objects.select_for_update().filter(renewal=deal).first()
    if former is not None:
        _follow(former, starts_on)
    contract = Contract.objects.create(
        account=deal.account,
        deal=deal,
        renews=former,
        name=name or deal.name,
        currency=deal.currency,
        term=DateRange(starts_on, until),
        during=DateRange(starts_on, until),
        notice_days=notice_days,
    )
    ContractValue.objects.create(contract=contract, from_day=starts_on, total=total, recurring=recurring, made_by=actor)
    if deal.account.lifecycle != Account.Lifecycle.CUSTOMER:
        change_account(account=deal.account, actor=actor, lifecycle=Account.Lifecycle.CUSTOMER)
    refresh_customers([contract.account_id], organisation().today(), actor)
    return contract


@transaction.atomic
def amend_contract(*, contract, from_day, total, recurring, reason, actor, deal=None, seen=None):
    """From `from_day` the contract is worth this, because of `reason` (or of the won expansion `deal`). Returns the new row.

    What it was worth before stays readable. `seen` is the key of the value that whoever amends it began with. Raises
    DomainError when that is no longer the last, for a day on which it is not in force or that lies before the last
    amendment, and when nothing would change.
    """
    deal = _won(deal) if deal is not None else None
    contract = _locked(contract)
    if deal is not None and (deal.account_id, deal.currency) != (contract.account_id, contract.currency):
        raise DomainError(_("The expansion is of another account or in another currency than this contract."), fields=["deal"])
    if not contract.during.lower <= from_day < contract.during.upper:
        words = {"first": day_words(contract.during.lower), "last": day_words(contract.last_day)}
        raise DomainError(_("Give a day on which it is in force: from %(first)s to %(last)s.") % words, fields=["from_day"])
    last = contract.values.order_by("-from_day", "-pk").first()
    if seen is not None and seen != last.pk:
        words = {"day": day_words(last.from_day), "recurring": full_money(last.recurring, contract.currency)}
        raise DomainError(
            _("Somebody has amended it meanwhile: since %(day)s it is worth %(recurring)s a year. Save again if yours holds.")
            % words
        )
    if from_day < last.from_day:
        raise DomainError(
            _("It was amended from %(day)s on: give that day or a later one.") % {"day": day_words(last.from_day)},
            fields=["from_day"],
        )
    if (last.total, last.recurring) == (total, recurring):
        raise DomainError(_("That is what it is worth already."), fields=["total"])
    if not reason.strip() and deal is None:
        raise DomainError(_("Say why: whoever reads it next year was not there."), fields=["reason"])
    facts = {"from_day": from_day, "total": total, "recurring": recurring, "reason": reason or deal.name, "deal": deal}
    value = ContractValue.objects.create(contract=contract, made_by=actor, **facts)
    refresh_customers([contract.account_id], organisation().today(), actor)
    return value


@transaction.atomic
def cancel_contract(*, contract, ends_on, reason, actor, note="", cancelled_on=None, today=None):
    """The customer gave notice (on `cancelled_on`, today): the last day in force is `ends_on`, for a `reason` (LossReason).

    An open renewal is lost for the same reason. Once no contract is in force the account is a former customer. Raises
    DomainError when another contract follows already, or the day lies outside of its term.
    """
    today = today or organisation().today()
    contract = _locked(contract)
    if contract.cancelled_on is not None:
        raise DomainError(_("This contract is cancelled already."))
    if Contract.objects.filter(renews=contract).exists():
        raise DomainError(_("Another contract follows this one: cancel that one."))
    if not contract.term.lower <= ends_on < contract.term.upper:
        words = {"first": day_words(contract.term.lower), "last": day_words(contract.last_day)}
        raise DomainError(_("Give a last day within its term: from %(first)s to %(last)s.") % words, fields=["ends_on"])
    facts = {"cancelled_on": cancelled_on or today, "churn_reason": reason, "churn_note": note}
    until = ends_on + timedelta(days=1)
    write(contract, facts | {"during": DateRange(contract.term.lower, until)})
    if contract.renewal_id and contract.renewal.status == Status.OPEN:
        lost = (
            Stage.objects.in_use().filter(pipeline=contract.renewal.pipeline_id, status=Status.LOST).order_by("position").first()
        )
        move_deal(deal=contract.renewal, stage=lost, actor=actor, today=today, loss_reason=reason)
    settle_lifecycles(day=today, actor=actor, accounts=[contract.account_id])
    refresh_customers([contract.account_id], today, actor)
    return contract


@transaction.atomic
def settle_lifecycles(*, day, actor, accounts=None):
    """Customers whose contracts have all ended by `day`, the last of them given up, are former customers from now on.

    Of these `accounts` (ids), or of all. Returns how many.
    """
    ended = Contract.objects.given_up().filter(during__fully_lt=DateRange(day, None), account__lifecycle="customer")
    if accounts is not None:
        ended = ended.filter(account__in=accounts)
    left = set(ended.values_list("account_id", flat=True))
    left -= set(Contract.objects.filter(account__in=left, during__endswith__gt=day).values_list("account_id", flat=True))
    # An ended contract whose renewal is still open keeps the customer: that is being talked about.
    open_still = Contract.objects.going_on().filter(account__in=left, renewal__status=Status.OPEN)
    left -= set(open_still.values_list("account_id", flat=True))
    for account in Account.objects.filter(pk__in=left).order_by("pk"):
        change_account(account=account, actor=actor, lifecycle=Account.Lifecycle.FORMER)
    return len(left)


def _won(deal):
    """The deal, locked, when a contract may be made from it."""
    deal = Deal.objects.select_for_update().get(pk=deal.pk)
    if deal.status != Status.WON or deal.account_id is None:
        raise DomainError(_("A contract is made from a won deal. Move it to won first."), fields=["deal"])
    if Contract.objects.filter(deal=deal).exists() or ContractValue.objects.filter(deal=deal).exists():
        raise DomainError(_("This deal stands behind a contract already."), fields=["deal"])
    return deal


def _follow(former, starts_on):
    """The locked contract `former` is renewed from `starts_on`: by then it is in force no longer."""
    if Contract.objects.filter(renews=former).exists():
        raise DomainError(_("“%(contract)s” is renewed already.") % {"contract": former})
    if starts_on <= former.during.lower:
        raise DomainError(
            _("It follows a contract that begins on %(day)s: give a later day.") % {"day": day_words(former.during.lower)},
            fields=["starts_on"],
        )
    if starts_on < former.during.upper:
        write(former, {"during": DateRange(former.during.lower, starts_on)})


def _check_term(starts_on, until):
    if until <= starts_on:
        raise DomainError(_("The last day lies before the first."), fields=["last_day"])
    if terms.years_of(starts_on, until) > LONGEST:
        raise DomainError(_("Give a term of at most %(n)d years.") % {"n": LONGEST}, fields=["last_day"])


def _locked(contract):
    return Contract.objects.select_for_update().get(pk=contract.pk)


def may_expand(deal):
    """The contracts to which a won expansion `deal` can be added, the latest first; none for other deals."""
    if deal.type != DealType.EXPANSION or deal.account_id is None:
        return Contract.objects.none()
    there = Contract.objects.going_on().filter(account=deal.account_id, currency=deal.currency)
    return there.filter(during__endswith__gt=organisation().today()).order_by("-renews_on", "-pk")
