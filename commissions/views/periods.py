"""For finance: the months, all statements of one, closing it, and the file for payroll."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commissions.exports import statements_csv
from commissions.models import Period, Statement
from commissions.presentation import problems_of
from commissions.reports import period_totals
from commissions.services import close_period, preview_closing
from salesorg.lib.errors import DomainError
from salesorg.lib.http import FORM_METHODS, later_toast
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

from .places import places


@require_safe
@requires(Action.SEE_ALL_PAY)
def period_list(request):
    """Every month with its sums, the newest first."""
    page = page_of(Period.objects.visible_to(request.user), ("-start",), request.GET.get("after", ""))
    totals = period_totals(request.user)
    for period in page.rows:
        period.totals = totals.get(period.pk, [])
    return render(request, "commissions/period_list.html", {"page": page} | places(request.user))


@require_safe
@requires(Action.SEE_ALL_PAY)
def period_detail(request, pk):
    """All statements of a month."""
    period = get_object_or_404(Period.objects.visible_to(request.user), pk=pk)
    statements = Statement.objects.visible_to(request.user).filter(period=period).select_related("user", "period")
    page = page_of(statements, ("user__name", "pk"), request.GET.get("after", ""))
    for each in page.rows:
        each.problems = problems_of(each)
    context = {"period": period, "page": page, "totals": period_totals(request.user).get(period.pk, [])}
    return render(request, "commissions/period_detail.html", context)


@FORM_METHODS
@requires(Action.SEE_ALL_PAY)
def period_close(request, pk):
    """What closing the month would do, and the closing itself."""
    period = get_object_or_404(Period.objects.visible_to(request.user), pk=pk)
    refused = ""
    if request.method == "POST":
        try:
            issued = close_period(period=period, actor=request.user, accept_problems="accept" in request.POST)
        except DomainError as error:
            refused = error.message
        else:
            later_toast(
                request,
                _("%(month)s is closed: %(count)s statements issued.")
                % {"month": date_format(period.start, "F Y"), "count": issued},
            )
            return redirect(reverse("commissions:period_detail", args=[pk]))
    context = {"period": period, "preview": preview_closing(period=period), "refused": refused}
    return render(request, "commissions/period_close.html", context, status=422 if refused else 200)


@require_safe
@requires(Action.SEE_ALL_PAY)
def period_export(request, pk):
    """The statements of a month as CSV."""
    period = get_object_or_404(Period.objects.visible_to(request.user), pk=pk)
    statements = (
        Statement.objects.visible_to(request.user).filter(period=period).select_related("user").order_by("user__name", "pk")
    )
    return statements_csv(statements, period)
