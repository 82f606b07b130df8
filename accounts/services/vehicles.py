"""The vehicle log: trips entered, corrected and struck out, months closed."""

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Trip, Vehicle, VehicleMonth
from accounts.trips import proposals
from salesorg.lib.db import lock_until_commit, write
from salesorg.lib.errors import DomainError
from salesorg.lib.periods import month_of


@transaction.atomic
def set_vehicle(*, actor, plate):
    """Write down the car that the actor drives. Returns the Vehicle."""
    row = Vehicle.objects.select_for_update().get_or_create(user=actor)[0]
    return write(row, {"plate": plate})


@transaction.atomic
def add_trip(*, on, actor, activity=None, correction="", again=False, **facts):
    """Enter a trip of the actor. One for a visit that has its trip already is answered with that.

    Raises DomainError for a day to come, for a closed month without a `correction`, the reason, and for the very way that
    the log has on that day already, unless it was driven `again`.
    """
    _one_at_a_time(actor)
    if activity and (there := Trip.objects.filter(user=actor, activity=activity, is_void=False).first()):
        return there
    _check_days([on], actor, correction)
    way = {"origin__iexact": facts["origin"], "destination__iexact": facts["destination"], "kilometres": facts["kilometres"]}
    if not again and Trip.objects.filter(user=actor, on=on, is_void=False, **way).exists():
        words = {"origin": facts["origin"], "destination": facts["destination"], "day": date_format(on)}
        said = _("%(origin)s → %(destination)s is in the log already on %(day)s. Say so if you drove it again.")
        raise DomainError(said % words, fields=["again"])
    return Trip.objects.create(user=actor, on=on, activity=activity, correction=correction, **facts)


@transaction.atomic
def accept_trip(*, month, key, actor, kilometres=None):
    """Enter the trip that the actor's visits of the Period propose by this key (accounts.trips), perhaps with other kilometres.

    Returns the Trip; None when it is in the log already, however often it is tapped at once. Raises DomainError while
    nobody knows how far it was.
    """
    _one_at_a_time(actor)
    found = next((each for each in proposals(actor, month) if each.key == key), None)
    if found is None:
        return None
    kilometres = found.kilometres if kilometres is None else kilometres
    if kilometres is None:
        raise DomainError(_("Say how many kilometres it was."), fields=["kilometres"])
    facts = {"on": found.on, "origin": found.origin, "destination": found.destination, "purpose": found.purpose[:200]}
    return add_trip(**facts, again=True, kilometres=kilometres, activity=found.activity, actor=actor)


@transaction.atomic
def change_trip(*, trip, actor, on, correction="", **facts):
    """Correct a trip of the actor. In a closed month, before or after the change, it takes a reason (DomainError)."""
    _one_at_a_time(actor)
    trip = Trip.objects.select_for_update().get(pk=trip.pk)
    if trip.is_void:
        raise DomainError(_("This trip was struck out. Enter a new one."))
    _check_days([trip.on, on], actor, correction)
    return write(trip, {"on": on, "correction": correction, **facts})


@transaction.atomic
def strike_trip(*, trip, actor, correction=""):
    """Take a trip away. In a closed month it stays to be read, struck out and without kilometres that count, with its reason."""
    _one_at_a_time(actor)
    trip = Trip.objects.select_for_update().get(pk=trip.pk)
    if not is_closed(trip.user, trip.on):
        trip.delete()
        return
    _check_days([trip.on], actor, correction)
    write(trip, {"is_void": True, "correction": correction})


@transaction.atomic
def close_month(*, start, actor):
    """Close the actor's month that begins on `start`, to be handed in; closed already, it is the answer. Returns it.

    Raises DomainError while the month is not over.
    """
    _one_at_a_time(actor)
    if month_of(start).until > actor.today:
        raise DomainError(_("A month can be closed when it is over."))
    return VehicleMonth.objects.get_or_create(user=actor, start=month_of(start).start)[0]


@transaction.atomic
def reopen_month(*, start, actor):
    """Open the actor's closed month again; open already, nothing happens. Raises DomainError once finance has taken it over."""
    _one_at_a_time(actor)
    month = VehicleMonth.objects.filter(user=actor, start=month_of(start).start).first()
    if month is None:
        return
    if month.taken_over_at:
        words = {"month": date_format(month.start, "F Y")}
        raise DomainError(
            _("Finance has taken %(month)s over. Ask finance to give it back, or correct it with a reason.") % words
        )
    month.delete()


@transaction.atomic
def take_over_month(*, month, actor):
    """Finance has taken the closed month over: from now on its driver cannot open it again. Returns it."""
    _one_at_a_time(month.user)
    month = _closed_month(month)
    return month if month.taken_over_at else write(month, {"taken_over_at": timezone.now(), "given_back_because": ""})


@transaction.atomic
def give_back_month(*, month, reason, actor):
    """Give a month that was taken over back to its driver, who reads the reason. Raises DomainError without one. Returns it."""
    if not reason:
        raise DomainError(_("Say why it is given back; the driver reads it."), fields=["reason"])
    _one_at_a_time(month.user)
    return write(_closed_month(month), {"taken_over_at": None, "given_back_because": reason})


def _closed_month(month):
    found = VehicleMonth.objects.select_for_update().filter(pk=month.pk).first()
    if found is None:
        raise DomainError(_("Its driver has opened this month again."))
    return found


def is_closed(user, day):
    """Whether the month of `day` was closed in this person's log."""
    return VehicleMonth.objects.filter(user=user, start=month_of(day).start).exists()


def _one_at_a_time(user):
    """A month must not be closed while a trip is being written into it."""
    lock_until_commit(f"vehicle log {user.pk}")


def _check_days(days, actor, correction):
    for day in days:
        if day > actor.today:
            raise DomainError(_("A trip is entered when it was driven."), fields=["on"])
        if not correction and is_closed(actor, day):
            words = {"month": date_format(day, "F Y")}
            raise DomainError(_("%(month)s is closed. Say why it is corrected.") % words, fields=["correction"])
