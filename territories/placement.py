"""From placements × lead seats to accounts.Coverage: set-based, only the differences, from a day on."""

from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Coverage, CoverageLine
from salesorg.lib.effective import During
from salesorg.lib.errors import DomainError

from . import engine
from .models import Belonging, Force, Plan, Seat, Territory

LOST_RACES = {"23P01", "40P01", "55P03"}  # exclusion constraint violated, deadlock, lock not available in time


@contextmanager
def one_wins():
    """Of two changes of the same accounts at once, one is done; the other gets a sentence instead of a database error."""
    try:
        yield
    except (IntegrityError, OperationalError) as error:
        if getattr(error.__cause__, "pgcode", None) not in LOST_RACES:
            raise
        raise DomainError(
            _("Somebody is changing who covers these accounts at this very moment. Look at what they did, then try again.")
        ) from error


# ── who holds what ──


def parents_of(force):
    """{territory id: id of what it is part of today, or None} of all territories of `force`."""
    return dict(Territory.objects.filter(force=force).values_list("pk", "parent_id"))


def holders_of(force, parents=None):
    """The Holders of every territory of `force`, for all days (territories.engine)."""
    territories = parents_of(force) if parents is None else parents
    belongings, seen = [], set()
    for row in Belonging.objects.filter(territory__force=force):
        belongings.append(engine.Belonging(row.territory_id, row.parent_id, during_of(row.during)))
        seen.add(row.territory_id)
    for pk, parent in territories.items():
        if pk not in seen:
            belongings.append(engine.Belonging(pk, parent, During(engine.BEGINNING)))
    filled = Seat.objects.filter(territory__force=force, is_lead=True, user__isnull=False, role__in=force.roles)
    leads = [engine.Lead(seat.territory_id, seat.role, seat.user_id, during_of(seat.during)) for seat in filled.order_by("pk")]
    return engine.holders(belongings, leads)


def during_of(dates):
    """A range of the database as lib.effective.During."""
    return During(dates.lower, dates.upper)


# ── coverage ──

# What the territories say about the accounts in question from :day on. Coverage by hand or by handoff keeps its days:
# it was somebody's decision about this one account, so the territory covers only what it leaves.
WANTED = """
CREATE TEMP TABLE wanted_coverage ON COMMIT DROP AS
WITH holder AS (
    SELECT * FROM unnest(
        %(territories)s::bigint[], %(roles_held)s::int[], %(users)s::bigint[], %(spans)s::daterange[], %(reasons)s::text[]
    ) AS h(territory_id, role, user_id, span, reason)
), merged AS (
    SELECT p.account_id, h.role, h.user_id, h.reason, range_agg(p.during * h.span * daterange(%(day)s, NULL)) AS days
    FROM territories_placement p JOIN holder h USING (territory_id)
    WHERE p.force_id = %(force)s AND p.during && daterange(%(day)s, NULL) AND p.during && h.span
        AND (%(accounts)s::bigint[] IS NULL OR p.account_id = ANY(%(accounts)s::bigint[]))
    GROUP BY p.account_id, h.role, h.user_id, h.reason
), taken AS (
    SELECT account_id, role, range_agg(during) AS days FROM accounts_coverage
    WHERE line_id = %(line)s AND role = ANY(%(roles)s) AND source <> 'territory' AND during && daterange(%(day)s, NULL)
        AND (%(accounts)s::bigint[] IS NULL OR account_id = ANY(%(accounts)s::bigint[]))
    GROUP BY account_id, role
)
SELECT merged.account_id, merged.role, merged.user_id, merged.reason, part AS during
FROM merged LEFT JOIN taken USING (account_id, role),
    unnest(merged.days - COALESCE(taken.days, '{}'::datemultirange)) AS part
"""
# What is there, as far as it concerns these accounts from :day on; a row's beginning, seen from :day.
THERE = """
c.line_id = %(line)s AND c.role = ANY(%(roles)s) AND c.source = 'territory' AND c.during && daterange(%(day)s, NULL)
AND (%(accounts)s::bigint[] IS NULL OR c.account_id = ANY(%(accounts)s::bigint[]))
"""
SAME = """
w.account_id = c.account_id AND w.role = c.role AND w.user_id = c.user_id AND w.reason = c.reason
AND lower(w.during) = GREATEST(lower(c.during), %(day)s)
"""
# In this order no statement ever meets a row that a later one is about to take out of its way.
DROP_LATER = (
    f"DELETE FROM accounts_coverage c WHERE {THERE} AND lower(c.during) >= %(day)s"
    f" AND NOT EXISTS (SELECT FROM wanted_coverage w WHERE {SAME})"
)
END = (
    f"UPDATE accounts_coverage c SET during = daterange(lower(c.during), %(day)s) WHERE {THERE} AND lower(c.during) < %(day)s"
    f" AND NOT EXISTS (SELECT FROM wanted_coverage w WHERE {SAME})"
)
SHORTEN = (
    "UPDATE accounts_coverage c SET during = daterange(lower(c.during), upper(w.during)) FROM wanted_coverage w"
    f" WHERE {THERE} AND {SAME} AND upper(w.during) < COALESCE(upper(c.during), 'infinity')"
)
LENGTHEN = (
    "UPDATE accounts_coverage c SET during = daterange(lower(c.during), upper(w.during)) FROM wanted_coverage w"
    f" WHERE {THERE} AND {SAME} AND upper(w.during) IS DISTINCT FROM upper(c.during)"
)
BEGIN = f"""
INSERT INTO accounts_coverage (account_id, line_id, role, user_id, during, source, reason, is_first_contact)
SELECT w.account_id, %(line)s, w.role, w.user_id, w.during, 'territory', w.reason, %(is_first)s AND w.role = %(first_role)s
FROM wanted_coverage w WHERE NOT EXISTS (SELECT FROM accounts_coverage c WHERE {THERE} AND {SAME})
"""
# A decision about chosen accounts goes before what somebody once entered by hand.
DROP_LATER_BY_HAND = """
DELETE FROM accounts_coverage c USING wanted_coverage w
WHERE c.account_id = w.account_id AND c.role = w.role AND c.line_id = %(line)s AND c.source <> 'territory'
    AND lower(c.during) >= %(day)s
"""
END_BY_HAND = """
UPDATE accounts_coverage c SET during = daterange(lower(c.during), %(day)s) FROM wanted_coverage w
WHERE c.account_id = w.account_id AND c.role = w.role AND c.line_id = %(line)s AND c.source <> 'territory'
    AND lower(c.during) < %(day)s AND c.during && daterange(%(day)s, NULL)
"""


def write_coverage(*, force, day, account_ids=None, over_manual=False):
    """Make the coverage that `force` fills agree with its placements and lead seats from `day` on.

    `account_ids` narrows it to these accounts. Coverage entered by hand or by handoff stays, unless `over_manual`.
    Returns how many rows began, ended and changed their end. Nothing is written for a plan that is not active.
    Runs inside the caller's transaction.
    """
    if force.plan.status != Plan.Status.ACTIVE:
        return {"began": 0, "ended": 0, "moved": 0}
    _refuse_two_forces_for_one_slot(force)
    facts = _facts(force, day, account_ids)
    with connection.cursor() as cursor:
        if over_manual:
            cursor.execute(WANTED, facts | {"roles": []})  # as if nothing were entered by hand
            cursor.execute(DROP_LATER_BY_HAND, facts)
            cursor.execute(END_BY_HAND, facts)
            cursor.execute("DROP TABLE wanted_coverage")
        cursor.execute(WANTED, facts)
        cursor.execute("ANALYZE wanted_coverage")
        counts = {}
        for name, sql in (("ended", DROP_LATER), ("ended", END), ("moved", SHORTEN), ("moved", LENGTHEN), ("began", BEGIN)):
            cursor.execute(sql, facts)
            counts[name] = counts.get(name, 0) + cursor.rowcount
        cursor.execute("DROP TABLE wanted_coverage")
    return counts


def cover_as_placed(account, day):
    """Make the coverage of one account agree with its placements from `day` on, after a merge has brought some of another."""
    for force in Force.objects.filter(placements__account=account).select_related("plan").distinct().order_by("pk"):
        write_coverage(force=force, day=day, account_ids=[account.pk])


def _facts(force, day, account_ids):
    """The parameters of the statements above."""
    names = dict(Territory.objects.filter(force=force).values_list("pk", "name"))
    found = holders_of(force)
    return {
        "force": force.pk,
        "line": force.line_id,
        "roles": list(force.roles),
        "day": day,
        "accounts": None if account_ids is None else list(account_ids),
        "territories": [each.territory for each in found],
        "roles_held": [each.role for each in found],
        "users": [each.user for each in found],
        "spans": [
            f"[{each.during.start.isoformat()},{each.during.until.isoformat() if each.during.until else ''})" for each in found
        ],
        "reasons": [_reason(each, names) for each in found],
        "is_first": force.line.code == CoverageLine.NEW_BUSINESS,
        "first_role": force.roles[0] if force.roles else 0,
    }


def _reason(holder, names):
    """Why this person covers the accounts of the territory, in words."""
    if holder.seat_of == holder.territory:
        return _("leads territory %(territory)s") % {"territory": names[holder.territory]}
    words = {"territory": names[holder.territory], "above": names[holder.seat_of]}
    return _("leads %(above)s, above territory %(territory)s, which has no lead of its own") % words


def _refuse_two_forces_for_one_slot(force):
    """Two forces that fill the same line and role would each undo the other's coverage."""
    for other in Force.objects.filter(plan=force.plan, line=force.line, roles__overlap=force.roles).exclude(pk=force.pk):
        raise DomainError(
            _("%(one)s and %(other)s both fill %(line)s in the same role. Give one of them another line or role.")
            % {"one": force, "other": other, "line": force.line}
        )


# ── do they agree? ──

DIFFERENCES = f"""
WITH w AS (
    SELECT account_id, role, user_id, range_agg(during) AS days FROM wanted_coverage GROUP BY account_id, role, user_id
), c AS (
    SELECT account_id, role, user_id, range_agg(c.during * daterange(%(day)s, NULL)) AS days
    FROM accounts_coverage c WHERE {THERE} GROUP BY account_id, role, user_id
)
SELECT account_id, role, user_id, part, says
FROM w FULL JOIN c USING (account_id, role, user_id) CROSS JOIN LATERAL (
    SELECT unnest(COALESCE(w.days, '{{}}') - COALESCE(c.days, '{{}}')), 'missing'
    UNION ALL SELECT unnest(COALESCE(c.days, '{{}}') - COALESCE(w.days, '{{}}')), 'too much'
) AS difference(part, says)
ORDER BY account_id, role LIMIT %(most)s
"""


@dataclass(frozen=True)
class Disagreement:
    """One account where coverage is not what placements and seats say: `says` is "missing" or "too much"."""

    account_id: int
    role: int
    user_id: int
    during: object
    says: str


@transaction.atomic  # the table of what is wanted lives as long as the transaction
def check_coverage_agrees(*, day, most=100):
    """The first `most` Disagreements, from `day` on, between coverage and placements × lead seats of the active plan."""
    found = []
    for force in Force.objects.filter(plan__status=Plan.Status.ACTIVE).select_related("plan", "line"):
        facts = _facts(force, day, None) | {"most": most}
        with connection.cursor() as cursor:
            cursor.execute(WANTED, facts)
            cursor.execute("ANALYZE wanted_coverage")
            cursor.execute(DIFFERENCES, facts)
            found.extend(Disagreement(*row) for row in cursor.fetchall())
            cursor.execute("DROP TABLE wanted_coverage")
    return found[:most]


def gaps(*, force, day):
    """(territory id, role) of those that nobody holds on `day`, though the force fills that role."""
    held = engine.on(day, holders_of(force))
    territories = Territory.objects.filter(force=force).values_list("pk", flat=True)
    return [(pk, role) for pk in territories for role in force.roles if (pk, role) not in held]


def uncovered(*, force, accounts, day):
    """Those of `accounts` (a queryset) that nobody covers on `day` in one of the roles of `force`."""
    covered = Coverage.objects.on(day).filter(line=force.line_id, account=OuterRef("pk"))
    nobody = Q()
    for role in force.roles:
        nobody |= ~Exists(covered.filter(role=role))
    return accounts.filter(nobody)


def fill_gap(account_ids, line_id, role, day):
    """Coverage by hand has ended: whoever leads the accounts' territory covers them from `day` on."""
    filled_by = Force.objects.filter(plan__status=Plan.Status.ACTIVE, line=line_id, roles__contains=[role])
    for force in filled_by.select_related("plan", "line"):
        write_coverage(force=force, day=day, account_ids=account_ids)
