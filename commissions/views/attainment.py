"""Attainment of the people one leads, and the credits each figure is made of."""

from decimal import Decimal

from django.db.models import Count, Sum
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commissions.forms import AttainmentForm, CreditsForm
from commissions.models import Credit, Measure, Quota
from commissions.reports import attainment_table, last_credited_month
from pipeline.models import Deal, DealMember
from salesorg.lib.money import from_minor
from salesorg.lib.pagination import page_of
from salesorg.lib.periods import Period, month_of
from salesorg.people.access import requires
from salesorg.people.models import organisation
from salesorg.people.roles import Action


@require_safe
@requires(Action.SEE_TEAM_ATTAINMENT)
def attainment(request):
    """Each person's won value against quota, month by month, and the sum of the team."""
    form = AttainmentForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    until = asked.get("until") or last_credited_month(request.user, request.user.today)
    currency = asked.get("currency") or organisation().currency
    starts, rows, sums = attainment_table(request.user, until, currency)
    quotas = Quota.objects.visible_to(request.user)
    context = {
        "form": form,
        "months": starts,
        "rows": rows,
        "sums": sums,
        "currency": currency,
        "currencies": sorted({currency, *quotas.values_list("currency", flat=True).distinct().order_by()}),
        "earlier": f"{month_of(starts[0]).start:%Y-%m}",
        "later": f"{month_of(month_of(starts[-1]).until).until:%Y-%m}",
        "until": starts[-1],
    }
    return render(request, "commissions/attainment.html", context)


@require_safe
@requires(Action.SEE_OWN_PAY)
def credit_list(request):
    """The credits of one or several people in one or several months: exactly the rows of a figure of won value."""
    form = CreditsForm(request.GET)
    if not form.is_valid():
        raise Http404
    asked = form.cleaned_data
    days = Period(asked["month"], month_of(asked["until"] or asked["month"]).until)
    credits = Credit.objects.visible_to(request.user).filter(measure=Measure.REVENUE).earned_in(days)
    if asked["person"]:
        credits = credits.filter(payee=asked["person"])
    if asked["currency"]:
        credits = credits.filter(currency=asked["currency"])
    page = page_of(credits.select_related("payee"), ("on", "pk"), request.GET.get("after", ""))
    with_deals(page.rows, request.user)
    context = {
        # Nobody's name without a row: somebody else's month and an empty one look the same.
        "person": page.rows[0].payee if asked["person"] and page.rows else None,
        "days": days,
        "page": page,
        "sums": sums_of(credits),
        "may_see_attainment": request.user.may(Action.SEE_TEAM_ATTAINMENT),
    }
    return render(request, "commissions/credit_list.html", context)


def with_deals(credits, user):
    """Each credit with its sum and share for the page, and its deal when `user` may open that."""
    deals = Deal.objects.visible_to(user).select_related("account").in_bulk([each.deal_id for each in credits])
    for each in credits:
        each.opened, each.sum = deals.get(each.deal_id), from_minor(each.amount, each.currency)
        each.part = each.share / Decimal(DealMember.WHOLE)


def sums_of(credits):
    """Sum and number of the credits by currency."""
    sums = credits.values("currency").annotate(minor=Sum("amount"), count=Count("pk")).order_by("currency")
    return [{**row, "amount": from_minor(int(row["minor"]), row["currency"])} for row in sums]
