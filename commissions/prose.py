"""A plan's rules in prose, beside the data they are computed from."""

from decimal import Decimal

from django.utils.translation import gettext as _

from salesorg.lib.money import from_minor
from salesorg.lib.templatetags.salesorg import full_money, share

from .models import Measure


def rate_words(rate, denominator):
    """A rate as a percentage: 500 over 10,000 → 5 %."""
    return share(Decimal(rate) / denominator)


def sentences(component, currency):
    """The rules of an engine Component, a sentence each."""
    out = [
        _("Pays on %(measure)s, credited on the close date by the shares of the deal's members.")
        % {"measure": Measure[component.measure.upper()].label.lower()},
        _("The deals of a month are rated together, in the order they were credited.")
        if component.unit == "period"
        else _("Each deal is rated on its own."),
    ]
    out.extend(_tiers(component, currency))
    if len(component.tiers) > 1:
        out.append(
            {
                "marginal": _("Each slice earns its own rate: what was earned below a boundary stays as it is."),
                "whole_amount": _("Everything earns the rate of the tier reached, back to the first deal."),
                "overage": _("All above the first tier earns the rate of the highest tier reached."),
            }[component.method]
        )
        out.append(
            _("An amount exactly on a boundary belongs to the upper tier.")
            if component.boundary == "upper"
            else _("An amount exactly on a boundary belongs to the lower tier.")
        )
    out.append(
        {
            "half_up": _("Each line is rounded to the smallest unit of the currency, halves away from zero,"),
            "half_even": _("Each line is rounded to the smallest unit of the currency, halves to the even one,"),
            "down": _("Each line is cut to the smallest unit of the currency,"),
        }[component.rounding]
        + " "
        + (
            _("as the total after the deal less the total before it, so that the lines add up to the month exactly.")
            if component.unit == "period"
            else _("deal by deal.")
        )
    )
    return out


def _tiers(component, currency):
    for tier, following in zip(component.tiers, [*component.tiers[1:], None], strict=True):
        words = {
            "rate": rate_words(tier.rate, component.denominator),
            "start": _threshold(component, tier.start, currency),
            "end": _threshold(component, following.start, currency) if following else "",
        }
        if following and tier.start:
            yield _("%(rate)s from %(start)s to %(end)s.") % words
        elif following:
            yield _("%(rate)s up to %(end)s.") % words
        elif tier.start:
            yield _("%(rate)s from %(start)s on.") % words
        else:
            yield _("%(rate)s from the first deal.") % words


def _threshold(component, start, currency):
    if component.thresholds == "amount":
        return full_money(from_minor(start, currency), currency)
    return _("%(share)s of quota") % {"share": rate_words(start, component.denominator)}
