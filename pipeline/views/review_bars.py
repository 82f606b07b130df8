"""The bars of the review: what is open per person by stage, on one scale."""

from dataclasses import dataclass, field

from pipeline.models import Status
from salesorg.lib.templatetags.salesorg import full_money

WIDTH = 1000  # of a chart row, in units of its own
SERIES = 8  # colours there are


@dataclass(frozen=True)
class Bar:
    """One person's line of the chart: the parts lie end to end."""

    user: object
    total: object
    url: str
    words: str
    parts: list = field(default_factory=list)


def chart(people, stages, links, currency):
    """Bars of what is open per person by stage, in `currency`, all on one scale."""
    totals = {person.user.pk: person.total.amounts.get(currency, 0) for person in people}
    longest = max(totals.values(), default=0)
    bars = []
    for person in sorted(people, key=lambda person: -totals[person.user.pk]):
        total = totals[person.user.pk]
        if not person.total.count:
            continue
        words = f"{person.user.name}: {full_money(total, currency)}"
        bar, at = Bar(person.user, total, links.to(person.user, status=Status.OPEN, currency=currency), words), 0
        for index, stage in enumerate(stages):
            sums = person.open[stage.pk]
            width = int(sums.amounts.get(currency, 0) * WIDTH / longest) if longest else 0
            if width:
                url = links.to(person.user, status=Status.OPEN, stage=stage.pk, currency=currency)
                words = f"{person.user.name}, {stage.name}: {full_money(sums.amounts[currency], currency)}"
                bar.parts.append({"x": at, "width": width, "series": index % SERIES + 1, "url": url, "words": words})
            at += width
        bars.append(bar)
    return bars


def left_out(people, currency):
    """The currencies of open deals that the chart does not show."""
    others = {code for person in people for code in person.total.amounts} - {currency}
    return sorted(others)
