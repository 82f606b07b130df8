"""Putting accounts into territories, set-based, with what decided it."""

from django.db import connection, transaction
from django.utils.translation import gettext as _

from salesorg.lib.errors import DomainError

from ..models import Placement, Plan, Territory
from ..placement import one_wins, write_coverage

# What is to be: one row per account. An account that already lies there for ever stays as it is.
WANTED = """
CREATE TEMP TABLE wanted_placement ON COMMIT DROP AS
SELECT w.account_id, w.territory_id FROM unnest(%(accounts)s::bigint[], %(territories)s::bigint[]) AS w(account_id, territory_id)
WHERE NOT EXISTS (
    SELECT FROM territories_placement p
    WHERE p.account_id = w.account_id AND p.force_id = %(force)s AND p.territory_id = w.territory_id
        AND p.during @> daterange(%(day)s, NULL)
)
"""
DROP_LATER = """
DELETE FROM {table} t USING wanted_placement w
WHERE t.account_id = w.account_id AND t.force_id = %(force)s AND lower(t.during) >= %(day)s
"""
END = """
UPDATE {table} t SET during = daterange(lower(t.during), %(day)s) FROM wanted_placement w
WHERE t.account_id = w.account_id AND t.force_id = %(force)s AND lower(t.during) < %(day)s
    AND t.during && daterange(%(day)s, NULL)
"""
PIN = """
INSERT INTO territories_pin (account_id, territory_id, force_id, reason, during)
SELECT account_id, territory_id, %(force)s, %(reason)s, daterange(%(day)s, NULL) FROM wanted_placement
"""
PLACE = """
INSERT INTO territories_placement (account_id, force_id, territory_id, decided_by, reason, during)
SELECT account_id, %(force)s, territory_id, %(decided_by)s, %(reason)s, daterange(%(day)s, NULL) FROM wanted_placement
"""


@one_wins()
@transaction.atomic
def place(*, force, territories, day, reason, actor, decided_by=Placement.DecidedBy.DEFAULT):
    """Put accounts into territories of `force` from `day` on: `territories` is {account id: territory id}.

    Where an account lay before keeps its dates, what was planned later is dropped; coverage follows. Returns how many moved.
    """
    count = put(force, territories, day=day, reason=reason, decided_by=decided_by)
    write_coverage(force=force, day=day, account_ids=list(territories))
    return count


def put(force, territories, *, day, reason, decided_by):
    """The placements of `place`, and pins when those decide. Coverage is the caller's."""
    if force.plan.status != Plan.Status.ACTIVE:
        raise DomainError(_("Accounts are placed in the active plan only."))
    foreign = set(territories.values()) - set(Territory.objects.filter(force=force).values_list("pk", flat=True))
    if foreign:
        raise DomainError(_("A territory of another force cannot take these accounts."))
    facts = {
        "force": force.pk,
        "accounts": list(territories),
        "territories": list(territories.values()),
        "day": day,
        "reason": reason[:300],
        "decided_by": str(decided_by),
    }
    with connection.cursor() as cursor:
        cursor.execute(WANTED, facts)
        cursor.execute("ANALYZE wanted_placement")
        for table in ("territories_pin", "territories_placement"):
            cursor.execute(DROP_LATER.format(table=table), facts)
            cursor.execute(END.format(table=table), facts)
        if decided_by == Placement.DecidedBy.PIN:
            cursor.execute(PIN, facts)
        cursor.execute(PLACE, facts)
        count = cursor.rowcount
        cursor.execute("DROP TABLE wanted_placement")
    return count
