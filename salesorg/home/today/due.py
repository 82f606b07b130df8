"""What is due besides the visits: calls, mails and tasks that were planned, the next steps of deals, handoffs nobody answered."""

from django.utils import timezone

from accounts.models import Activity
from pipeline.models import Deal, Handoff, ProposalVersion
from pipeline.services.approvals import waiting_filter
from salesorg.people.querysets import people_led_by

from .visits import FIELD_KINDS

LONGEST_LIST = 20  # rows; the rest is one link away


def due_otherwise(user, day):
    """What `user` planned for `day` or earlier, has not done and need not go anywhere for, the oldest first."""
    planned = Activity.objects.visible_to(user, few=True).planned().filter(user=user, due_on__lte=day)
    return planned.exclude(kind__in=FIELD_KINDS).select_related("account").order_by("due_on", "pk")[:LONGEST_LIST]


def due_next_steps(user, day):
    """Open deals of `user` whose next step is due on `day` or was earlier, the oldest first."""
    due = Deal.objects.visible_to(user).open().filter(owner=user, next_step_on__lte=day)
    return due.select_related("account", "stage").order_by("next_step_on", "pk")[:LONGEST_LIST]


def handoffs_unanswered(user):
    """What the people that `user` leads have left unanswered for too long."""
    theirs = Handoff.objects.visible_to(user).overdue(timezone.now()).filter(taker__in=people_led_by(user)).exclude(taker=user)
    return theirs.for_people().left()[:LONGEST_LIST]


def discounts_to_approve(user):
    """Proposals of the people that `user` leads whose discount waits for a leader, the oldest first."""
    waiting = ProposalVersion.objects.visible_to(user).filter(waiting_filter(user))
    return waiting.select_related("proposal", "deal__account", "author").order_by("pk")[:LONGEST_LIST]
