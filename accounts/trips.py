"""One month of somebody's vehicle log: its trips, their sums, and the trips that the visits of the month propose."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.engine.route import Place, straight
from salesorg.lib.periods import month_of

from .models import Activity, FieldDay, Trip, VehicleMonth
from .sightings import MONTH

MOST_VISITS = 1_000  # of a month of one person; nobody makes more


@dataclass(frozen=True)
class Proposal:
    """A trip that was probably driven: to a visit, or back from the last one of a day (`activity` is None)."""

    on: date
    origin: str
    destination: str
    kilometres: Decimal | None  # None: not known, to be typed
    activity: Activity | None = None

    @property
    def key(self):
        """By which the page names it: the visit, or the day of the way back."""
        return f"{self.activity.pk}" if self.activity else f"back {self.on:%Y-%m-%d}"

    @property
    def purpose(self):
        if self.activity is None:
            return _("Way back")
        return self.activity.subject or self.activity.get_kind_display()


def asked_month(request):
    """The month of ?month=2026-03, else this one."""
    text = request.GET.get("month", "")
    return month_of(date.fromisoformat(f"{text}-01") if MONTH.fullmatch(text) else request.user.today)


def trips_of(reader, user_id, month):
    """The trips of a person in a Period, as far as `reader` may see them."""
    trips = Trip.objects.visible_to(reader).filter(user_id=user_id, on__gte=month.start, on__lt=month.until)
    return trips.select_related("activity").order_by("on", "pk")


def sums(trips):
    """{kind: kilometres} of trips that count, and their "all"."""
    rows = trips.filter(is_void=False).order_by().values("kind").annotate(sum=Sum("kilometres"))
    found = {row["kind"]: row["sum"] for row in rows}
    return found | {"all": sum(found.values(), Decimal(0))}


def closing(reader, user_id, month):
    """The VehicleMonth by which the month was closed, None while it is open."""
    return VehicleMonth.objects.visible_to(reader).filter(user_id=user_id, start=month.start).first()


def proposals(user, month):
    """The trips that the visits of `user` in the Period propose and the log does not hold, day by day."""
    visits = Activity.objects.visible_to(user).done().filter(user=user, kind=Activity.Kind.VISIT)
    visits = visits.filter(done_at__date__gte=month.start, done_at__date__lt=month.until)
    visits = list(visits.select_related("account").order_by("done_at", "pk")[:MOST_VISITS])
    if not visits:
        return []
    logged = list(trips_of(user, user.pk, month).filter(is_void=False))
    driven_to = {trip.activity_id for trip in logged}
    field_day = FieldDay.objects.visible_to(user).filter(user=user).first() or FieldDay(user=user)
    found = []
    for day, of_day in groupby(visits, key=lambda visit: timezone.localdate(visit.done_at)):
        found += _of_day(day, list(of_day), field_day, driven_to, {trip.destination for trip in logged if trip.on == day})
    return found


def _of_day(day, visits, field_day, driven_to, arrived):
    """The proposals of one day: from the start of the day to each visit in turn, and back to its end."""
    factor = float(field_day.road_factor)
    name, place = field_day.start_name or _("Office"), field_day.start
    for visit in visits:
        account = visit.account
        there, at = place_name(account), pin(account)
        if visit.pk not in driven_to:
            yield Proposal(day, name, there, visit.kilometres or driven(place, at, factor), visit)
        name, place = there, at
    back, end = field_day.end_name or field_day.start_name or _("Office"), field_day.end or field_day.start
    if back not in arrived:
        yield Proposal(day, name, back, driven(place, end, factor))


def place_name(account):
    """The account, with its city where the name does not say it."""
    city = "" if account.city in account.name else account.city
    return ", ".join(filter(None, (account.name, city)))[:200]


def pin(account):
    known = account.latitude is not None and account.longitude is not None
    return Place(account.latitude, account.longitude) if known else None


def driven(origin, destination, road_factor):
    """Kilometres by road between two places: the straight line times the factor; None when one is unknown."""
    if origin is None or destination is None:
        return None
    return Decimal(f"{straight(origin, destination) * road_factor / 1000:.1f}")
