"""How one's own and the team's deals stand, what they pay, and what operations and finance have to do."""

from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.urls import reverse

from accounts.models import Account
from commissions.models import Period, Statement
from salesorg.lib.periods import month_of
from territories.placement import uncovered
from territories.views.territories import forces_of


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
