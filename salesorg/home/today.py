"""Today: what is due, what changed, and how one stands, for whoever signs in."""

from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account, Activity
from commissions.models import Period, Statement
from pipeline.models import Deal, DealVersion
from salesorg.jobs.runs import last_run
from salesorg.lib.periods import month_of
from salesorg.people.roles import LEADERS, SELLERS, Action, Role
from territories.placement import uncovered
from territories.views.territories import forces_of

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
        mine = standing(Deal.objects.visible_to(user).filter(owner=user), day, {"owner": user.pk})
        pay = pay_of_month(user, day)
        context |= {"mine": [row | {"pay": pay.get(row["currency"])} for row in mine], "changes": changes_by_others(user)}
    if roles & LEADERS:
        context["team"] = standing(Deal.objects.visible_to(user), day, {"owner": "all"})
    if Role.OPERATIONS in roles:
        context["forces"] = forces_with_gaps(user, day)
    if user.may(Action.SEE_ALL_PAY):
        context["to_close"] = months_to_close(user, day)
    if user.may(Action.SEE_RUNS):
        context["last_run"] = last_run("nightly")
    return render(request, "home/today.html", context)


def due_activities(user, day):
    """What `user` planned for `day` or earlier and has not done, the oldest first."""
    planned = Activity.objects.visible_to(user).planned().filter(user=user, due_on__lte=day)
    return planned.select_related("account").order_by("due_on", "pk")[:LONGEST_LIST]


def due_next_steps(user, day):
    """Open deals of `user` whose next step is due on `day` or was earlier, the oldest first."""
    due = Deal.objects.visible_to(user).open().filter(owner=user, next_step_on__lte=day)
    return due.select_related("account", "stage").order_by("next_step_on", "pk")[:LONGEST_LIST]


def standing(deals, day, filters):
    """Per currency: what is open, what of it is past its close date, and what was won in the month of `day`.

    `filters` are the list's filters that choose exactly `deals`; each figure carries the address of its rows.
    """
    month = month_of(day)
    is_open, late = Q(status="open"), Q(status="open", close_date__lt=day)
    won = Q(status="won", close_date__gte=month.start, close_date__lt=month.until)
    rows = (
        deals.filter(is_open | won)
        .values("currency")
        .annotate(
            open_count=Count("pk", filter=is_open),
            open_amount=Sum("amount", filter=is_open, default=0),
            late_count=Count("pk", filter=late),
            won_count=Count("pk", filter=won),
            won_amount=Sum("amount", filter=won, default=0),
        )
        .order_by("-open_count", "currency")
    )
    return [
        row
        | {
            "open_url": rows_of(filters, row, status="open"),
            "late_url": rows_of(filters, row, status="open", close_to=day - timedelta(days=1)),
            "won_url": rows_of(filters, row, status="won", close_from=month.start, close_to=month.last_day),
        }
        for row in rows
    ]


def pay_of_month(user, day):
    """The statement of `user` for the month of `day` by currency, as the last nightly run left it."""
    statements = Statement.objects.visible_to(user).filter(user=user, period__start=month_of(day).start)
    return {statement.currency: statement for statement in statements.defer("snapshot")}


def forces_with_gaps(user, day):
    """Each force of the active plan with the number of accounts nobody covers for it: (Force, count)."""
    accounts = Account.objects.visible_to(user)
    return [(force, uncovered(force=force, accounts=accounts, day=day).count()) for force in forces_of(user)]


def months_to_close(user, day):
    """Months that are over and still open, the oldest first."""
    return Period.objects.visible_to(user).filter(closed_at=None, start__lt=month_of(day).start).order_by("start")


def rows_of(filters, row, **more):
    """The address of the deal list that shows the rows behind one figure."""
    return reverse("pipeline:deal_list", query=filters | {"currency": row["currency"]} | more)


def changes_by_others(user):
    """What others changed on the open deals of `user` since yesterday: the new versions, newest first."""
    since = timezone.now() - timedelta(days=1)
    changed = DealVersion.objects.visible_to(user).filter(deal__owner=user, deal__status="open", during__startswith__gte=since)
    return changed.exclude(actor_id=user.pk).select_related("deal", "stage", "owner").order_by("-during")[:LONGEST_LIST]
