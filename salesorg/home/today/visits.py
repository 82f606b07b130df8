"""The visits of a day in the order of a route, with what one wants to know before each."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from babel.numbers import format_decimal
from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.engine.opening import NotHours, clock, open_on
from accounts.engine.route import MOST, Arrival, Missed, Place, Reason, Stop, plan
from accounts.models import Activity, Contact, FieldDay
from pipeline.models import Deal
from salesorg.lib.templatetags.salesorg import locale

FIELD_KINDS = ("visit", "meeting", "needs_analysis", "demo", "proposal_meeting")  # what one goes to the account for
KEPT = 24 * 3600  # seconds a solved route is remembered; another set of visits is another route
DUE_TODAY, OVERDUE = 100, 1  # weights: no number of overdue visits displaces one of today's


@dataclass
class Visit:
    """One planned visit with its account's facts; `arrival` when it has a place in the route, else `problem` says why not."""

    activity: Activity
    is_overdue: bool
    is_agreed: bool = False  # a time of the day was agreed on
    number: int = 0
    arrival: Arrival | None = None
    problem: str = ""
    is_placed: bool = True
    last: datetime | None = None
    days_ago: int | None = None
    deals: list = field(default_factory=list)  # [(sum, currency, stage furthest on)]
    contact: Contact | None = None

    @property
    def account(self):
        return self.activity.account

    @property
    def begins(self):
        return clock(self.arrival.begins)

    @property
    def km(self):
        return km(self.arrival.metres)


@dataclass
class Visits:
    """The visits of a day: in order, those that do not fit, those whose place nobody knows, and those done."""

    route: list
    missed: list
    placeless: list
    done: list
    field_day: FieldDay
    has_more: bool = False  # planned visits beyond the MOST newest, which no day has room for
    over: str = ""  # the end of the working day, once it has passed
    leaves: str = ""
    returns: str = ""
    km: str = ""
    map: str = ""

    @property
    def count(self):
        return len(self.route) + len(self.missed) + len(self.placeless)

    @property
    def rows(self):
        return [*self.route, *self.missed, *self.placeless]


def km(metres):
    """Kilometres with one decimal, as the reader writes them."""
    return format_decimal(metres / 1000, "#,##0.0", locale=locale())


def visits_of(user, day):
    """The Visits of `user` on `day`, overdue ones too."""
    planned = Activity.objects.visible_to(user, few=True).planned().filter(user=user, due_on__lte=day, kind__in=FIELD_KINDS)
    activities = planned.select_related("account", "contact").order_by("-due_on", "pk")[: MOST + 1]
    rows = [Visit(activity, is_overdue=activity.due_on < day) for activity in activities]
    rows, rest = rows[:MOST], rows[MOST:]
    field_day = FieldDay.objects.visible_to(user).first() or FieldDay(user=user)
    done = done_on(user, day)
    tell(user, day, rows)
    route, stops = solved(user, day, rows, field_day, done)
    by_key = {visit.activity.pk: visit for visit in rows}
    for number, arrival in enumerate(route.arrivals, 1):
        visit = by_key[arrival.stop.key]
        visit.number, visit.arrival = number, arrival
    for missed in route.missed:
        by_key[missed.stop.key].problem = in_words(missed, by_key[missed.stop.key].account)
    for visit in rows:
        visit.is_placed = visit.activity.pk in stops
    answer = Visits(
        route=sorted((visit for visit in rows if visit.arrival), key=lambda visit: visit.number),
        missed=[visit for visit in rows if visit.problem],
        placeless=[visit for visit in rows if not visit.is_placed],
        done=done,
        field_day=field_day,
        has_more=bool(rest),
    )
    if route.arrivals:
        answer.leaves, answer.returns, answer.km = clock(route.leaves), clock(route.returns), km(route.metres)
    answer.over = ended(field_day, day)
    answer.map = map_of(answer, field_day) if stops else ""
    return answer


def ended(field_day, day):
    """When the person's working day `day` ended, "" while it lasts."""
    now, ends = timezone.localtime(), field_day.as_day().ends
    return clock(ends) if now.date() == day and now.hour * 60 + now.minute >= ends else ""


def done_on(user, day):
    """What the person has done at accounts on `day`, the latest last."""
    start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    done = Activity.objects.visible_to(user, few=True).done().filter(user=user, done_at__gte=start, kind__in=FIELD_KINDS)
    return list(done.select_related("account").order_by("done_at")[:MOST])


def solved(user, day, rows, field_day, done):
    """The Route through what lies ahead and its stops by activity; the same question is answered once.

    After a visit the way goes on from there: from its account, at the time it was over.
    """
    stops = {stop.key: stop for stop in (stop_at(visit, day, field_day) for visit in rows) if stop}
    terms = field_day.as_day()
    if done and done[-1].account.latitude is not None:
        terms = moved_on(terms, done[-1])
    question = repr((sorted(stops.items()), terms))
    # With the person in its name: what one asked is never another's answer.
    key = f"route.{user.pk}.{sha256(question.encode()).hexdigest()}"
    route = cache.get(key)
    if route is None:
        route = plan(stops.values(), terms)
        cache.set(key, route, KEPT)
    return route, stops


def moved_on(terms, last):
    """The rest of the day `terms` after the activity `last`."""
    at = timezone.localtime(last.done_at)
    minute = at.hour * 60 + at.minute
    begins = max(terms.begins, minute) if minute < terms.ends else terms.begins
    return type(terms)(
        begins, terms.ends, Place(last.account.latitude, last.account.longitude), terms.end, terms.speed, terms.road_factor
    )


def stop_at(visit, day, field_day):
    """The visit as a stop of a route; None when nobody knows where its account is."""
    account = visit.account
    if account.latitude is None or account.longitude is None:
        return None
    try:
        windows = open_on(account.opening_hours, day)
    except NotHours:  # written past the form: not worth losing the whole of Today for
        windows = open_on("", day)
    activity = visit.activity
    minutes = activity.minutes or account.visit_minutes or field_day.visit_minutes
    if activity.starts_at and (at := timezone.localtime(activity.starts_at)).date() == day:
        begins, visit.is_agreed = at.hour * 60 + at.minute, True
        windows = ((begins, begins + minutes),)  # agreed: whoever agreed to it will open
    weight = OVERDUE if visit.is_overdue else DUE_TODAY
    return Stop(visit.activity.pk, Place(account.latitude, account.longitude), minutes, windows, weight)


def in_words(missed: Missed, account):
    """Why a visit does not fit."""
    words = {"account": account.name, "time": clock(missed.at or 0)}
    return {
        Reason.CLOSED: _("%(account)s is closed today."),
        Reason.TOO_FAR: _("%(account)s is too far away for one day."),
        Reason.CLOSES: _("%(account)s closes at %(time)s; it does not fit."),
        Reason.FULL: _("The day is full without %(account)s."),
    }[missed.reason] % words


def tell(user, day, rows):
    """Put beside each visit what one wants to know: the last one, open deals, whom to call. One query for each kind."""
    ids = {visit.account.pk for visit in rows}
    if not ids:
        return
    earlier = Activity.objects.visible_to(user, few=True).done().filter(account__in=ids, kind__in=FIELD_KINDS)
    last = dict(earlier.order_by().values_list("account").annotate(Max("done_at")))
    deals = open_deals(user, ids)
    contacts = {}
    reachable = Contact.objects.visible_to(user, few=True).reachable().filter(account__in=ids).exclude(phone="", email="")
    for contact in reachable.order_by("name", "pk"):
        contacts.setdefault(contact.account_id, contact)
    for visit in rows:
        known = visit.activity.contact
        visit.contact = known if known and not known.refusal() else contacts.get(visit.account.pk)
        visit.deals = deals.get(visit.account.pk, [])
        visit.last = last.get(visit.account.pk)
        visit.days_ago = (day - timezone.localtime(visit.last).date()).days if visit.last else None


def open_deals(user, ids):
    """{account: [(sum, currency, the stage furthest on)]} of the open deals at the accounts `ids`."""
    sums, furthest = defaultdict(int), {}
    deals = Deal.objects.visible_to(user).open().filter(account__in=ids).order_by()
    for account, currency, amount, stage, position in deals.values_list(
        "account", "currency", "amount", "stage__name", "stage__position"
    ):
        sums[account, currency] += amount or 0
        furthest[account, currency] = max(furthest.get((account, currency), (-1, "")), (position, stage))
    found = defaultdict(list)
    for (account, currency), amount in sorted(sums.items()):
        found[account].append((amount, currency, furthest[account, currency][1]))
    return found


def map_of(visits, field_day):
    """What the map draws, as JSON: the stops with their numbers, where the way begins and ends."""

    def point(visit):
        account = visit.account
        return {"at": [account.latitude, account.longitude], "name": account.name, "number": visit.number}

    last = visits.done[-1].account if visits.done else None
    came_from = [last.latitude, last.longitude] if last and last.latitude is not None else None
    ends = {
        "start": came_from or ([field_day.start.latitude, field_day.start.longitude] if field_day.start else None),
        "end": [field_day.end.latitude, field_day.end.longitude] if field_day.end else None,
        "start_name": last.name if came_from else field_day.start_name or _("Start"),
        "end_name": field_day.end_name or _("End"),
    }
    return json.dumps({"stops": [point(visit) for visit in [*visits.route, *visits.missed]], **ends})
