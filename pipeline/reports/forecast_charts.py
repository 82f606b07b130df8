"""The drawings of a forecast: the stacked bar against the quota, and how the calls moved."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from pipeline.models import ForecastCategory
from salesorg.lib.templatetags.salesorg import full_money

WIDTH = 1000  # of the bar, in units of its own
BOX = (340, 170)  # of the chart, so narrow that its words stay 12 px on a phone
LEFT, RIGHT, TOP, BOTTOM = 4, 4, 16, 22
# What closes is the surest and lies first; each category has the same colour wherever it is drawn.
SERIES = {
    ForecastCategory.CLOSED: 1,
    ForecastCategory.COMMIT: 3,
    ForecastCategory.BEST_CASE: 2,
    ForecastCategory.PIPELINE: 8,
}


def amount_of(forecast, category):
    return forecast.closed if category == ForecastCategory.CLOSED else getattr(forecast, category)


def bar(forecast, link, currency, longest):
    """The parts of a stacked bar, end to end, on a scale that ends at `longest`: {x, width, series, url, words}."""
    parts, at = [], 0
    for category, series in SERIES.items():
        amount = amount_of(forecast, category)
        width = int(amount * WIDTH / longest) if longest else 0
        if width:
            words = f"{category.label}: {full_money(amount, currency)}"
            parts.append({"x": at, "width": width, "series": series, "url": link(category), "words": words})
        at += width
    return parts


def mark(amount, longest):
    """Where `amount` lies on that scale."""
    return int(min(amount / longest, 1) * WIDTH) if longest and amount is not None else None


@dataclass(frozen=True)
class Line:
    """One line of the chart with the words at its end."""

    css: str
    points: str
    label: str
    x: float
    y: float
    amount: Decimal


def moved(calls, period, quota, zone):
    """How commit and best case were called over the period, as steps: lines, dots, and the quota. None below two calls."""
    if len(calls) < 2:
        return None
    calls = sorted(calls, key=lambda call: call.at)
    top = max([call.best_case for call in calls] + [call.rolled_commit for call in calls] + ([quota] if quota else []))
    days = (period.until - period.start).days

    def x(moment):
        day = moment.astimezone(zone).date()
        return _fit(LEFT + Decimal((day - period.start).days) / days * (BOX[0] - LEFT - RIGHT), LEFT, BOX[0] - RIGHT)

    def y(amount):
        return BOX[1] - BOTTOM - (amount / top * (BOX[1] - TOP - BOTTOM) if top else 0)

    def steps(name, css, label):
        points, before = [], None
        for call in calls:
            if before is not None:
                points.append((x(call.at), before))
            before = y(getattr(call, name))
            points.append((x(call.at), before))
        return Line(css, " ".join(f"{a:.1f},{b:.1f}" for a, b in points), label, *points[-1], getattr(calls[-1], name))

    return {
        "box": BOX,
        "lines": [
            steps("best_case", "best-case", _("Best case called")),
            steps("rolled_commit", "rolled", _("Closed and open as commit")),
            steps("commit", "commit", _("Commit called")),
        ],
        "dots": [{"x": f"{x(call.at):.1f}", "y": f"{y(call.commit):.1f}"} for call in calls],
        "quota": f"{y(quota):.1f}" if quota else "",
        "first": period.start,
        "last": period.last_day,
        "base": BOX[1] - BOTTOM,
    }


def _fit(value, low, high):
    return max(Decimal(low), min(value, Decimal(high)))
