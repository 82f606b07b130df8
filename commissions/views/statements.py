"""One's statements, and one statement with everything it is made of."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from commissions.models import Statement
from commissions.presentation import adjustments_of, components_of, formula_of, problems_of
from commissions.reports import Cell, pace
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action
from salesorg.people.working import public_holidays

from .places import places


@require_safe
@requires(Action.SEE_OWN_PAY)
def statement_list(request):
    """One's own statements, the newest first; finance begins with the months, operations with the quotas."""
    if "mine" not in request.GET:
        if request.user.may(Action.SEE_ALL_PAY):
            return redirect("commissions:period_list")
        if request.user.may(Action.EDIT_QUOTAS):
            return redirect("commissions:quota_list")
    mine = Statement.objects.visible_to(request.user).filter(user=request.user).select_related("period").defer("snapshot")
    page = page_of(mine, ("-period__start", "pk"), request.GET.get("after", ""))
    return render(request, "commissions/statement_list.html", {"page": page} | places(request.user))


@require_safe
@requires(Action.SEE_OWN_PAY)
def statement_detail(request, pk):
    """The sum, its components down to tiers, credits and deals, and why it is this number."""
    visible = Statement.objects.visible_to(request.user).select_related("user", "period")
    statement = get_object_or_404(visible, pk=pk)
    blocks = components_of(statement, request.user)
    context = {
        "statement": statement,
        "blocks": blocks,
        "adjustments": adjustments_of(statement, request.user),
        "problems": problems_of(statement),
        "plan": statement.snapshot["plan"],
        "standing": standing_of(statement, request.user.today),
        "formula": " + ".join(filter(None, map(formula_of, blocks))),
        "is_own": statement.user_id == request.user.pk,
    }
    return render(request, "commissions/statement_detail.html", context)


def standing_of(statement, today):
    """Won value against quota, as on the page of attainment."""
    month = statement.period.start
    return Cell(
        statement.user_id, month, pace(month, today, public_holidays(month)), statement.credited_amount, statement.quota_amount
    )
