"""Which territories a person may reassign: operations all, a leader those whose people are all the leader's own."""

from salesorg.people.roles import Action

from . import engine
from .placement import holders_of, parents_of


def reach(user, force, parents=None, found=None):
    """Ids of the territories of `force` that `user` may reassign; `parents` and `found` (Holders) if the caller has them."""
    if not user.may(Action.REASSIGN):
        return set()
    parents = parents_of(force) if parents is None else parents
    if user.scope.sees_all_accounts:
        return set(parents)
    own = {pk: set() for pk in parents}
    for (territory, _role), holder in engine.on(user.today, holders_of(force, parents) if found is None else found).items():
        if holder.seat_of == territory:
            for each in engine.upwards(territory, parents):
                own[each].add(holder.user)
    return {pk for pk in parents if _people_of(pk, own, parents) and _people_of(pk, own, parents) <= user.scope.account_people}


def _people_of(territory, own, parents):
    """Everybody who leads it or anything below it; of one that nobody leads, those of the nearest above that has some."""
    return next((own[each] for each in engine.upwards(territory, parents) if own[each]), set())
