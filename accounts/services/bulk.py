"""Changing many accounts at once: the same rules as for one, in a fixed number of statements."""

from django.contrib.postgres.fields import DateRangeField
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import DateField, Func, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import Account, Coverage, CoverageLine
from salesorg.lib.bulk import Plan
from salesorg.lib.db import lock_until_commit

from .accounts import parent_id_of

CHANGEABLE = ("lifecycle", "industry", "is_key_account", "parent")


def plan_account_changes(*, accounts, actor, cover=None, **facts):
    """The Plan of giving `facts` to `accounts` (rows), and of `cover` ({user, line, role, from_day, reason}) covering them."""
    above = _above(facts.get("parent"))
    has = _covered_so(accounts, cover) if cover else frozenset()
    plan = Plan()
    for account in accounts:
        if account.pk in above:
            words = {"parent": facts["parent"], "account": account}
            plan.refused.append((account, _("%(parent)s belongs to %(account)s, or is the same.") % words))
            continue
        before = {name: getattr(account, name) for name in facts if getattr(account, _column(name)) != _stored(facts[name])}
        if cover and account.pk not in has:
            before["covered_by"], account.covered_by = "", cover["user"]
        for name in before.keys() & facts.keys():
            setattr(account, name, facts[name])
        if before:
            plan.changes.append((account, before))
        else:
            plan.same += 1
    return plan


@transaction.atomic
def change_accounts(*, accounts, actor, cover=None, **facts):
    """Carry out plan_account_changes on `accounts` (a queryset). Returns the Plan as it was carried out."""
    if facts.keys() - set(CHANGEABLE):
        raise TypeError(f"Not a fact of accounts that can be given to many: {', '.join(sorted(facts))}")
    if facts.get("parent"):
        lock_until_commit("accounts.parents")  # as change_account: two at once could each make one half of a cycle
    ids = list(accounts.order_by("pk").values_list("pk", flat=True))
    # Locked alone and read again: a row found by a join with what has changed meanwhile would vanish.
    rows = list(Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))
    plan = plan_account_changes(accounts=rows, actor=actor, cover=cover, **facts)
    changed = [account.pk for account, before in plan.changes if before.keys() & facts.keys()]
    if changed:
        Account.objects.filter(pk__in=changed).update(**facts)
    if cover:
        _cover([account.pk for account, before in plan.changes if "covered_by" in before], **cover)
    return plan


def _column(name):
    return "parent_id" if name == "parent" else name


def _stored(value):
    return value.pk if isinstance(value, Account) else value


def _above(parent):
    """The ids of `parent` and all that it belongs to: none of them can become its subsidiary."""
    found, above = set(), parent and parent.pk
    while above is not None and above not in found:
        found.add(above)
        above = parent_id_of(above)
    return found


def _slot(ids, line, role):
    return Coverage.objects.filter(account_id__in=ids, line=line, role=role)


def _covered_so(accounts, cover):
    """Those that this very person covers so already, from the day on and without an end."""
    same = _slot([account.pk for account in accounts], cover["line"], cover["role"]).filter(user=cover["user"])
    open_ended = same.filter(during__contains=cover["from_day"], during__endswith__isnull=True)
    return set(open_ended.values_list("account_id", flat=True))


def _cover(ids, *, user, line, role, from_day, reason):
    """As set_coverage: whoever covered them before ends on the day, what was planned for later is dropped."""
    _slot(ids, line, role).filter(during__startswith__gte=from_day).delete()
    ends = Func(Lower("during"), Value(from_day, DateField()), function="daterange", output_field=DateRangeField())
    _slot(ids, line, role).from_day(from_day).update(during=ends)
    Coverage.objects.bulk_create(
        (
            Coverage(
                account_id=pk,
                line=line,
                role=role,
                user=user,
                during=DateRange(from_day, None),
                source=Coverage.Source.MANUAL,
                reason=reason,
                is_first_contact=line.code == CoverageLine.NEW_BUSINESS,
            )
            for pk in ids
        ),
        batch_size=1000,
    )
