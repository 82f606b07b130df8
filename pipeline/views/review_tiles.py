"""The figures above the people of the review, each with how it came about and the way to its deals."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.models import Status
from salesorg.lib.templatetags.salesorg import amounts, day, figure, share


def tiles(together, links, selection):
    """Open, weighted, won and the win rate of all of them together."""
    opened, won, closed = together.total, together.won, together.won.count + together.lost.count
    span = _("closed %(start)s – %(end)s") % {"start": day(links.period.start), "end": day(links.period.last_day)}
    open_url, rate = links.to(status=Status.OPEN), together.win_rate
    found = [
        tile("open", _("Open"), amounts(opened.amounts), whenever(opened.count), open_url, opened.count),
        tile("weighted", _("Weighted"), amounts(opened.weighted), _("by stage probability"), open_url, opened.count),
        tile("won", _("Won"), amounts(won.amounts), counted(won.count), links.closed(None, Status.WON), won.count),
        tile("rate", _("Win rate"), share(decimal_of(rate)), counted(closed), links.closed(None, "closed"), closed),
    ]
    formulas = (
        _("sum of the amounts of open deals, per currency"),
        _("sum of amount × probability of the stage"),
        span,
        _("won ÷ (won + lost), by close date and the owner on the day of closing; open deals are left out"),
    )
    for each, formula in zip(found, formulas, strict=True):
        each["why"] |= {"formula": formula, "as_of": selection.day}
    return found


def tile(key, label, number, since, url, rows):
    return {"label": label, "number": number, "url": url, "since": since, "why": {"id": key, "rows_in": rows}}


def counted(number):
    return ngettext("%(n)s deal", "%(n)s deals", number) % {"n": figure(number)}


def whenever(number):
    """How many are open, whatever their close date: the call and what changed count those of the period."""
    return ngettext("%(n)s deal, whenever it closes", "%(n)s deals, whenever they close", number) % {"n": figure(number)}


def decimal_of(fraction):
    """A Fraction as the pages write shares; None stays None."""
    return None if fraction is None else Decimal(fraction.numerator) / fraction.denominator
