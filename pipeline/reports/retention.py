"""The figures of retention from the contracts a person sees: of the customers of a year ago, and of each cohort."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Count

from pipeline.engine.retention import Retention
from pipeline.engine.terms import months_after
from pipeline.models import Contract, Favour
from salesorg.lib.money import decimals
from salesorg.lib.periods import Period, quarter_of
from salesorg.lib.querysets import keys_in_sql

YEAR = 12  # months
COHORTS = 12  # quarters a page shows at most: three years

# The contracts of the gate, and what each was worth on the two days that are compared.
SEEN = """
WITH mine AS MATERIALIZED (
    SELECT contract.id, contract.account_id, contract.during FROM pipeline_contract contract
    WHERE {seen} AND contract.currency = %(currency)s
)"""
# One look-up a contract in the index of its values, by LATERAL: joined as sets, the planner took the product of two of them.
WORTH = """
    LEFT JOIN LATERAL (
        SELECT recurring FROM pipeline_contractvalue
        WHERE mine.during @> {day} AND contract_id = mine.id AND from_day <= {day}
        ORDER BY from_day DESC, id DESC LIMIT 1
    ) {name} ON true"""
# One row a customer: minor units of recurring value at the start, and twelve months later.
STANDING = """, standing AS (
    SELECT mine.account_id, {quarter} AS quarter, (sum(first.recurring) * %(units)s)::bigint AS start,
        coalesce(sum(second.recurring) * %(units)s, 0)::bigint AS after
    FROM {rows} {first} {second} GROUP BY 1, 2 HAVING sum(first.recurring) > 0
)"""
BETWEEN = SEEN + STANDING.format(
    quarter="NULL::date",
    rows="mine",
    first=WORTH.format(name="first", day="%(before)s::date"),
    second=WORTH.format(name="second", day="%(day)s::date"),
)
BEGAN = """, began AS (
    SELECT account_id, min(lower(during)) AS day FROM mine GROUP BY 1
    HAVING min(lower(during)) BETWEEN %(first)s AND %(last)s
)"""
BY_COHORT = (
    SEEN
    + BEGAN
    + STANDING.format(
        quarter="date_trunc('quarter', began.day)::date",
        rows="began JOIN mine ON mine.account_id = began.account_id",
        first=WORTH.format(name="first", day="began.day"),
        second=WORTH.format(name="second", day="(began.day + interval '12 months')::date"),
    )
)
COUNTED = """
SELECT quarter, count(*), count(*) FILTER (WHERE after > 0),
    sum(start)::bigint, sum(after)::bigint, sum(least(start, after))::bigint
FROM standing GROUP BY quarter"""
# What became of a customer, as a condition on its standing.
BECAME = {"": "true", "kept": "after > 0", "less": "after > 0 AND after < start", "more": "after > start", "gone": "after = 0"}
LISTED = """
SELECT account_id, account.name, start, after, count(*) OVER (), (sum(start) OVER ())::bigint, (sum(after) OVER ())::bigint
FROM standing JOIN accounts_account account ON account.id = account_id
WHERE {became} ORDER BY start DESC, account_id LIMIT %(most)s OFFSET %(skip)s"""
GIVEN = """
SELECT date_trunc('quarter', began.day)::date, count(*) FROM began JOIN unnest(%(given)s::bigint[]) given ON given = account_id
GROUP BY 1"""


@dataclass(frozen=True)
class Cohort:
    """The customers whose first contract began in a quarter. Too young: twelve months have not gone by for all of them."""

    quarter: Period
    retention: Retention
    too_young: bool
    referrals: int  # that these customers have given, whenever

    @property
    def name(self):
        return cohort_name(self.quarter)


def cohort_name(quarter):
    return f"{quarter.start.year} Q{(quarter.start.month + 2) // 3}"


def _run(query, user, currency, **asked):
    """The rows of one of the queries above over the contracts that `user` sees, in `currency`."""
    seen, params = "true", {"currency": currency, "units": 10 ** decimals(currency)} | asked
    if not user.scope.sees_all_accounts:
        seen, named = keys_in_sql(Contract.objects.visible_to(user))
        seen, params = f"contract.id IN ({seen})", params | named
    with connection.cursor() as cursor:
        cursor.execute(query.replace("{seen}", seen), params)
        return cursor.fetchall()


def retention_between(user, day, currency):
    """The Retention of the customers of twelve months before `day`, as they stand on `day`."""
    rows = _run(BETWEEN + COUNTED, user, currency, before=months_after(day, -YEAR), day=day)
    return Retention(*rows[0][1:]) if rows else Retention(0, 0, 0, 0, 0)


def cohorts(user, day, currency):
    """The Cohort of each of the last quarters that has customers, the latest first, by what is known on `day`."""
    asked = {"first": quarter_of(months_after(day, -3 * (COHORTS - 1))).start, "last": day}
    rows = _run(BY_COHORT + COUNTED, user, currency, **asked)
    given = Favour.objects.visible_to(user).filter(kind=Favour.Kind.REFERRAL, state=Favour.State.GIVEN)
    given = list(given.values_list("account", flat=True))
    referrals = dict(_run(SEEN + BEGAN + GIVEN, user, currency, **asked, given=given)) if given else {}
    return [
        Cohort(quarter_of(start), Retention(*counts), too_young(quarter_of(start), day), referrals.get(start, 0))
        for start, *counts in sorted(rows, reverse=True)
    ]


@dataclass(frozen=True)
class Standings:
    """Customers behind a figure, one page of them: rows of (account id, name, start, after); and the sums of all."""

    rows: list
    count: int
    start: int
    after: int
    more: bool


def standings(user, day, currency, *, quarter=None, became="", skip=0, most=50):
    """The customers of a year before `day`, or of those who began in `quarter` (a Period), that `became` so (BECAME)."""
    asked = {"before": months_after(day, -YEAR), "day": day}
    query = BETWEEN
    if quarter is not None:
        query, asked = BY_COHORT, {"first": quarter.start, "last": min(quarter.until - timedelta(days=1), day)}
    rows = _run(query + LISTED.replace("{became}", BECAME[became]), user, currency, **asked, most=most + 1, skip=skip)
    sums = rows[0][4:] if rows else (0, 0, 0)
    return Standings([row[:4] for row in rows[:most]], *sums, more=len(rows) > most)


def too_young(quarter: Period, day: date):
    """Whether twelve months have not gone by yet for a customer who began on the quarter's last day."""
    return months_after(quarter.until - timedelta(days=1), YEAR) > day


def currencies_of(user):
    """The currencies of the contracts a person sees, the commonest first."""
    rows = Contract.objects.visible_to(user).order_by().values_list("currency").annotate(n=Count("pk")).order_by("-n", "currency")
    return [currency for currency, _count in rows]
