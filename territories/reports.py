"""What the territory pages show: the tree of a force with its people, gaps and numbers of accounts."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count

from accounts.models import Account
from salesorg.people.models import User
from salesorg.people.roles import Role

from . import engine
from .models import Placement, Seat, Territory
from .placement import holders_of
from .reach import reach


@dataclass
class Node:
    """One territory of the tree as it is on a day. `total` counts the accounts in it and in everything below it."""

    territory: Territory
    depth: int  # as it is shown: at most 5
    holders: list = field(default_factory=list)  # (role label, person or None, the territory above that lends them or None)
    vacant: list = field(default_factory=list)  # labels of the roles whose own lead seat is empty
    gaps: list = field(default_factory=list)  # labels of the roles that nobody holds
    accounts: int = 0
    total: int = 0
    may_reassign: bool = False


def tree(*, force, user, day):
    """The Nodes of `force`, each parent before its children, with the numbers of accounts that `user` may see."""
    territories = {each.pk: each for each in Territory.objects.visible_to(user).filter(force=force)}
    parents = {pk: each.parent_id for pk, each in territories.items()}
    found = holders_of(force, parents)
    held, reachable = engine.on(day, found), reach(user, force, parents, found)
    people = User.objects.in_bulk({holder.user for holder in held.values()})
    own_leads = set(Seat.objects.on(day).filter(territory__force=force, is_lead=True, user=None).values_list("territory", "role"))
    placed = Placement.objects.visible_to(user).on(day).filter(force=force)
    counts = Counter(dict(placed.order_by().values_list("territory").annotate(Count("pk"))))
    children = {}
    for each in territories.values():
        children.setdefault(each.parent_id, []).append(each)

    nodes = []

    def add(territory, depth):
        node = Node(territory, min(depth, 5), accounts=counts[territory.pk], may_reassign=territory.pk in reachable)
        for role in force.roles:
            holder, label = held.get((territory.pk, role)), Role(role).label
            if (territory.pk, role) in own_leads:
                node.vacant.append(label)
            if holder is None:
                node.gaps.append(label)
            else:
                lent_by = None if holder.seat_of == territory.pk else territories[holder.seat_of]
                node.holders.append((label, people[holder.user], lent_by))
        nodes.append(node)
        node.total = node.accounts + sum(add(child, depth + 1) for child in children.get(territory.pk, ()))
        return node.total

    for top in children.get(None, ()):
        add(top, 0)
    for node in nodes:  # a region that holds no accounts itself, only territories that do, needs nobody of its own
        if not node.accounts and children.get(node.territory.pk):
            node.gaps = []
    return nodes


def described(result):
    """A Reassignment in names: who gives how many accounts to whom, and the first accounts with before and after."""
    people = User.objects.in_bulk({pk for each in result.successions for pk in (each.giver_id, each.taker_id) if pk})
    first = result.successions[:10]
    accounts = Account.objects.in_bulk([each.account_id for each in first])
    return {
        "result": result,
        "pairs": [(people.get(giver), people.get(taker), count) for (giver, taker), count in result.pairs],
        "first": [(accounts[each.account_id], people.get(each.giver_id), people.get(each.taker_id)) for each in first],
        "more": max(0, len(result.successions) - len(first)),
        "following": [(label, count) for label, count in result.following.items() if count],
    }
