"""Who covers an account: by hand, from a day, until a day."""

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.models import Account, Coverage, CoverageLine
from salesorg.lib.errors import DomainError
from salesorg.people.services.leaving import hold_colleague

# Filled by upper apps in AppConfig.ready: called with (account ids, line id, role, day) when coverage by hand has ended.
fill_gaps = []


@transaction.atomic
def set_coverage(
    *, account, line, role, user, reason, actor, from_day=None, until=None, source=Coverage.Source.MANUAL
):  # fmt: skip
    """`user` covers `account` for `line` in `role` from `from_day` (today) until `until`, whoever did before: by hand, or by
    another `source` than a territory.

    What others covered before `from_day` keeps its dates; what was planned for them later is dropped.
    """
    from_day = from_day or actor.today
    if until is not None and until <= from_day:
        raise DomainError(_("The last day must not lie before the first."), fields=["until"])
    hold_colleague(user, field="user")
    lock_coverage(account)
    Coverage.objects.filter(account=account, line=line, role=role).end_before(from_day)
    coverage = Coverage.objects.create(
        account=account,
        line=line,
        role=role,
        user=user,
        during=DateRange(from_day, until),
        source=source,
        reason=reason,
        is_first_contact=line.code == CoverageLine.NEW_BUSINESS,
    )
    if until is not None:
        _fill_gap(coverage, until)
    return coverage


@transaction.atomic
def end_coverage(*, coverage, reason, actor, day=None):
    """`coverage` ends before `day` (today); whoever the account's territory gives it to covers it from then on."""
    day = day or actor.today
    lock_coverage(coverage.account)
    coverage.refresh_from_db()
    if coverage.during.upper is not None and coverage.during.upper <= day:
        raise DomainError(_("This coverage has already ended."))
    Coverage.objects.filter(pk=coverage.pk).update(reason=f"{coverage.reason} · {_('ended')}: {reason}"[:300])
    Coverage.objects.filter(pk=coverage.pk).end_before(day)
    _fill_gap(coverage, day)


def lock_coverage(account):
    """One at a time changes who covers an account."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)


def _fill_gap(coverage, day):
    for fill in fill_gaps:
        fill([coverage.account_id], coverage.line_id, coverage.role, day)
