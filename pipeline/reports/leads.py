"""What came of leads, computed in the database: by source, landing page and pair of SDR and seller."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Avg, Count, FloatField, Func, Q

from pipeline.models import Lead, Status
from salesorg.lib.aggregates import Median

WON = Q(deal__status=Status.WON)


class DaysBetween(Func):
    """How many days the first date lies after the second: PostgreSQL's own difference, where Django makes an interval."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Conversion:
    """Of the leads of one source or landing page: how many there are, were qualified, disqualified, and won."""

    key: object
    name: str
    leads: int
    qualified: int
    disqualified: int
    won: int

    @property
    def rate(self):
        """Won ÷ leads, as a fraction; every lead counts, open ones too."""
        return Fraction(self.won, self.leads) if self.leads else None


@dataclass(frozen=True, slots=True)
class Pair:
    """What an SDR and the seller who took over have won together, and how long it took from the first contact."""

    sdr: int
    seller: int
    won: int
    mean_days: float
    median_days: float


def conversions(leads, key, name, selection):
    """[Conversion] of `leads` (a queryset) by the columns `key` and `name`, most leads first; in one query.

    `leads` are those of `selection` (a LeadSelection), which says what came of one on its day.
    """
    rows = leads.order_by().values_list(key, name) if key != name else leads.order_by().values_list(key)
    counted = rows.annotate(
        leads=Count("pk"),
        qualified=Count("pk", filter=selection.with_outcome(Lead.Outcome.QUALIFIED)),
        disqualified=Count("pk", filter=selection.with_outcome(Lead.Outcome.DISQUALIFIED)),
        won=Count("pk", filter=selection.won),
    )
    found = [Conversion(row[0], *(row if key == name else row[1:])) for row in counted]
    return sorted(found, key=lambda each: (-each.leads, each.name))


def pairs(leads, selection):
    """[Pair] of the won `leads` that name an SDR and a seller, most wins first; days count from first contact to close."""
    sdr, seller = selection.column("sdr_id"), selection.column("seller_id")
    won = leads.filter(selection.won, **{f"{sdr}__isnull": False, f"{seller}__isnull": False}).order_by()
    days = DaysBetween("deal__close_date", "first_contact_on")
    counted = won.values_list(sdr, seller).annotate(
        won=Count("pk"), mean=Avg(days), median=Median(days, output_field=FloatField())
    )
    return sorted((Pair(*row) for row in counted), key=lambda pair: (-pair.won, pair.median_days, pair.sdr, pair.seller))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a campaign has brought, and what that was apiece; None where the cost is not known or nothing came."""

    leads: int
    won: int
    per_lead: Decimal | None
    per_win: Decimal | None


def costs(leads, campaigns):
    """{campaign id: Cost}, counting the rows of `leads` (a queryset); in one query."""
    rows = (
        leads.filter(campaign__in=campaigns).order_by().values_list("campaign").annotate(Count("pk"), won=Count("pk", filter=WON))
    )
    counted = {campaign: (count, won) for campaign, count, won in rows}
    found = {}
    for campaign in campaigns:
        count, won = counted.get(campaign.pk, (0, 0))
        known = campaign.cost is not None
        per_lead = campaign.cost / count if known and count else None
        found[campaign.pk] = Cost(count, won, per_lead, campaign.cost / won if known and won else None)
    return found
