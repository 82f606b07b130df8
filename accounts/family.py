"""The companies that belong together: parents, siblings and subsidiaries of an account, as far as a person may see them."""

from dataclasses import dataclass

from django.db import connection

from .models import Account

MOST = 300  # accounts of one family; a larger one is shown in part

# Up to the top and down from there; UNION and not UNION ALL, so that even a circle would come to an end.
FAMILY = """
WITH RECURSIVE above(id, parent_id) AS (
    SELECT id, parent_id FROM accounts_account WHERE id = %s
    UNION SELECT a.id, a.parent_id FROM accounts_account a JOIN above ON a.id = above.parent_id
), family(id) AS (
    SELECT id FROM above
    UNION SELECT a.id FROM accounts_account a JOIN family ON a.parent_id = family.id
)
SELECT id FROM family LIMIT %s
"""


@dataclass(frozen=True)
class Member:
    account: Account
    depth: int


def family_of(user, account):
    """[Member] from the top down, each followed by its subsidiaries by name; `account` is among them.

    A hidden company neither appears nor joins others: what is only connected through it is left out, so that the tree
    does not tell what the person may not know.
    """
    with connection.cursor() as cursor:
        cursor.execute(FAMILY, [account.pk, MOST])
        ids = [pk for (pk,) in cursor.fetchall()]
    seen = Account.objects.visible_to(user).filter(pk__in=ids).order_by("name", "pk")
    members = {each.pk: each for each in seen}
    top = members.get(account.pk, account)
    passed = {top.pk}
    while top.parent_id in members and top.parent_id not in passed:
        top = members[top.parent_id]
        passed.add(top.pk)
    below = {}
    for each in members.values():
        below.setdefault(each.parent_id, []).append(each)
    return list(_down(top, below, 0, set()))


def _down(account, below, depth, passed):
    if account.pk in passed:
        return
    passed.add(account.pk)
    yield Member(account, depth)
    for each in below.get(account.pk, ()):
        yield from _down(each, below, depth + 1, passed)
