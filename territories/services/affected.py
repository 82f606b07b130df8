"""Which accounts a change touches, and who covers them before and after."""

from accounts.models import Account, Coverage

from ..models import Belonging, Placement, Territory


def below(territory, day):
    """Ids of `territory` and of every territory that is part of it on `day` or later."""
    children = {}
    for pk, parent in Territory.objects.filter(force=territory.force).values_list("pk", "parent_id"):
        children.setdefault(parent, set()).add(pk)
    for pk, parent in (
        Belonging.objects.from_day(day).filter(territory__force=territory.force).values_list("territory_id", "parent_id")
    ):
        children.setdefault(parent, set()).add(pk)
    found, waiting = set(), [territory.pk]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(children.get(each, ()))
    return found


def accounts_under(territory, day):
    """Ids of the accounts that lie in `territory` or below it on `day` or later."""
    placed = Placement.objects.from_day(day).filter(territory__in=below(territory, day))
    return list(placed.values_list("account_id", flat=True).distinct())


def lock_accounts(account_ids):
    """One at a time changes who covers these accounts; taken in one order, so that nobody waits for each other."""
    locked = Account.objects.filter(pk__in=account_ids).order_by("pk").select_for_update(no_key=True)
    list(locked.values_list("pk"))


def covering(force, account_ids, day):
    """{(account id, role): user id} of whoever covers for `force` on `day`."""
    rows = Coverage.objects.on(day).filter(account_id__in=account_ids, line=force.line_id, role__in=force.roles)
    return {(account, role): user for account, role, user in rows.values_list("account_id", "role", "user_id")}
