"""The figures of retention from the contracts a person sees: of the customers of a year ago, and of each cohort."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Count

from pipeline.engine.retention import Retention, Standing, retention_of
from pipeline.engine.terms import months_after
from pipeline.models import Contract, Favour
from salesorg.lib.money import decimals
from salesorg.lib.periods import Period, quarter_of

YEAR = 12  # months
COHORTS = 12  # quarters a page shows at most: three years

# The contracts of the gate, and what each was worth on a day; NULL where it was not in force.
SEEN = """
    SELECT contract.id, contract.account_id, contract.currency, contract.during
    FROM pipeline_contract contract WHERE {seen} AND contract.currency = %s
"""
WORTH = """
    LEFT JOIN LATERAL (
        SELECT recurring FROM pipeline_contractvalue
        WHERE mine.during @> {day} AND contract_id = mine.id AND from_day <= {day}
        ORDER BY from_day DESC, id DESC LIMIT 1
    ) {name} ON true
"""
BETWEEN = (
    "WITH mine AS MATERIALIZED (" + SEEN + ")"
    " SELECT coalesce(sum(start.recurring) * %s, 0)::bigint, coalesce(sum(after.recurring) * %s, 0)::bigint FROM mine"
    + WORTH.format(day="%s::date", name="start") + WORTH.format(day="%s::date", name="after")
    + "GROUP BY mine.account_id HAVING sum(start.recurring) > 0"
)  # fmt: skip
AFTER = "(began.day + interval '12 months')::date"
BY_COHORT = (
    "WITH mine AS MATERIALIZED (" + SEEN + "), began AS ("
    "SELECT account_id, min(lower(during)) AS day FROM mine GROUP BY 1"
    " HAVING min(lower(during)) >= %s AND min(lower(during)) <= %s"
    ") SELECT began.account_id, began.day, coalesce(sum(start.recurring) * %s, 0)::bigint,"
    " coalesce(sum(after.recurring) * %s, 0)::bigint"
    " FROM began JOIN mine ON mine.account_id = began.account_id"
    + WORTH.format(day="began.day", name="start") + WORTH.format(day=AFTER, name="after")
    + "GROUP BY began.account_id, began.day"
)  # fmt: skip


@dataclass(frozen=True)
class Cohort:
    """The customers whose first contract began in a quarter. Too young: twelve months have not gone by for all of them."""

    quarter: Period
    retention: Retention
    too_young: bool
    referrals: int  # that these customers have given, whenever

    @property
    def name(self):
        return f"{self.quarter.start.year} Q{(self.quarter.start.month + 2) // 3}"


def _seen(user, currency):
    """The condition of the gate, its parameters, and twice what makes minor units of an amount."""
    units = [10 ** decimals(currency)] * 2
    if user.scope.sees_all_accounts:
        return "true", [currency], units
    sql, params = Contract.objects.visible_to(user).order_by().values("pk").query.sql_with_params()
    return f"contract.id IN ({sql})", [*params, currency], units


def retention_between(user, day, currency):
    """The Retention of the customers of twelve months before `day`, as they stand on `day`."""
    seen, params, units = _seen(user, currency)
    before = months_after(day, -YEAR)
    with connection.cursor() as cursor:
        cursor.execute(BETWEEN.format(seen=seen), [*params, *units, before, before, day, day])
        rows = cursor.fetchall()
    return retention_of(Standing(start, after) for start, after in rows)


def cohorts(user, day, currency):
    """The Cohort of each of the last quarters that has customers, the latest first, by what is known on `day`."""
    first = quarter_of(months_after(day, -3 * (COHORTS - 1))).start
    seen, params, units = _seen(user, currency)
    with connection.cursor() as cursor:
        cursor.execute(BY_COHORT.format(seen=seen), [*params, first, day, *units])
        rows = cursor.fetchall()
    found, quarters = defaultdict(list), {}
    for account, began, start, after in rows:
        quarters[account] = quarter_of(began)
        found[quarters[account]].append(Standing(start, after))
    given = Favour.objects.visible_to(user).filter(kind=Favour.Kind.REFERRAL, state=Favour.State.GIVEN)
    referrals = Counter(quarters.get(account) for account in given.values_list("account", flat=True))
    return [
        Cohort(quarter, retention_of(found[quarter]), too_young=too_young(quarter, day), referrals=referrals[quarter])
        for quarter in sorted(found, reverse=True)
    ]


def too_young(quarter: Period, day: date):
    """Whether twelve months have not gone by yet for a customer who began on the quarter's last day."""
    return months_after(quarter.until - timedelta(days=1), YEAR) > day


def currencies_of(user):
    """The currencies of the contracts a person sees, the commonest first."""
    rows = Contract.objects.visible_to(user).order_by().values_list("currency").annotate(n=Count("pk")).order_by("-n", "currency")
    return [currency for currency, _count in rows]
