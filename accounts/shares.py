"""Spend beside potential: how much of what an account could buy it buys here, and why the figure says so."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from salesorg.lib.templatetags.salesorg import full_money_in, locale


@dataclass(frozen=True)
class ShareOfWallet:
    """`share` is a fraction, None while spend is not known; `why` says how it came about."""

    potential: Decimal
    share: Decimal | None
    why: str
    how: str
    estimated_on: date | None


def share_of_wallet(account, facts, currency):
    """The ShareOfWallet of an account by its facts (None: not gathered yet); None while nobody has estimated its potential."""
    if account.potential is None:
        return None
    share, words = None, {"potential": full_money_in(account.potential, currency, locale())}
    if facts is None:
        why = _("Spend is known after the next nightly run.")
    elif not account.potential:
        why = _("There is nothing to win here by the estimate.")
    else:
        share = facts.spend / account.potential
        words["spend"] = full_money_in(facts.spend, currency, locale())
        why = _("%(spend)s bought in twelve complete months ÷ %(potential)s a year by the estimate.") % words
        if share > 1:
            why += " " + _("They buy more than that: the estimate is too low.")
    return ShareOfWallet(account.potential, share, why, account.potential_how, account.potential_on)
