"""Plans, forces, territories and seats: what accounts are placed into."""

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError
from salesorg.people.services.leaving import hold_colleague

from ..models import Belonging, Force, Plan, Seat, Territory
from ..placement import one_wins, write_coverage
from .affected import accounts_under


@transaction.atomic
def create_plan(*, name, active_from, actor):
    """A plan that is active from the first day on. There is one active plan."""
    if Plan.objects.filter(status=Plan.Status.ACTIVE).exists():
        raise DomainError(_("There is an active plan already."))
    return Plan.objects.create(name=name, status=Plan.Status.ACTIVE, active_from=active_from)


@transaction.atomic
def create_force(*, plan, name, division, line, roles, actor):
    """A group of sellers that fills `roles` of `line`."""
    return Force.objects.create(plan=plan, name=name, division=division, line=line, roles=[int(role) for role in roles])


@transaction.atomic
def create_territory(*, force, name, actor, parent=None):
    """A territory of `force`, within `parent`."""
    if parent is not None and parent.force_id != force.pk:
        raise DomainError(_("%(parent)s belongs to another force.") % {"parent": parent}, fields=["parent"])
    return Territory.objects.create(force=force, name=name, parent=parent)


@one_wins()
@transaction.atomic
def open_seat(*, territory, role, from_day, actor, user=None, until=None, is_lead=True):
    """A seat in `territory` from a day on, vacant without `user`. Whoever leads covers its accounts from that day."""
    if role not in territory.force.roles:
        raise DomainError(_("%(force)s has no such role.") % {"force": territory.force}, fields=["role"])
    during = DateRange(from_day, until)
    if is_lead and Seat.objects.filter(territory=territory, role=role, is_lead=True, during__overlap=during).exists():
        raise DomainError(
            _("%(territory)s already has a lead in this role at that time.") % {"territory": territory}, fields=["role"]
        )
    if user:
        hold_colleague(user, field="user")
    seat = Seat.objects.create(territory=territory, role=role, user=user, during=during, is_lead=is_lead)
    if is_lead and user:
        write_coverage(force=territory.force, day=from_day, account_ids=accounts_under(territory, from_day))
    return seat


def tree_of(force_id):
    """The name of the lock under which the territories of a force are moved."""
    return f"territories.tree.{force_id}"


@transaction.atomic
def apply_moves_due(*, day, actor=None):
    """Make `Territory.parent` say what was planned for `day`. Returns how many territories moved."""
    for force in Force.objects.filter(plan__status=Plan.Status.ACTIVE).order_by("pk"):
        lock_until_commit(tree_of(force.pk))  # somebody who moves one of them now is waited for, or waits
    due = Belonging.objects.on(day).select_related("territory")
    moved = [each for each in due if each.territory.parent_id != each.parent_id]
    for belonging in moved:
        belonging.territory.parent_id = belonging.parent_id
        belonging.territory.save(update_fields=["parent"])
    return len(moved)
