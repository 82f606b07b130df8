"""Proposals of the demo: a draft, one that waits for approval, one that was opened, one that was rejected."""

from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from pipeline.models import Deal, DiscountLimit, Product, ProductCost
from pipeline.price_lists import prices_on
from pipeline.services.approvals import ask_approval, save_limit
from pipeline.services.products import set_cost
from pipeline.services.proposals import Wanted, create_proposal
from pipeline.services.sending import note_opened, reject_proposal, send_proposal
from salesorg.lib.acting import acting
from salesorg.lib.money import rounded
from salesorg.people.roles import Role

COST = Decimal("0.6")  # of the list price
DISCOUNTS = (0, 15, 5, 8)  # percent on the whole, of one deal after the other


def fill_proposals(people, now):
    """Limits, costs, and four proposals on open deals of rita."""
    rita, otto = people["rita"], people["otto"]
    deals = list(Deal.objects.open().filter(owner=rita, account__isnull=False).order_by("-amount", "pk")[: len(DISCOUNTS)])
    prices = prices_on(rita.today, "USD")
    products = list(Product.objects.filter(pk__in=prices).order_by("pk")[:2])
    if not deals or not products or ProductCost.objects.exists():
        return
    with acting(otto, "demo"):
        for role, percent in ((Role.AE, 10), (Role.MANAGER, 25)):
            save_limit(limit=DiscountLimit(), role=role, team=None, percent=percent, actor=otto)
        for product in Product.objects.filter(pk__in=prices):
            cost = rounded(prices[product.pk] * COST, "USD")
            set_cost(product=product, currency="USD", since=rita.today.replace(month=1, day=1), amount=cost, actor=otto)
    with acting(rita, "demo"):
        versions = [_written(deal, products, discount, rita) for deal, discount in zip(deals, DISCOUNTS, strict=False)]
        for number, version in enumerate(versions):
            if number == 1:
                ask_approval(proposal=version.proposal, note=_("A competitor offers less"), actor=rita)
            if number > 1:
                versions[number] = send_proposal(proposal=version.proposal, actor=rita, now=now - timedelta(days=number))
    for version in versions[2:]:
        note_opened(version=version, now=now - timedelta(days=1))
    for version in versions[3:]:
        reject_proposal(version=version, name="Ann Meyer", reason=_("Too expensive"), now=now - timedelta(hours=3))


def _written(deal, products, discount, user):
    lines = [Wanted(product, "", Decimal(3 + i)) for i, product in enumerate(products)]
    lines.append(Wanted(None, _("Installation and training"), Decimal(1), Decimal(1_200)))
    facts = {"currency": "USD", "valid_until": user.today + timedelta(days=30), "discount": Decimal(discount)}
    facts |= {"intro": _("Thank you for your time. This is what we propose."), "terms": _("Payment within 30 days.")}
    return create_proposal(deal=deal, name=deal.name, lines=lines, actor=user, **facts)
