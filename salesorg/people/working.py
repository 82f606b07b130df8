"""When people work, from the database as lib.working_time reckons with it: their calendars, who is away, who stands in.

These facts are public: everybody may know that a colleague is away and who stands in. Why is not (Absence.visible_to).
"""

from collections import defaultdict
from datetime import date, time, timedelta

from django.db.models import Q

from salesorg.lib.working_time import Calendar, WorkingWeek

from .models import Absence, PublicHoliday, User, WorkingDay, organisation

# Until somebody says otherwise: Monday to Friday, nine to five.
USUAL = (*[(time(9), time(17))] * 5, None, None)
MOST_IN_A_ROW = 5  # stand-ins who are away themselves; further on nobody would know whose work it is


def calendar_of(user):
    """The Calendar of one person: the own week, else everybody's, by the person's own clock; less absences and holidays."""
    return calendars_of([user])[user.pk]


def calendars_of(users, *, since=None):
    """{id: Calendar} of many people, in three queries. Absences and holidays before the day `since` are left out."""
    ids = [user.pk for user in users]
    weeks = defaultdict(dict)
    for each in WorkingDay.objects.filter(Q(user__in=ids) | Q(user=None)):
        weeks[each.user_id][each.weekday] = (each.opens, each.closes)
    away = defaultdict(set)
    absences = Absence.objects.filter(user__in=ids)
    for each in absences.from_day(since) if since else absences:
        away[each.user_id].update(days_of(each.during))
    holidays = public_holidays(since)
    everybody = hours_of(weeks.get(None)) or USUAL
    return {
        user.pk: Calendar(
            WorkingWeek(hours_of(weeks.get(user.pk)) or everybody, user.time_zone), frozenset(away.get(user.pk, ())), holidays
        )
        for user in users
    }


def public_holidays(since=None):
    """The days on which nobody works, all or from the day `since` on."""
    rows = PublicHoliday.objects.filter(day__gte=since) if since else PublicHoliday.objects.all()
    return frozenset(rows.values_list("day", flat=True))


def usual_calendar():
    """When everybody works, by the organisation's own clock."""
    return Calendar(WorkingWeek(week_of()[0], organisation().time_zone), holidays=public_holidays())


def hours_of(rows):
    """Seven (opens, closes) or None from {weekday: (opens, closes)}; None where there are no rows at all."""
    return tuple(rows.get(weekday) for weekday in range(7)) if rows else None


def days_of(during):
    """Every day of a period that ends."""
    return (during.lower + timedelta(days=i) for i in range((during.upper - during.lower).days))


def week_of(user=None):
    """(seven hours, whether they are the own ones) of a person, or of everybody."""
    rows = defaultdict(dict)
    for each in WorkingDay.objects.filter(Q(user=user) | Q(user=None)):
        rows[each.user_id][each.weekday] = (each.opens, each.closes)
    own = hours_of(rows.get(getattr(user, "pk", None)))
    return own or hours_of(rows.get(None)) or USUAL, own is not None


def is_away(user, day):
    """Whether the person is absent on `day`."""
    return Absence.objects.on(day).filter(user=user).exists()


def away_on(users, day):
    """{id: Absence} of those of `users` (rows or ids) who are absent on `day`, in one query."""
    return {each.user_id: each for each in Absence.objects.on(day).filter(user__in=users).select_related("stand_in")}


def stand_in_of(user, day: date):
    """Who does the person's work on `day`: the stand-in, or that one's when away too. None when there is nobody, or no need."""
    seen, away = {user.pk}, Absence.objects.on(day).filter(user=user).first()
    while away is not None and len(seen) <= MOST_IN_A_ROW:
        if away.stand_in_id is None or away.stand_in_id in seen:
            return None
        seen.add(away.stand_in_id)
        further = Absence.objects.on(day).filter(user=away.stand_in_id).first()
        if further is None:
            return User.objects.working().filter(pk=away.stand_in_id).first()
        away = further
    return None
