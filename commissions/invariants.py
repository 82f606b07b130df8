"""What must be true of the books after every run; a broken one is loud. One query each, whatever the size."""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from salesorg.lib.db import whole_tables

from .crediting import differences


@dataclass(frozen=True)
class Invariant:
    """`witnesses` selects the rows that break it: (what, found, expected)."""

    sentence: str
    witnesses: str


INVARIANTS = (
    Invariant(
        _("The revenue credits of a booking add up to its amount."),
        """
        SELECT 'deal ' || event.deal_id, COALESCE(sum(credit.amount), 0), event.amount
        FROM commissions_event event LEFT JOIN commissions_credit credit ON credit.event_id = event.id AND credit.measure = 1
        GROUP BY event.id HAVING COALESCE(sum(credit.amount), 0) <> event.amount
        """,
    ),
    Invariant(
        _("A booking that was taken back and what took it back add up to nothing."),
        """
        SELECT 'deal ' || back.deal_id, back.amount + booked.amount, 0
        FROM commissions_event back LEFT JOIN commissions_event booked ON booked.id = back.reverses_id
        WHERE back.kind = 'unbooked' AND (back.amount + booked.amount) IS DISTINCT FROM 0
        """,
    ),
    Invariant(
        _("Every ledger entry belongs to a credit of the same person and currency."),
        """
        SELECT 'entry ' || entry.id, entry.payee_id, credit.payee_id
        FROM commissions_ledgerentry entry LEFT JOIN commissions_credit credit ON credit.id = entry.credit_id
        WHERE credit.payee_id IS DISTINCT FROM entry.payee_id OR credit.currency IS DISTINCT FROM entry.currency
        """,
    ),
    Invariant(
        _("Every correction points at an entry of the same person that was posted before."),
        """
        SELECT 'entry ' || entry.id, entry.corrects_id, entry.payee_id
        FROM commissions_ledgerentry entry LEFT JOIN commissions_ledgerentry first ON first.id = entry.corrects_id
        WHERE entry.corrects_id IS NOT NULL
          AND (first.payee_id IS DISTINCT FROM entry.payee_id OR first.id >= entry.id)
        """,
    ),
    Invariant(
        _("A statement's total is what the ledger posted in its month."),
        """
        SELECT 'statement ' || statement.id, statement.total, COALESCE(posted.amount, 0)
        FROM commissions_statement statement
        FULL JOIN (
            SELECT payee_id, period_posted_id, currency, sum(amount) AS amount
            FROM commissions_ledgerentry GROUP BY payee_id, period_posted_id, currency
        ) posted ON posted.payee_id = statement.user_id AND posted.period_posted_id = statement.period_id
               AND posted.currency = statement.currency
        WHERE statement.total IS DISTINCT FROM COALESCE(posted.amount, 0)
        """,
    ),
    Invariant(
        _("The lines and adjustments of a statement add up to its total."),
        """
        SELECT 'statement ' || statement.id, statement.total, parts.amount
        FROM commissions_statement statement
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum((line ->> 'amount')::bigint), 0) AS amount
            FROM (
                SELECT jsonb_path_query(statement.snapshot, '$.components[*].lines[*]') AS line
                UNION ALL SELECT jsonb_path_query(statement.snapshot, '$.adjustments[*]')
            ) lines
        ) parts
        WHERE statement.total <> parts.amount
        """,
    ),
)


def broken():
    """Every broken invariant as (sentence, number of witnesses, first witness in words)."""
    found = []
    with whole_tables(), connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(invariant.witnesses)
            rows = cursor.fetchall()
            if rows:
                what, is_now, expected = rows[0]
                found.append((invariant.sentence, len(rows), f"{what}: {is_now} ≠ {expected}"))
    if unbooked := [each for each in differences() if not each.problem]:
        found.append((_("Credits are the won deals × shares."), len(unbooked), f"deal {unbooked[0].deal_id}"))
    return found
