"""Who fits a role on a deal, and why: from what they cover, what they sold before, and where they sit."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Coverage
from salesorg.people.models import Membership, User
from salesorg.people.roles import LEADERS, SELLERS, Role
from salesorg.people.working import away_on
from territories.models import Placement, Seat

from .models import DealMember

# Who is brought onto a deal, in the order they are offered: those who advise first, then those who sell beside the owner.
BROUGHT_IN = (
    Role.SPECIALIST,
    Role.TECHNICIAN,
    Role.AE,
    Role.CSM,
    Role.INSIDE,
    *sorted(SELLERS - {Role.SPECIALIST, Role.AE, Role.CSM}),
)
SHOWN = 6
# What counts for more: the account is theirs, their patch holds it, they know the product, they sit beside the owner.
COVERS, SEATED, KNOWS, SAME_TEAM = 100, 50, 10, 5
KNOWS_AT_MOST = 30


@dataclass(slots=True)
class Candidate:
    """Somebody who holds the role, with what speaks for them, in words."""

    person: User
    weight: int = 0
    reasons: list = field(default_factory=list)
    busy: int = 0  # open deals of others on which they work
    away: object = None  # the Absence of today

    def say(self, weight, words):
        self.weight += weight
        self.reasons.append(words)


def candidates(deal, role, viewer):
    """The Candidates for `role` on `deal` whom `viewer` may see, the fittest first: at most SHOWN."""
    day = viewer.today
    on_it = DealMember.objects.on(day).filter(deal=deal).values("user")
    people = User.objects.visible_to(viewer).working().with_role([role], day).exclude(pk__in=on_it).exclude(pk=deal.owner_id)
    found = {person.pk: Candidate(person) for person in people}
    _who_cover(found, deal, role, day)
    _who_hold_its_seat(found, deal, role, day)
    _who_know_the_product(found, deal)
    _who_sit_beside(found, deal, day)
    busy = DealMember.objects.on(day).filter(user__in=found, deal__status="open").exclude(deal__owner=F("user"))
    for person, count in busy.values_list("user").annotate(Count("deal", distinct=True)):
        found[person].busy = count
    best = sorted(found.values(), key=lambda each: (-each.weight, each.busy, each.person.name))[:SHOWN]
    for person, absence in away_on([each.person.pk for each in best], day).items():
        found[person].away = absence
    return best


def _who_cover(found, deal, role, day):
    covering = Coverage.objects.on(day).filter(account=deal.account_id, user__in=found, role=role).select_related("line")
    for row in covering:
        found[row.user_id].say(COVERS, _("covers the account: %(line)s") % {"line": row.line})


def _who_hold_its_seat(found, deal, role, day):
    placed = Placement.objects.on(day).filter(account=deal.account_id, force__plan__status="active").values("territory")
    seats = Seat.objects.on(day).filter(territory__in=placed, role=role, user__in=found).select_related("territory")
    for seat in seats:
        found[seat.user_id].say(SEATED, _("works the territory %(name)s") % {"name": seat.territory})


def _who_know_the_product(found, deal):
    if deal.product_id is None:
        return
    with_it = DealMember.objects.filter(user__in=found, deal__product=deal.product_id).order_by()
    figures = {"deals": Count("deal", distinct=True), "won": Count("deal", distinct=True, filter=Q(deal__status="won"))}
    for row in with_it.values("user").annotate(**figures):
        words = ngettext(
            "%(count)d deal with %(product)s, %(won)d won", "%(count)d deals with %(product)s, %(won)d won", row["deals"]
        )
        weight = min(KNOWS + row["won"], KNOWS_AT_MOST)
        found[row["user"]].say(weight, words % {"count": row["deals"], "product": deal.product, "won": row["won"]})


def _who_sit_beside(found, deal, day):
    theirs = Membership.objects.on(day).exclude(role__in=LEADERS)
    teams = theirs.filter(user=deal.owner_id).values("team")
    shared = defaultdict(set)
    for membership in theirs.filter(user__in=found, team__in=teams).select_related("team"):
        shared[membership.user_id].add(str(membership.team))
    for person, names in shared.items():
        found[person].say(SAME_TEAM, _("in team %(team)s too") % {"team": min(names)})
