"""What passes to a colleague when somebody leaves: coverage, and what was planned."""

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from .models import Account, Activity, Coverage


def count_covered(user, on):
    """How many accounts `user` covers on `on` or later."""
    return _coverage(user, on).values("account").distinct().count()


def transfer_coverage(*, from_user, to_user, on, actor):
    """`to_user` covers from `on` what `from_user` would have; the days before keep their owner. Returns how many accounts."""
    rows = _coverage(from_user, on)
    accounts = set(rows.values_list("account_id", flat=True))
    # Taken in one order, so that two handovers cannot wait for each other.
    list(Account.objects.filter(pk__in=accounts).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    rows = list(_coverage(from_user, on))
    ending = [row for row in rows if row.during.lower < on]
    reason = _("handed over by %(name)s") % {"name": from_user}
    beginning = [
        Coverage(
            account_id=row.account_id,
            line_id=row.line_id,
            role=row.role,
            user=to_user,
            during=DateRange(max(row.during.lower, on), row.during.upper),
            source=row.source,
            reason=reason,
            is_first_contact=row.is_first_contact,
        )
        for row in rows
    ]
    Coverage.objects.filter(pk__in=[row.pk for row in rows if row.during.lower >= on]).delete()
    for row in ending:
        row.during = DateRange(row.during.lower, on)
    Coverage.objects.bulk_update(ending, ["during"], batch_size=1000)
    Coverage.objects.bulk_create(beginning, batch_size=1000)
    return len(accounts)


def _coverage(user, on):
    return Coverage.objects.from_day(on).filter(user=user)


def count_planned(user, on):
    """How many visits, calls and tasks `user` has planned and not done."""
    return _planned(user).count()


def transfer_planned(*, from_user, to_user, on, actor):
    """`to_user` is to do what `from_user` had planned. Returns how many."""
    return _planned(from_user).update(user=to_user)


def _planned(user):
    return Activity.objects.planned().filter(user=user)
