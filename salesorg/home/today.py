"""Today: what is due, what changed, and how one stands, for whoever signs in."""

from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Activity
from pipeline.models import Deal, DealVersion
from salesorg.lib.periods import month_of
from salesorg.people.roles import LEADERS, SELLERS, Action

LONGEST_LIST = 20  # rows; the rest is one link away


@require_safe
def today(request):
    """The first page after signing in."""
    user, day = request.user, request.user.today
    roles = user.scope.roles
    context = {"day": day}
    if user.may(Action.LOG_ACTIVITY):
        context |= {"activities": due_activities(user, day), "next_steps": due_next_steps(user, day)}
    if roles & SELLERS:
        context |= {"mine": standing(Deal.objects.visible_to(user).filter(owner=user), day), "changes": changes_by_others(user)}
    if roles & LEADERS:
        context["team"] = standing(Deal.objects.visible_to(user), day)
    return render(request, "home/today.html", context)


def due_activities(user, day):
    """What `user` planned for `day` or earlier and has not done, the oldest first."""
    planned = Activity.objects.visible_to(user).planned().filter(user=user, due_on__lte=day)
    return planned.select_related("account").order_by("due_on", "pk")[:LONGEST_LIST]


def due_next_steps(user, day):
    """Open deals of `user` whose next step is due on `day` or was earlier, the oldest first."""
    due = Deal.objects.visible_to(user).open().filter(owner=user, next_step_on__lte=day)
    return due.select_related("account", "stage").order_by("next_step_on", "pk")[:LONGEST_LIST]


def standing(deals, day):
    """Per currency: what is open, what of it is past its close date, and what was won in the month of `day`."""
    month = month_of(day)
    is_open = Q(status="open")
    won = Q(status="won", close_date__gte=month.start, close_date__lt=month.until)
    return list(
        deals.filter(is_open | won)
        .values("currency")
        .annotate(
            open_count=Count("pk", filter=is_open),
            open_amount=Sum("amount", filter=is_open),
            late_count=Count("pk", filter=is_open & Q(close_date__lt=day)),
            won_count=Count("pk", filter=won),
            won_amount=Sum("amount", filter=won),
        )
        .order_by("-open_count")
    )


def changes_by_others(user):
    """What others changed on the open deals of `user` since yesterday: the new versions, newest first."""
    since = timezone.now() - timedelta(days=1)
    changed = DealVersion.objects.visible_to(user).filter(deal__owner=user, deal__status="open", during__startswith__gte=since)
    return changed.exclude(actor_id=user.pk).select_related("deal", "stage", "owner").order_by("-during")[:LONGEST_LIST]
