"""The settings that the whole organisation shares."""

from django.db import transaction

from ..models import Organisation


@transaction.atomic
def change_organisation(*, actor, **changes):
    """Write `changes` (name, time_zone, currency, nightly_hour, asks_customers) to the one row. Returns it."""
    row = Organisation.objects.select_for_update().get(pk=1)
    for name, value in changes.items():
        setattr(row, name, value)
    row.full_clean()
    row.save(update_fields=list(changes))
    return row
