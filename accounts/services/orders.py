"""Orders a customer gives on the spot, kept as a task at the account for whoever covers it first."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Activity, Coverage

from .activities import plan_activity

LONGEST_SUBJECT = 200


@transaction.atomic
def request_order(*, account, what, actor, client_id=None, wanted_on=None, day=None):
    """Ask whoever is the first contact of `account` (else the actor) to enter an order. Idempotent like log_activity.

    It is due on `day` (today unless told): an order waits for nobody, whenever it is wanted. Returns the task.
    """
    first = " ".join(what.split("\n", 1)[0].split())
    subject = (_("Order: %(what)s") % {"what": first})[:LONGEST_SUBJECT]
    note = what if wanted_on is None else _("Wanted by %(day)s") % {"day": f"{wanted_on:%Y-%m-%d}"} + "\n" + what
    taker = Coverage.objects.on(actor.today).filter(account=account).order_by("-is_first_contact", "pk").first()
    return plan_activity(
        account=account,
        kind=Activity.Kind.TASK,
        due_on=day or actor.today,
        subject=subject,
        note=note,
        user=taker.user if taker else actor,
        client_id=client_id,
        actor=actor,
    )
