"""Companies and the people at them: creating and changing."""

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, Coverage, CoverageLine
from salesorg.lib.db import lock_until_commit, write
from salesorg.lib.errors import DomainError
from salesorg.people.roles import SELLERS

from .duplicates import sentence_about_hidden


@transaction.atomic
def create_account(*, actor, another_company=False, day=None, **fields):
    """Create an account; whoever does not see every account covers it from `day` (today), else it would vanish from view.

    One that came by itself (`actor` is None) is covered by nobody yet.

    Raises DomainError when an account like it exists, unless `another_company` says that it is a different one.
    """
    if not another_company:
        lock_until_commit("accounts.new")  # two at once, or one who clicked twice, would each find none like it
        refuse_duplicate(fields["name"], fields.get("domain", ""), actor)
    if fields.get("potential") is not None and not fields.get("potential_on"):
        fields["potential_on"] = actor.today
    account = Account.objects.create(**fields)
    roles = actor.scope.roles & SELLERS or actor.scope.roles if actor else ()
    if roles and not actor.scope.sees_all_accounts:
        Coverage.objects.create(
            account=account,
            line=CoverageLine.objects.get(code=CoverageLine.NEW_BUSINESS),
            role=min(roles),
            user=actor,
            during=DateRange(day or actor.today, None),
            source=Coverage.Source.MANUAL,
            reason=_("created by %(name)s") % {"name": actor.name},
            is_first_contact=True,
        )
    return account


def refuse_duplicate(name, domain, actor):
    """Raise DomainError when an account of this name or domain exists, visible to `actor` or not.

    Of a hidden one it says only which team covers it.
    """
    twin = Account.objects.alike(name, domain).first()
    if twin is None:
        return
    if Account.objects.visible_to(actor).filter(pk=twin.pk).exists():
        raise DomainError(
            _("%(name)s exists already. Open it instead, or say that this is another company.") % {"name": twin.name},
            fields=["name"],
        )
    raise DomainError(sentence_about_hidden(twin, actor), fields=["name"])


@transaction.atomic
def change_account(*, account, actor, **changes):
    """Write `changes` to the account; other columns stay as they are in the database."""
    if changes.get("parent") is not None:
        _refuse_parent_cycle(account, changes["parent"])
    if "potential" in changes:
        changes |= _estimated(account, changes, actor)
    return write(account, changes)


def _estimated(account, changes, actor):
    """The day of an estimate goes with it: a new figure is of today unless its day was said too, without one there is no day."""
    was = Account.objects.values("potential", "potential_on").get(pk=account.pk)
    day = changes.get("potential_on")
    if changes["potential"] is None:
        return {"potential_on": None}
    if day is None or (changes["potential"] != was["potential"] and day == was["potential_on"]):
        return {"potential_on": actor.today}
    return {}


def _refuse_parent_cycle(account, parent):
    lock_until_commit("accounts.parents")  # two people could otherwise each make one half of a cycle
    seen, above = {account.pk}, parent.pk
    while above is not None:
        if above in seen:
            raise DomainError(
                _("%(parent)s already belongs to %(account)s, so it cannot also be its parent.")
                % {"parent": parent, "account": account},
                fields=["parent"],
            )
        seen.add(above)
        above = parent_id_of(above)


def parent_id_of(pk):
    """The key of what the account `pk` belongs to, or None. Raises DomainError when it was merged away meanwhile."""
    try:
        return Account.objects.values_list("parent_id", flat=True).get(pk=pk)
    except Account.DoesNotExist:
        raise DomainError(
            _("The parent is gone: somebody has merged it meanwhile. Choose it again."), fields=["parent"]
        ) from None


@transaction.atomic
def add_contact(*, account, actor, **fields):
    """Add a person at the account. Raises DomainError when exactly this person already stands there."""
    lock_until_commit(f"accounts.contacts {account.pk}")  # whoever clicked twice would find none both times
    if Contact.objects.filter(account=account, **fields).exists():
        raise DomainError(_("%(name)s stands here already, with all that you typed.") % fields, fields=["name"])
    return Contact.objects.create(account=account, **fields)


@transaction.atomic
def change_contact(*, contact, actor, **changes):
    """Write `changes` to the contact."""
    return write(contact, changes)
