"""The triggers that keep what was credited, posted, signed and issued exactly as it was."""

import pgtrigger


def frozen_once(name, condition):
    """Triggers for `Meta.triggers`: a row for which `condition` (a Q on the old row) held cannot be changed or removed."""
    return [pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete, condition=condition)]
