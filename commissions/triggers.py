"""The triggers that keep what was credited, posted, signed and issued exactly as it was."""

import pgtrigger


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


def frozen_once(name, condition):
    """Triggers for `Meta.triggers`: a row for which `condition` (a Q on the old row) held cannot be changed or removed."""
    return [pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete, condition=condition)]
