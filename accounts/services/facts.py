"""What the apps above know of each account, gathered by one statement into the table of facts; only differences are written."""

from django.db import connection, transaction

from accounts import merging
from accounts.models import Account, AccountFacts
from accounts.revenue import open_sources, revenue_sources, union_sql
from salesorg.lib.db import whole_tables
from salesorg.lib.periods import last_complete_months

GATHER = """
WITH bought AS ({bought}), may_buy AS ({may_buy}),
spend AS (
    SELECT account_id,
        coalesce(sum(amount * rate) FILTER (WHERE day >= %s AND day < %s), 0) AS spend,
        count(*) FILTER (WHERE day >= %s AND day < %s AND rate IS NOT NULL) AS orders,
        count(*) FILTER (WHERE day >= %s AND day < %s AND rate IS NULL) AS unconverted,
        min(day) FILTER (WHERE day <= %s AND amount > 0) AS first_order_on,
        max(day) FILTER (WHERE day <= %s AND amount > 0) AS last_order_on
    FROM bought GROUP BY account_id
), open_now AS (
    SELECT account_id, coalesce(sum(amount * rate), 0) AS open_amount, count(*) AS open_count,
        count(*) FILTER (WHERE rate IS NULL AND amount IS NOT NULL) AS open_unconverted
    FROM may_buy GROUP BY account_id
)
INSERT INTO accounts_accountfacts AS facts (
    account_id, currency, spend_since, spend_until, spend, orders, unconverted, first_order_on, last_order_on,
    open_amount, open_count, open_unconverted, computed_why
)
SELECT account.id, %s, %s, %s, coalesce(spend, 0)::numeric(24, 4), coalesce(orders, 0), coalesce(unconverted, 0),
    first_order_on, last_order_on,
    coalesce(open_amount, 0)::numeric(24, 4), coalesce(open_count, 0), coalesce(open_unconverted, 0), '{{}}'
FROM accounts_account account
LEFT JOIN spend ON spend.account_id = account.id LEFT JOIN open_now ON open_now.account_id = account.id
ON CONFLICT (account_id) DO UPDATE SET ({columns}) = ROW({excluded})
WHERE ({facts}) IS DISTINCT FROM ({excluded})
"""
COLUMNS = (
    "currency", "spend_since", "spend_until", "spend", "orders", "unconverted", "first_order_on", "last_order_on",
    "open_amount", "open_count", "open_unconverted",
)  # fmt: skip

WITHOUT_RATE = """
WITH bought AS ({bought})
SELECT bought.currency, count(*), count(DISTINCT account_id), min(account.name)
FROM bought JOIN accounts_account account ON account.id = account_id
WHERE rate IS NULL AND amount IS NOT NULL AND day >= %s AND day < %s GROUP BY 1 ORDER BY 1
"""


@transaction.atomic
def gather_facts(*, day, currency, actor=None):
    """Bring every account's facts up to `day`, in `currency`. Returns the number of rows that were written.

    Spend is that of the twelve complete months before `day`, each row converted at its own rate.
    """
    bought, bought_parameters = union_sql(revenue_sources(), currency)
    may_buy, open_parameters = union_sql(open_sources(), currency)
    months = last_complete_months(day, 12)
    window = [months.start, months.until]
    sql = GATHER.format(
        bought=bought,
        may_buy=may_buy,
        columns=", ".join(COLUMNS),
        excluded=", ".join(f"excluded.{column}" for column in COLUMNS),
        facts=", ".join(f"facts.{column}" for column in COLUMNS),
    )
    with whole_tables(), connection.cursor() as cursor:
        cursor.execute(sql, [*bought_parameters, *open_parameters, *window * 3, day, day, currency, *window])
        written = cursor.rowcount
        # Facts of accounts that are gone (undone, merged away) have no constraint that takes them along.
        for table in ("accounts_accountfacts", "accounts_tierperiod"):
            cursor.execute(
                f"DELETE FROM {table} WHERE NOT EXISTS (SELECT FROM {Account._meta.db_table} a WHERE a.id = account_id)"
            )
    return written


def orders_without_rate(*, day, currency):
    """For each currency without a rate: (currency, orders, accounts, the name of one) within the twelve months before `day`."""
    bought, parameters = union_sql(revenue_sources(), currency)
    months = last_complete_months(day, 12)
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_RATE.format(bought=bought), [*parameters, months.start, months.until])
        return cursor.fetchall()


def leave_facts(keep, drop):
    """Merged away, an account has no facts of its own; the next night adds up those of the one that is kept."""
    AccountFacts.objects.filter(account=drop).delete()
    return 0


merging.register("accounts.AccountFacts", "account", leave_facts)
