"""The demo's specialists: whom account executives brought onto their deals, with which credit, and what still asks for one."""

from django.utils.translation import gettext as _

from pipeline.models import Deal
from pipeline.services import ask_for, bring_in
from pipeline.services.joining_mail import MAIL
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.acting import acting
from salesorg.people.roles import Role

ADVISED = 3  # of the largest deals of each account executive of the pod
OVERLAY = 2_000  # basis points beside the whole
SPLIT = 3_000  # of the owner's share, for the second seller of one deal
QUESTION = "They want to run three lines at once. Can you come to the demo next week and show them how?"


def fill_specialists(people):
    """What `people` {key: User} of the demo do on each other's deals."""
    for key, other in (("rita", "sam"), ("sam", "rita")):
        owner = people[key]
        deals = list(Deal.objects.open().filter(owner=owner, product__isnull=False).order_by("-amount", "pk")[: ADVISED + 1])
        with acting(owner, "demo"):
            for deal in deals[:ADVISED]:
                bring_in(deal=deal, person=people["pia"], role=Role.SPECIALIST, overlay=OVERLAY, actor=owner)
            for deal in deals[:1]:
                bring_in(deal=deal, person=people[other], role=Role.AE, revenue=SPLIT, actor=owner)
                bring_in(deal=deal, person=people["theo"], role=Role.TECHNICIAN, actor=owner)
            for deal in deals[ADVISED:]:
                ask_for(deal=deal, role=Role.SPECIALIST, question=_(QUESTION), actor=owner)
    OutboxMessage.objects.filter(topic=MAIL).delete()  # a demo mails nobody about what it made up
