"""The triggers that record every change of a model's rows, count their versions, or keep rows as they are."""

import pgtrigger

RECORD = """
IF TG_OP = 'UPDATE' THEN
    SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, is_now -> key) INTO changed_from, changed_to
    FROM jsonb_each(was) WHERE value IS DISTINCT FROM is_now -> key;
    IF changed_from IS NULL THEN RETURN NULL; END IF;
END IF;
INSERT INTO audit_change ("at", "table", row_id, operation, before, after, actor_id, cause, context)
VALUES (
    clock_timestamp(), TG_TABLE_NAME, CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END, TG_OP, changed_from, changed_to,
    NULLIF(current_setting('salesorg.actor', true), '')::bigint,
    COALESCE(current_setting('salesorg.cause', true), ''),
    NULLIF(current_setting('salesorg.context', true), '')::uuid
);
RETURN NULL;
"""


class Record(pgtrigger.Trigger):
    """The recording trigger, which remembers the columns it leaves out for those who write or restore rows themselves."""

    def __init__(self, left_out, **options):
        super().__init__(**options)
        self.left_out = left_out


def recorded(*, left_out=()):
    """Triggers for `Meta.triggers`: keep every change of the model's rows, except of the columns `left_out`.

    A row that did not change leaves no trace. Bulk loads set `salesorg.history` to off for their transaction and
    write the history themselves (salesorg.audit.services.record_bulk).
    """
    left_out = ("version", *left_out)
    columns = "ARRAY[{}]".format(", ".join(f"'{column}'" for column in left_out))
    return [
        Record(
            left_out,
            name="record",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            condition=pgtrigger.Condition("current_setting('salesorg.history', true) IS DISTINCT FROM 'off'"),
            declare=[
                ("was", f"jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) - {columns} END"),
                ("is_now", f"jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) - {columns} END"),
                ("changed_from", "jsonb := was"),
                ("changed_to", "jsonb := is_now"),
            ],
            func=RECORD,
        )
    ]


def versioned():
    """Triggers for `Meta.triggers`: `version` goes up with every change, on any path, so that a stale save is seen."""
    return [
        pgtrigger.Trigger(
            name="count_version",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func="NEW.version := OLD.version + 1; RETURN NEW;",
        )
    ]


def append_only():
    """Triggers for `Meta.triggers`: rows are added, never changed or removed. What was wrong is corrected by another row."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="append_only_truncate",
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            func="RAISE EXCEPTION '% is append-only: it cannot be truncated', TG_TABLE_NAME;",
        ),
    ]
