"""Sales velocity: what a pipeline brings in a day. Pure."""

from decimal import Decimal


def velocity(deals: int, share, average, days):
    """Deals × win rate × average won amount ÷ days of the cycle: money a day; None where one of them is not known.

    The field's usual formula (open opportunities × win rate × average deal size ÷ length of the sales cycle). It is what
    comes in while the open deals go as the closed ones went; it says nothing of one single month. A cycle of no days, won on
    the day it was opened, has no velocity.
    """
    if share is None or average is None or not days:
        return None
    return deals * share * average / Decimal(days)
