"""What the search box finds in the pipeline."""

import re

from django.db.models import F

from salesorg.lib.search import Result
from salesorg.people.models import organisation

from .models import Deal, Order, ProposalVersion


def find_deals(user, text, limit):
    """Visible deals in whose name every word begins a word, the newest first."""
    # By pk + 0, not pk: else the planner walks all deals from the newest back, reading each one's words, when few match.
    newest = (F("pk") + 0).desc()
    deals = Deal.objects.visible_to(user).matching(text).select_related("account", "stage").order_by(newest)
    return [Result(deal.name, detail_of(deal), deal.get_absolute_url(), "briefcase") for deal in deals[:limit]]


def find_proposals(user, text, limit):
    """The visible proposal with the number that was typed: P-17, p17 or 17."""
    number = re.fullmatch(r"(?:p\s*-?\s*)?(\d{1,18})", text.strip(), re.IGNORECASE)
    if number is None:
        return []
    found = ProposalVersion.objects.visible_to(user).latest().filter(proposal=number[1])
    rows = found.select_related("proposal", "deal__account")[:limit]
    return [Result(str(each.proposal), _state(each), each.proposal.get_absolute_url(), "file-earmark-text") for each in rows]


def find_orders(user, text, limit):
    """The visible order with the number that was typed: O-00017, o17 or 17."""
    number = re.fullmatch(r"(?:o\s*-?\s*)?(\d{1,18})", text.strip(), re.IGNORECASE)
    if number is None:
        return []
    found = Order.objects.visible_to(user).filter(pk=number[1]).select_related("account")[:limit]
    return [
        Result(each.number, f"{each.account} · {each.get_state_display()}", each.get_absolute_url(), "cart") for each in found
    ]


def _state(version):
    return " · ".join(str(part) for part in (version.deal.account, version.state_on(organisation().today())[1]) if part)


def detail_of(deal):
    return " · ".join(str(part) for part in (deal.account, deal.stage) if part)
