"""The page Today, and the accounts around its map."""

from django.db.models import Q
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account
from pipeline.models import Deal
from salesorg.jobs.runs import last_run
from salesorg.people.access import requires
from salesorg.people.roles import LEADERS, SELLERS, Action, Role

from .changes import changes_by_others
from .due import discounts_to_approve, due_next_steps, due_otherwise, handoffs_unanswered
from .standing import forces_with_gaps, months_to_close, pay_of_month, standing
from .visits import visits_of

NEARBY = 300  # accounts beside the route that the map shows at most


@require_safe
def today(request):
    """The first page after signing in."""
    user, day = request.user, request.user.today
    here = timezone.localdate()  # where the person is, as in their calendar; figures are of the organisation's day
    roles = user.scope.roles
    context = {"day": here}
    if user.may(Action.LOG_ACTIVITY):
        context |= {
            "visits": visits_of(user, here),
            "activities": due_otherwise(user, here),
            "next_steps": due_next_steps(user, here),
        }
    if roles & SELLERS:
        mine = standing(Deal.objects.visible_to(user).filter(owner=user), day, {"owner": user.pk})
        pay = pay_of_month(user, day)
        context |= {"mine": [row | {"pay": pay.get(row["currency"])} for row in mine], "changes": changes_by_others(user)}
    if roles & LEADERS:
        context["unanswered"] = handoffs_unanswered(user)
        context["discounts"] = discounts_to_approve(user)
        context["team"] = standing(Deal.objects.visible_to(user), day, {"owner": "all"})
    if Role.OPERATIONS in roles:
        context["forces"] = forces_with_gaps(user, day)
    if user.may(Action.SEE_ALL_PAY):
        context["to_close"] = months_to_close(user, day)
    if user.may(Action.SEE_RUNS):
        context["last_run"] = last_run("nightly")
    return render(request, "home/today.html", context)


@require_safe
@requires(Action.LOG_ACTIVITY)
def nearby(request):
    """The accounts one covers inside ?box=south,west,north,east, for the map: [{name, url, at}]."""
    try:
        south, west, north, east = (float(each) for each in request.GET.get("box", "").split(",", 4))
    except ValueError:
        return JsonResponse({"accounts": []})
    own = Account.objects.visible_to(request.user).covered_by(request.user, request.user.today)
    inside = own.filter(Q(latitude__range=(south, north)) & Q(longitude__range=(west, east))).order_by("pk")[:NEARBY]
    found = inside.only("name", "latitude", "longitude")
    rows = [{"name": each.name, "url": each.get_absolute_url(), "at": [each.latitude, each.longitude]} for each in found]
    return JsonResponse({"accounts": rows})
