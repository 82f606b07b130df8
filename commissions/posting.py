"""From what should be earned to ledger entries: only the differences, each under its business key.

A month that is open takes its own differences. What changes in a closed month is posted to the first open month after
it, still saying which month it was earned in, and points at the entry it corrects.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from salesorg.lib.db import copy_rows, lock_number
from salesorg.lib.periods import month_of

from .crediting import new_ids
from .gather import gather
from .models import LedgerEntry, Period

FIELDS = (
    "id",
    "debit_account",
    "credit_account",
    "amount",
    "currency",
    "payee",
    "period_earned",
    "period_posted",
    "credit",
    "component",
    "plan_version",
    "corrects",
    "key",
    "run_id",
)
CLOSING = "commissions.closing"


@dataclass(frozen=True, slots=True)
class Move:
    """A difference between what the engine computes and what the ledger holds, for one credit and component."""

    group: object
    credit_id: int
    component: str
    amount: int
    before: object  # gather.Posted, or None for a first posting


def moves_of(group, result):
    """The Moves that bring the ledger of `group` to `result`. What a problem leaves undecided stays as it was posted."""
    wanted = {(line.credit_id, line.component): line.amount for line in result.lines}
    gone = sorted(key for key in group.posted if key not in wanted)
    for key in [*wanted, *gone]:
        posted = group.posted.get(key)
        amount = wanted.get(key, 0) - (posted.amount if posted else 0)
        if amount and not result.undecided(*key):
            yield Move(group, *key, amount, posted)


@transaction.atomic
def post(*, payees, days, run_id=None):
    """Bring the ledger of `payees` (ids) for the months of `days` up to date.

    Returns (counts, problems): problems are (payee id, month, engine.Problem). Run again on an unchanged world it
    writes nothing; two workers on the same people wait for each other.
    """
    lock_payees(payees)
    world = gather(payees=payees, days=days)
    results = {key: group.earn(world.plans) for key, group in world.groups.items()}
    moves = [move for key, group in world.groups.items() for move in moves_of(group, results[key])]
    written = _write(moves, world, run_id)
    problems = [(*key, problem) for key, result in results.items() for problem in result.problems]
    return {"lines": sum(len(result.lines) for result in results.values()), "entries": written}, problems


def lock_payees(payees):
    """Hold the ledgers of `payees` to the end of the transaction, in one order so that no two workers wait in a ring.

    The shared lock keeps a month from being closed meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [lock_number(CLOSING)])
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, payee::int) FROM (SELECT unnest(%s::bigint[]) AS payee ORDER BY 1) AS people",
            [lock_number("commissions.payee") & 0x7FFFFFFF, sorted(payees)],
        )


def _write(moves, world, run_id):
    if not moves:
        return 0
    posting = PostingPeriods(world.periods)
    ids = new_ids(LedgerEntry, len(moves))
    entry_of = {(move.credit_id, move.component): pk for pk, move in zip(ids, moves, strict=True) if move.before is None}

    def corrected(move):
        """The entry this one corrects: the credit's own first, else the one of the credit that it takes back."""
        if move.before:
            return move.before.first
        taken_back = (world.reverses.get(move.credit_id), move.component)
        posted = move.group.posted.get(taken_back)
        return posted.first if posted else entry_of.get(taken_back)

    rows = (
        (
            pk,
            LedgerEntry.Account.EXPENSE,
            LedgerEntry.Account.EARNED,
            move.amount,
            move.group.version.currency,
            move.group.payee_id,
            world.periods[move.group.month].pk,
            posting.of(move.group.month).pk,
            move.credit_id,
            move.component,
            move.group.version.pk,
            corrected(move),
            f"{move.credit_id}:{move.component}:{move.before.entries + 1 if move.before else 1}",
            run_id,
        )
        for pk, move in zip(ids, moves, strict=True)
    )
    return copy_rows(LedgerEntry, FIELDS, rows)


class PostingPeriods:
    """Which period takes what was earned in a month: the month itself while it is open, else the first open one after."""

    def __init__(self, periods):
        self.periods = periods
        self.found = {}

    def of(self, month):
        if month not in self.found:
            period = self.periods[month]
            self.found[month] = period if period.is_open else first_open_after(month)
        return self.found[month]


def first_open_after(month):
    """The first open Period after `month`; the one after the last is made when all are closed."""
    later = Period.objects.filter(start__gt=month).order_by("start")
    if found := later.open().first():
        return found
    last = later.last()
    return Period.objects.get_or_create(start=month_of(last.start if last else month).until)[0]
