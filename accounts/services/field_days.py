"""How one's own days in the field run."""

from django.db import transaction

from accounts.models import FieldDay
from salesorg.lib.db import write


@transaction.atomic
def set_field_day(*, actor, **facts):
    """Write `facts` to the actor's FieldDay, which is made when there is none. Returns it."""
    row = FieldDay.objects.select_for_update().get_or_create(user=actor)[0]
    return write(row, facts)
