"""Deals that are offered to be accepted: each can be accepted once, so as many as are wanted are offered before."""

from django.urls import reverse
from django.utils import timezone

from pipeline.models import Deal, Handoff
from pipeline.services import offer_handoff
from pipeline.services.handoffs import roles_of
from pipeline.services.packages import package_between
from salesorg.lib.acting import acting
from salesorg.people.models import Membership, User, organisation
from salesorg.people.roles import Role

RECEIVERS = 12  # people who accept
ANSWERS = {"yes": True, "date": "2027-01-31", "number": "1"}  # of the questions that are not answered in words


def offers(count):
    """[(receiver, address at which the offer is accepted)] of `count` deals, each offered by its owner to a colleague.

    The pod of the first account executive hands nothing over: its accounts and deals are measured meanwhile.
    """
    day = organisation().today()
    executives = User.objects.working().with_role([Role.AE], day).order_by("pk")
    pod = Membership.objects.on(day).filter(user=executives.first()).values("team")
    people = list(executives.exclude(memberships__team__in=pod)[:RECEIVERS])
    if len(people) < 2:
        return []
    deals = Deal.objects.open().filter(owner__in=people).exclude(pk__in=Handoff.objects.waiting().values("deal"))
    found = []
    with acting(None, "benchmark"):
        for number, deal in enumerate(deals.select_related("owner", "stage").order_by("stage_since", "pk")[:count]):
            others = [person for person in people if person.pk != deal.owner_id]
            to = others[number % len(others)]
            answers = answered(package_between(roles_of(deal)[0], Role.AE))
            handoff = offer_handoff(deal=deal, to=to, to_role=Role.AE, package=answers, actor=deal.owner, now=timezone.now())
            found.append((to, reverse("pipeline:handoff_accept", args=[handoff.pk])))
    return found


def answered(version):
    """An answer to every question of a package."""
    return {each.key: each.choices[0] if each.kind == "choice" else ANSWERS.get(each.kind, "Measured") for each in version.fields}
