"""Writing proposals: a draft is changed in place, what was sent is never changed but followed by its next version.

Whoever changes a proposal first locks its deal, so that everything about the proposals of a deal happens one after another.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from pipeline.engine.pricing import LARGEST, Line, discount_of, priced, unit_price
from pipeline.models import Approval, Deal, LineCost, Product, Proposal, ProposalLine, ProposalVersion
from pipeline.price_lists import costs_on, prices_on
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation

from .deals import change_deal

MOST_LINES = 100
STATE = ProposalVersion.State
FACTS = frozenset({"currency", "valid_until", "delivery_on", "intro", "terms", "discount"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line as it was typed. `price` counts where no list has one: for free text, and for a product on no list."""

    product: Product | None
    text: str
    quantity: Decimal
    price: Decimal | None = None
    discount: Decimal = Decimal(0)
    unit: str = ""


@transaction.atomic
def create_proposal(*, deal, name, lines, actor, today=None, **facts):
    """A new proposal about `deal`, as a draft; the first one is the deal's primary. Returns its version."""
    deal = _open_deal(deal)
    primary = not Proposal.objects.filter(deal=deal, is_primary=True).exists()
    proposal = Proposal.objects.create(deal=deal, name=name, is_primary=primary, created_by=actor)
    version = ProposalVersion(proposal=proposal, deal=deal, number=1, author=actor)
    return _written(version, lines, facts, today or organisation().today())


@transaction.atomic
def save_proposal(*, proposal, name, lines, actor, seen="", today=None, **facts):
    """What the proposal says from now on. Returns the version that says it.

    A draft is changed in place, and an approval that was asked for or given no longer counts. What was sent stays, and the
    next version begins as a draft. `seen` is what `standing_of` said when whoever changes it began: raises DomainError when
    somebody else has changed it since, for an accepted proposal, and for a deal that is closed.
    """
    deal = _open_deal(proposal.deal)
    latest = latest_of(proposal)
    if seen and seen != standing_of(latest):
        raise DomainError(_("Somebody has changed this proposal meanwhile. Yours is below: save again to replace theirs."))
    if latest.state == STATE.ACCEPTED:
        raise DomainError(_("This proposal is accepted and stays as it is. Write another one."))
    write(Proposal.objects.get(pk=proposal.pk), {"name": name})
    if latest.is_writable:
        _back_to_draft(latest)
        return _written(latest, lines, facts, today or organisation().today())
    write(latest, {"is_latest": False})
    following = ProposalVersion(proposal=latest.proposal, deal=deal, number=latest.number + 1, author=actor)
    return _written(following, lines, facts, today or organisation().today())


@transaction.atomic
def make_primary(*, proposal, actor):
    """Make this proposal the one that stands for the deal."""
    deal = locked_deal(proposal.deal_id)
    Proposal.objects.filter(deal=deal, is_primary=True).exclude(pk=proposal.pk).update(is_primary=False)
    Proposal.objects.filter(pk=proposal.pk, is_primary=False).update(is_primary=True)


@transaction.atomic
def take_into_deal(*, proposal, actor):
    """Make the net of the deal's primary proposal the amount of the deal. Returns the deal."""
    locked_deal(proposal.deal_id)
    proposal = Proposal.objects.select_related("deal").get(pk=proposal.pk)
    if not proposal.is_primary:
        raise DomainError(_("Only the primary proposal stands for the deal. Make this one the primary first."))
    latest = latest_of(proposal)
    return change_deal(deal=proposal.deal, amount=latest.net, currency=latest.currency, actor=actor)


@transaction.atomic
def discard(*, proposal, actor):
    """Give a draft up: it stays, and nobody can send it."""
    locked_deal(proposal.deal_id)
    latest = latest_of(proposal)
    if not latest.is_writable:
        raise DomainError(_("This proposal was sent. Withdraw it instead."))
    void_approvals(latest)
    return write(latest, {"state": STATE.WITHDRAWN})


def locked_deal(pk):
    """The deal, held to the end of the transaction: whoever else changes its proposals waits."""
    return Deal.objects.select_for_update().get(pk=pk)


def latest_of(proposal):
    """The version that counts; read after the deal is held."""
    return ProposalVersion.objects.select_related("proposal").get(proposal=proposal.pk, is_latest=True)


def standing_of(version):
    """What a form carries, to tell whether somebody else changed the proposal meanwhile; being opened is no change."""
    return f"{version.pk}:{version.version}" if version.is_writable else f"{version.pk}:{version.state}"


def copied(version):
    """The lines of a version as Wanted, to begin another proposal with: prices of lists are read anew."""
    lines = version.lines.select_related("product").order_by("position")
    return [Wanted(each.product, each.text, each.quantity, each.list_price, each.discount, each.unit) for each in lines]


def void_approvals(version):
    """What was asked or said about the version's discount no longer counts."""
    live = [Approval.State.WAITING, Approval.State.APPROVED]
    Approval.objects.filter(version=version, state__in=live).update(state=Approval.State.VOID)


def cost_and_margin(lines_costs):
    """(cost, margin) of rows of LineCost together; (None, None) without any."""
    rows = list(lines_costs)
    return (sum(row.cost for row in rows), sum(row.margin for row in rows)) if rows else (None, None)


def price_lines(wanted, currency, whole, day):
    """What `wanted` lines come to on `day`: (rows of ProposalLine without their version, Priced). Nothing is written.

    Raises DomainError for a line without a price, and for a proposal that comes to more than can be written down.
    """
    if not wanted:
        raise DomainError(_("Add a line: what do you propose?"), fields=["lines"])
    if len(wanted) > MOST_LINES:
        raise DomainError(_("A proposal has at most %(most)d lines.") % {"most": MOST_LINES}, fields=["lines"])
    keys = [each.product.pk for each in wanted if each.product]
    prices, costs = prices_on(day, currency, keys), costs_on(day, currency, keys)
    lines = []
    for each in wanted:
        key = each.product and each.product.pk
        price = prices.get(key, each.price) if key else each.price
        if price is None:
            words = {"what": each.text or each.product, "currency": currency}
            raise DomainError(_("No price list in %(currency)s names “%(what)s”: give its price.") % words, fields=["price"])
        lines.append(Line(each.quantity, price, each.discount, costs.get(key)))
    try:
        found = priced(lines, currency, whole)
    except ValueError as error:
        raise DomainError(_("Check quantities, prices and discounts: none is negative or enormous.")) from error
    if found.list_total > LARGEST:
        raise DomainError(_("This comes to more than 1,000,000,000,000,000. Check quantities and prices."))
    rows = [_row(i, *each, currency) for i, each in enumerate(zip(wanted, lines, found.lines, strict=True))]
    return rows, found


def _row(position, wanted, line, found, currency):
    return ProposalLine(
        position=position,
        product=wanted.product,
        text=wanted.text or wanted.product.name,
        unit=wanted.unit or (wanted.product.unit if wanted.product else ""),
        quantity=line.quantity,
        list_price=line.price,
        discount=line.discount,
        price=unit_price(line.price, line.discount, currency),
        list_total=found.list_total,
        discount_amount=found.discount_amount,
        whole_share=found.whole_share,
        net=found.net,
    )


def _written(version, wanted, facts, today):
    """Save a draft with its lines and every step of its sum."""
    unknown = facts.keys() - FACTS
    if unknown:
        raise TypeError(f"Not a fact of a proposal: {', '.join(sorted(unknown))}")
    if facts["valid_until"] < today:
        raise DomainError(_("“Valid until” lies in the past."), fields=["valid_until"])
    rows, found = price_lines(wanted, facts["currency"], facts.get("discount", Decimal(0)), today)
    sums = {name: getattr(found, name) for name in ("list_total", "line_discounts", "whole_discount", "net")}
    for name, value in {**facts, **sums, "discount_percent": discount_of(found.list_total, found.net)}.items():
        setattr(version, name, value)
    version.save()
    ProposalLine.objects.filter(version=version).delete()
    for row in rows:
        row.version = version
    ProposalLine.objects.bulk_create(rows)
    costs = costs_on(today, version.currency, [row.product_id for row in rows if row.product_id])
    known = [(row, each) for row, each in zip(rows, found.lines, strict=True) if each.cost is not None]
    LineCost.objects.bulk_create(
        LineCost(line=row, unit_cost=costs[row.product_id], cost=each.cost, margin=each.margin) for row, each in known
    )
    return version


def _back_to_draft(version):
    void_approvals(version)
    if version.state != STATE.DRAFT:
        write(version, {"state": STATE.DRAFT})


def _open_deal(deal):
    deal = locked_deal(deal.pk)
    if not deal.is_open:
        raise DomainError(_("This deal is closed. Reopen it before you change its proposals."))
    return deal
