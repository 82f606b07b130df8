"""What accounts bought and may buy: the apps above register where such rows come from; facts and tiers are made of them.

Where a company has invoices those less its credit notes count, else won deals by their close date (pipeline registers both).
"""

from collections.abc import Callable
from dataclasses import dataclass

_revenue = {}
_open = {}


@dataclass(frozen=True)
class Source:
    """Where rows come from. `rows(currency)` is a queryset of values account_id, day, amount, currency, rate.

    `rate` converts the row's amount into `currency`, the organisation's, as of the row's own day; None when it is not
    known. Nothing is guessed: what has no rate is counted and named, never taken for nothing.
    `url(account_id, since, until)` is the address of the rows of that account and of those days (both included).
    """

    name: str
    rows: Callable
    url: Callable
    applies: Callable = lambda account_id: True  # whether an account's rows come from here, where sources exclude each other


def register_revenue(key, source):
    """Called in AppConfig.ready: rows of what was bought, credit notes as negative amounts."""
    _revenue[key] = source


def register_open(key, source):
    """Called in AppConfig.ready: rows of what is open and may be bought."""
    _open[key] = source


def revenue_sources():
    return list(_revenue.values())


def open_sources():
    return list(_open.values())


def union_sql(sources, currency):
    """All rows of these sources as one SELECT with its parameters; of no source, a SELECT of no rows."""
    parts, parameters = [], []
    for source in sources:
        sql, more = source.rows(currency).values_list("account_id", "day", "amount", "currency", "rate").query.sql_with_params()
        parts.append(f"SELECT * FROM ({sql}) AS part(account_id, day, amount, currency, rate)")
        parameters.extend(more)
    nothing = "SELECT NULL::bigint, NULL::date, NULL::numeric, NULL::text, NULL::numeric WHERE false"
    return " UNION ALL ".join(parts or [nothing]), parameters
