"""The vehicle logs of all drivers as finance reads them: month by month, taken over when closed, given back when wrong."""

from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.vehicles import GiveBackForm
from accounts.models import Trip, VehicleMonth
from accounts.services.vehicles import give_back_month, take_over_month
from accounts.trips import asked_month
from salesorg.lib.errors import DomainError
from salesorg.lib.http import toast
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action


@require_safe
@requires(Action.SEE_ALL_PAY)
def driver_list(request):
    """Who drove in a month, how far, and whether the month is closed; only ?state= of them."""
    month, state = asked_month(request), request.GET.get("state", "")
    trips = Trip.objects.visible_to(request.user).filter(on__gte=month.start, on__lt=month.until)
    months = VehicleMonth.objects.visible_to(request.user).filter(start=month.start)
    people = User.objects.visible_to(request.user).filter(Exists(trips.filter(user=OuterRef("pk"))))
    of_driver = months.filter(user=OuterRef("pk"))
    states = (
        ("", _("All"), Q()),
        ("open", _("Open"), ~Exists(of_driver)),
        ("closed", _("To take over"), Exists(of_driver.filter(taken_over_at=None))),
        ("taken", _("Taken over"), Exists(of_driver.filter(taken_over_at__isnull=False))),
    )
    chosen = next((condition for name, _words, condition in states if name == state), Q())
    page = page_of(people.filter(chosen), ("name", "pk"), request.GET.get("after", ""))
    shown = [each.pk for each in page.rows]
    kinds = {f"{kind}_km": Sum("kilometres", filter=Q(kind=kind), default=0) for kind in Trip.Purpose.values}
    driven = trips.filter(user__in=shown, is_void=False).order_by().values("user").annotate(count=Count("pk"), **kinds)
    driven = {row["user"]: row for row in driven}
    closed = {each.user_id: each for each in months.filter(user__in=shown)}
    address = reverse("accounts:driver_list")
    context = {
        "month": month,
        "page": page,
        "total": people.filter(chosen).count(),
        "rows": [(each, driven.get(each.pk), closed.get(each.pk)) for each in page.rows],
        "tabs": [
            {"label": words, "url": f"{address}?month={month.start:%Y-%m}&state={name}", "current": name == state}
            for name, words, _condition in states
        ],
        "before": f"{address}?month={month.start - timedelta(days=1):%Y-%m}",
        "after": f"{address}?month={month.until:%Y-%m}" if month.until <= request.user.today else "",
    }
    return render(request, "accounts/driver_list.html", context)


@require_POST
@requires(Action.SEE_ALL_PAY)
def vehicle_take_over(request, pk):
    """Take a closed month over: its driver can no longer open it."""
    month = take_over_month(month=_month(request, pk), actor=request.user)
    words = {"month": date_format(month.start, "F Y"), "driver": month.user.name}
    return toast(request, _("%(month)s of %(driver)s is taken over") % words, to=_address(month))


@require_POST
@requires(Action.SEE_ALL_PAY)
def vehicle_give_back(request, pk):
    """Give a month back to its driver, with the reason."""
    form = GiveBackForm(request.POST)
    if not form.is_valid():
        raise DomainError(form.errors["reason"][0])
    month = give_back_month(month=_month(request, pk), actor=request.user, **form.cleaned_data)
    words = {"month": date_format(month.start, "F Y"), "driver": month.user.name}
    return toast(request, _("%(month)s is given back to %(driver)s") % words, to=_address(month))


def _month(request, pk):
    return get_object_or_404(VehicleMonth.objects.visible_to(request.user).select_related("user"), pk=pk)


def _address(month):
    return reverse("accounts:vehicle_log", query={"month": f"{month.start:%Y-%m}", "user": month.user_id})
