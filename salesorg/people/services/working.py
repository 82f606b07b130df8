"""When people work: their weeks, and the days they are away."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from salesorg.lib.errors import DomainError

from ..models import Absence, PublicHoliday, User, WorkingDay
from .leaving import hold_colleague


@transaction.atomic
def set_working_week(*, user, hours, actor):
    """`hours` (seven, Monday first: (opens, closes) or None) are the week of `user`, or of everybody when `user` is None.

    With `hours` None the person works as everybody does. Raises DomainError for a week without a working day.
    """
    if hours is not None and not any(hours):
        raise DomainError(_("Give at least one day with working hours. Days off are entered as an absence."))
    if user is not None:
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two who save at once: the later one's week
    there = {row.weekday: row for row in WorkingDay.objects.select_for_update().filter(user=user)}
    for weekday, span in enumerate(hours or [None] * 7):
        row = there.get(weekday) or WorkingDay(user=user, weekday=weekday)
        if span is None and row.pk:
            row.delete()
        elif span is not None and (row.opens, row.closes) != tuple(span):
            row.opens, row.closes = span
            row.save()


@transaction.atomic
def set_public_holidays(*, holidays, actor):
    """`holidays` {day: name} are all days on which nobody works. What is as it was is not touched."""
    there = {row.day: row for row in PublicHoliday.objects.select_for_update()}
    PublicHoliday.objects.filter(day__in=there.keys() - holidays.keys()).delete()
    for day, name in holidays.items():
        if day not in there or there[day].name != name:
            PublicHoliday.objects.update_or_create(day=day, defaults={"name": name})


@transaction.atomic
def add_absence(*, person, first_day, last_day, actor, stand_in=None, reason=Absence.Reason.HOLIDAY):
    """`person` is away from `first_day` to `last_day`, both included; `stand_in` takes what cannot wait. Returns the Absence."""
    absence = Absence(user=person)
    hold_colleague(person, field="first_day")
    return _save(absence, first_day, last_day, stand_in, reason)


@transaction.atomic
def change_absence(*, absence, first_day, last_day, actor, stand_in=None, reason=Absence.Reason.HOLIDAY):
    """The absence has other days, another stand-in or reason. Returns it."""
    absence = Absence.objects.select_for_update().get(pk=absence.pk)
    return _save(absence, first_day, last_day, stand_in, reason)


@transaction.atomic
def cancel_absence(*, absence, actor):
    """The person is not away after all."""
    Absence.objects.filter(pk=absence.pk).delete()


def _save(absence, first_day, last_day, stand_in, reason):
    if last_day < first_day:
        raise DomainError(_("The last day lies before the first day."), fields=["last_day"])
    if (last_day - first_day).days >= Absence.LONGEST:
        raise DomainError(_("Nobody is away for more than two years: end the roles instead."), fields=["last_day"])
    if stand_in is not None:
        if stand_in.pk == absence.user_id:
            raise DomainError(_("Nobody stands in for themselves."), fields=["stand_in"])
        hold_colleague(stand_in, field="stand_in")
    absence.during = DateRange(first_day, last_day + timedelta(days=1))
    absence.stand_in, absence.reason = stand_in, reason
    other = absence.user.absences.filter(during__overlap=absence.during).exclude(pk=absence.pk).first()
    if other is None:
        try:
            with transaction.atomic():
                absence.save()
            return absence
        except IntegrityError as error:  # somebody was quicker
            if "absence_no_overlap" not in str(error):
                raise
    raise DomainError(_("%(name)s is already away on some of these days.") % {"name": absence.user}, fields=["first_day"])
