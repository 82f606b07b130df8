"""The triggers that keep ContactDue true on every path: one statement each, whatever the number of rows."""

import pgtrigger

_COUNTS = "done_at IS NOT NULL AND kind IN ('visit', 'call') AND outcome <> 'not_there'"
_DAY = "(max(done_at) AT TIME ZONE COALESCE((SELECT time_zone FROM people_organisation WHERE id = 1), 'UTC'))::date"

DONE = f"""
UPDATE accounts_contactdue due SET last_on = done.day
FROM (SELECT account_id, kind, {_DAY} AS day FROM new_rows WHERE {_COUNTS} GROUP BY account_id, kind) done
WHERE due.account_id = done.account_id AND due.kind = done.kind AND (due.last_on IS NULL OR due.last_on < done.day);
RETURN NULL;
"""
# Locked first and read after, in two statements: the second then sees what others have committed while the first waited.
AGAIN = """
PERFORM 1 FROM accounts_contactdue due
WHERE (due.account_id, due.kind) IN ({changed}) ORDER BY due.id FOR UPDATE;
UPDATE accounts_contactdue due SET last_on = (
    SELECT {day} FROM accounts_activity a WHERE a.account_id = due.account_id AND a.kind = due.kind AND {counts}
) WHERE (due.account_id, due.kind) IN ({changed});
RETURN NULL;
"""
_CHANGED = """
SELECT either.account_id, either.kind FROM old_rows was JOIN new_rows is_now ON is_now.id = was.id,
LATERAL (VALUES (was.account_id, was.kind), (is_now.account_id, is_now.kind)) either(account_id, kind)
WHERE (was.account_id, was.kind, was.done_at, was.outcome) IS DISTINCT FROM
      (is_now.account_id, is_now.kind, is_now.done_at, is_now.outcome)
"""
_DELETED = "SELECT account_id, kind FROM old_rows"
KNOWN = """
INSERT INTO accounts_contactdue (account_id, kind, since)
SELECT id, kind, created_at::date FROM new_rows, (VALUES ('visit'), ('call')) kinds(kind) ON CONFLICT DO NOTHING;
RETURN NULL;
"""
GONE = """
DELETE FROM accounts_contactdue USING old_rows WHERE account_id = old_rows.id;
DELETE FROM accounts_cadenceplan USING old_rows WHERE account_id = old_rows.id;
RETURN NULL;
"""


def _after(name, operation, func, **rows):
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**rows),
        func=func,
    )


def keeps_contact_due():
    """Triggers of Activity."""
    again = {"day": _DAY, "counts": _COUNTS}
    return [
        _after("contact_done", pgtrigger.Insert, DONE, new="new_rows"),
        _after("contact_changed", pgtrigger.Update, AGAIN.format(changed=_CHANGED, **again), old="old_rows", new="new_rows"),
        _after("contact_gone", pgtrigger.Delete, AGAIN.format(changed=_DELETED, **again), old="old_rows"),
    ]


def has_contact_due():
    """Triggers of Account."""
    return [
        _after("contact_due", pgtrigger.Insert, KNOWN, new="new_rows"),
        _after("contact_due_gone", pgtrigger.Delete, GONE, old="old_rows"),
    ]
