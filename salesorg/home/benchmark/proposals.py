"""Proposals that are opened and saved: generated deals have none, so some are written before."""

from datetime import timedelta
from decimal import Decimal

from pipeline.models import Deal
from pipeline.services.proposals import Wanted, create_proposal
from salesorg.lib.acting import acting

LINES = 10  # of each: as many as somebody writes on a phone


def drafts(user, deals):
    """[(proposal's key, what its form sends)] of a draft about each of `deals` (keys)."""
    until, found = user.today + timedelta(days=30), []
    with acting(None, "benchmark"):
        for deal in Deal.objects.filter(pk__in=deals):
            facts = {"name": "Measured", "currency": deal.currency, "valid_until": until, "discount": Decimal(0)}
            lines = [Wanted(None, f"Line {number}", Decimal(2), Decimal(100 + number)) for number in range(LINES)]
            version = create_proposal(deal=deal, lines=lines, actor=user, **facts)
            form = facts | {"valid_until": str(until), "discount": "5", "line-TOTAL_FORMS": LINES, "line-INITIAL_FORMS": 0}
            for number, line in enumerate(lines):
                form |= {f"line-{number}-{name}": str(getattr(line, name)) for name in ("text", "quantity", "price")}
            found.append((version.proposal_id, form))
    return found
