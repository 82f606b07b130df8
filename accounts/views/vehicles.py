"""The vehicle log: a month with its trips and what is proposed, entering, correcting, closing, handing in."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.vehicles import AcceptForm, GiveBackForm, StrikeForm, TripForm, VehicleForm
from accounts.models import Trip, Vehicle
from accounts.services.vehicles import (
    accept_trip,
    add_trip,
    change_trip,
    close_month,
    reopen_month,
    set_vehicle,
    strike_trip,
)
from accounts.trips import asked_month, closing, proposals, sums, trips_of
from salesorg.lib import sheets
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.periods import month_of
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action, Role

from .drivers import driver_list

MOST_PROPOSED = 50  # trips; those that follow are proposed when these are entered


@require_safe
@requires(Action.READ_RECORDS)
def vehicle_log(request):
    """One month of one's own log; finance, which has none of its own, reads that of ?user=."""
    month, whose = asked_month(request), driver_of(request)
    reads_all = request.user.may(Action.SEE_ALL_PAY)
    own = whose == request.user
    if own and reads_all and not request.user.may(Action.LOG_ACTIVITY):
        return driver_list(request)
    proposed = proposals(request.user, month) if own else []
    trips = trips_of(request.user, whose.pk, month)
    page = page_of(trips, ("on", "pk"), request.GET.get("after", ""), size=100)
    context = {
        "month": month,
        "whose": whose,
        "own": own and request.user.may(Action.LOG_ACTIVITY),
        "reads_all": reads_all,
        "give_back": GiveBackForm(),
        "page": page,
        "total": trips.count(),
        "sums": sums(trips),
        "kinds": Trip.Purpose.choices,
        "closed": closing(request.user, whose.pk, month),
        "is_over": month.until <= request.user.today,
        "proposed": proposed[:MOST_PROPOSED],
        "more_proposed": len(proposed[MOST_PROPOSED:]),
        "known": sum(each.kilometres is not None for each in proposed),
        "before": address(month.start - timedelta(days=1), whose, request.user),
        "after": address(month.until, whose, request.user) if month.until <= request.user.today else "",
        "query": query(month.start, whose, request.user),
        "vehicle": Vehicle.objects.visible_to(request.user).filter(user=whose).first(),
    }
    return render(request, "accounts/vehicle_log.html", context)


def driver_of(request):
    """Whose log is asked for: one's own, or for finance that of ?user=. 404 for one that may not be read."""
    asked = request.GET.get("user", "")
    if not asked or asked == str(request.user.pk):
        return request.user
    if Role.FINANCE not in request.user.scope.roles or not (asked.isdecimal() and len(asked) < 19):
        raise Http404
    return get_object_or_404(User.objects.visible_to(request.user), pk=asked)


def query(day, whose, reader):
    """The query of the month of `day` in somebody's log."""
    return f"month={day:%Y-%m}" + ("" if whose == reader else f"&user={whose.pk}")


def address(day, whose, reader):
    return f"{reverse('accounts:vehicle_log')}?{query(day, whose, reader)}"


def back_to(day, reader):
    return address(day, reader, reader)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def trip_new(request):
    """Enter a trip that no visit proposes."""
    form = TripForm(request.POST or None, user=request.user, initial={"on": request.user.today})
    if request.method == "POST" and (trip := form.saved_by(add_trip)):
        return toast(request, _("Trip entered"), undo=undo_url(request), to=back_to(trip.on, request.user))
    context = {"form": form, "title": _("Enter a trip"), "back": reverse("accounts:vehicle_log")}
    return render(request, "accounts/trip_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def trip_edit(request, pk):
    """Correct a trip of one's own."""
    trip = get_object_or_404(Trip.objects.visible_to(request.user).filter(user=request.user), pk=pk)
    form = TripForm(request.POST or None, user=request.user, instance=trip)
    day = trip.on
    if request.method == "POST" and (saved := form.saved_by(change_trip, trip=trip)):
        return toast(request, _("Trip corrected"), undo=undo_url(request), to=back_to(saved.on, request.user))
    context = {"form": form, "title": _("Correct a trip"), "trip": trip, "strike": StrikeForm()}
    context |= {"back": back_to(day, request.user), "closed": closing(request.user, request.user.pk, month_of(day))}
    return render(request, "accounts/trip_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.LOG_ACTIVITY)
def trip_strike(request, pk):
    """Take a trip of one's own away."""
    trip = get_object_or_404(Trip.objects.visible_to(request.user).filter(user=request.user), pk=pk)
    form = StrikeForm(request.POST)
    if not form.is_valid():
        raise DomainError(form.errors["correction"][0])
    strike_trip(trip=trip, actor=request.user, **form.cleaned_data)
    return toast(request, _("Trip taken away"), undo=undo_url(request), to=back_to(trip.on, request.user))


@require_POST
@requires(Action.LOG_ACTIVITY)
def trip_accept(request):
    """Enter a proposed trip as it is, or with the kilometres that were typed."""
    form = AcceptForm(request.POST)
    if not form.is_valid():
        raise DomainError(next(iter(form.errors.values()))[0])
    if accept_trip(month=asked_month(request), actor=request.user, **form.cleaned_data) is None:
        return toast(request, _("This trip is in the log already."), level="info", to=log_of(request))
    return toast(request, _("Trip entered"), undo=undo_url(request), to=log_of(request))


@require_POST
@requires(Action.LOG_ACTIVITY)
def trip_accept_all(request):
    """Enter every proposed trip of the month whose kilometres are known; undone as one."""
    known = [each for each in proposals(request.user, asked_month(request)) if each.kilometres is not None]
    for each in known:
        enter(each, each.kilometres, request.user)
    if not known:
        return toast(request, _("These trips are in the log already."), level="info", to=log_of(request))
    text = ngettext("%(count)d trip entered", "%(count)d trips entered", len(known)) % {"count": len(known)}
    return toast(request, text, undo=undo_url(request), to=log_of(request))


def enter(proposal, kilometres, driver):
    facts = {"on": proposal.on, "origin": proposal.origin, "destination": proposal.destination}
    facts |= {"purpose": proposal.purpose[:200], "activity": proposal.activity}
    return add_trip(**facts, kilometres=kilometres, again=True, actor=driver)


def log_of(request):
    return back_to(asked_month(request).start, request.user)


@require_POST
@requires(Action.LOG_ACTIVITY)
def vehicle_close(request):
    """Close a month of one's own log."""
    month = asked_month(request)
    close_month(start=month.start, actor=request.user)
    text = _("%(month)s is closed") % {"month": date_format(month.start, "F Y")}
    return toast(request, text, undo=undo_url(request), to=log_of(request))


@require_POST
@requires(Action.LOG_ACTIVITY)
def vehicle_reopen(request):
    """Open a closed month of one's own log again."""
    month = asked_month(request)
    reopen_month(start=month.start, actor=request.user)
    text = _("%(month)s is open again") % {"month": date_format(month.start, "F Y")}
    return toast(request, text, undo=undo_url(request), to=log_of(request))


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def vehicle_edit(request):
    """The car one drives."""
    row = Vehicle.objects.visible_to(request.user).filter(user=request.user).first() or Vehicle(user=request.user)
    form = VehicleForm(request.POST or None, user=request.user, instance=row)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            set_vehicle(actor=request.user, **form.facts())
            return toast(request, _("Saved"), undo=undo_url(request), to=reverse("accounts:vehicle_log"))
    context = {"form": form, "title": _("My car"), "back": reverse("accounts:vehicle_log")}
    return render(request, "accounts/trip_form.html", context, status=422 if form.is_bound else 200)


@require_safe
@requires(Action.READ_RECORDS)
def vehicle_export(request):
    """The month as CSV, or with ?format=xlsx as an Excel file, with its totals."""
    month, whose = asked_month(request), driver_of(request)
    trips = trips_of(request.user, whose.pk, month)
    name = f"vehicle-log-{month.start:%Y-%m}"
    rows = [*(exported(trip) for trip in trips), total(sums(trips))]
    if request.GET.get("format") != "xlsx":
        return sheets.csv_answer(sheets.csv_lines(head(), rows), f"{name}.csv")
    vehicle = Vehicle.objects.visible_to(request.user).filter(user=whose).first()
    closed = closing(request.user, whose.pk, month)
    facts = (
        (_("Driver"), whose.name),
        (_("Number plate"), vehicle.plate if vehicle else ""),
        (_("Month"), f"{month.start:%Y-%m}"),
        (_("Closed"), closed.closed_at if closed else _("not yet")),
        (_("Written"), timezone.now()),
    )
    return sheets.xlsx_answer(sheets.workbook(f"{month.start:%Y-%m}", head(), rows, facts), f"{name}.xlsx")


def head():
    kinds = [str(label) for _kind, label in Trip.Purpose.choices]
    return [_("Day"), _("From"), _("To"), _("What for"), *(f"{each} km" for each in kinds), _("Odometer"), _("Correction")]


def exported(trip):
    """One row: the kilometres in the column of their kind; of a trip that was struck out they do not count."""
    by_kind = [trip.kilometres if trip.kind == kind and not trip.is_void else None for kind in Trip.Purpose.values]
    correction = (_("struck out: %(why)s") if trip.is_void else "%(why)s") % {"why": trip.correction}
    return [trip.on, trip.origin, trip.destination, trip.purpose, *by_kind, trip.odometer, correction]


def total(found):
    return [_("Total"), "", "", "", *(found.get(kind, 0) for kind in Trip.Purpose.values), None, ""]
