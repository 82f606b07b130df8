"""Who works on a deal, with what share, and from when: what pay reads."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F
from django.utils.translation import gettext as _

from pipeline.models import Deal, DealMember
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership, User, organisation
from salesorg.people.roles import LEADERS, SELLERS, Role


@dataclass(frozen=True, slots=True)
class Share:
    """One person's part in a deal; shares are basis points (10,000 = 100 %)."""

    user: User
    role: Role
    revenue: int
    overlay: int = 0


@transaction.atomic
def set_members(*, deal, shares, actor, today=None, seen=None):
    """From today `shares` are the people on `deal`; what was before stays in its days. Returns the members.

    `seen` is what `standing_of` said when whoever changes them began. Raises DomainError when that is no longer so, the
    revenue shares do not add up to exactly 100 %, somebody stands there twice in one role, the owner is left out, or the
    deal is closed.
    """
    today = today or organisation().today()
    deal = Deal.objects.select_for_update().get(pk=deal.pk)
    there = list(deal.members.on(today).select_related("user"))
    if seen is not None and seen != standing_of(there):
        raise DomainError(
            _("Somebody has changed the shares meanwhile; they are now %(now)s. Yours are below: save again to replace them.")
            % {"now": ", ".join(f"{member.user} {Decimal(member.revenue_share) / 100:f} %" for member in there)}
        )
    _check(deal, shares)
    wanted = {(share.user.pk, share.role): share for share in shares}
    for member in there:
        share = wanted.pop((member.user_id, member.role), None)
        if share and (share.revenue, share.overlay) == (member.revenue_share, member.overlay_share):
            continue
        if share:
            wanted[member.user_id, member.role] = share
        _end(member, today)
    for share in wanted.values():
        begin_share(deal, share, today)
    return deal.members.on(today)


def standing_of(members):
    """Who works on a deal with what share, as one line to compare."""
    return " ".join(sorted(f"{each.user_id}:{each.role}:{each.revenue_share}:{each.overlay_share}" for each in members))


def _check(deal, shares):
    if not deal.is_open:
        raise DomainError(_("The shares of a closed deal are settled. Reopen it first."))
    if len({(share.user.pk, share.role) for share in shares}) < len(shares):
        raise DomainError(_("A person can stand here only once in the same role."))
    if deal.owner_id not in {share.user.pk for share in shares}:
        raise DomainError(_("The owner works on the deal too: keep %(owner)s in the list.") % {"owner": deal.owner})
    if any(not 0 <= share.revenue <= DealMember.WHOLE or not 0 <= share.overlay <= DealMember.WHOLE for share in shares):
        raise DomainError(_("A share lies between 0 and 100 %."))
    if sum(share.revenue for share in shares) != DealMember.WHOLE:
        raise DomainError(_("The revenue shares must add up to exactly 100 %."))


def _end(member, today):
    """The member's last day was yesterday; one who began today leaves no trace in pay."""
    if member.during.lower >= today:
        member.delete()
    else:
        member.during = DateRange(member.during.lower, today)
        member.save(update_fields=["during"])


def begin_share(deal, share, today):
    DealMember.objects.create(
        deal=deal,
        user=share.user,
        role=share.role,
        revenue_share=share.revenue,
        overlay_share=share.overlay,
        during=DateRange(today, None),
    )


def first_member(deal, today):
    """The owner of a new deal has the whole of its revenue."""
    begin_share(deal, Share(deal.owner, role_of(deal.owner_id, today), DealMember.WHOLE), today)


def role_of(user_id, today):
    """The role in which a person works on deals: selling before leading, else as an account executive."""
    held = set(Membership.objects.on(today).filter(user_id=user_id).values_list("role", flat=True))
    return min(held & SELLERS, default=None) or min(held & LEADERS, default=Role.AE)


def members_follow(deals, owner, today):
    """What the owners of `deals` held passes to `owner` from today, in a fixed number of queries."""
    current = DealMember.objects.on(today).filter(deal__in=deals)
    leaving = list(current.filter(user_id=F("deal__owner_id")).order_by("pk"))
    staying = {member.deal_id: member for member in current.filter(user=owner).order_by("-pk")}
    role = role_of(owner.pk, today)
    gained = {}
    for member in leaving:
        new = gained.setdefault(member.deal_id, DealMember(deal_id=member.deal_id, user=owner, role=role))
        new.during = DateRange(today, None)
        new.revenue_share += member.revenue_share
        new.overlay_share += member.overlay_share
    for deal_id, new in gained.items():
        if had := staying.get(deal_id):  # already on the deal: one row with both shares, in the role held there
            new.role = had.role
            new.revenue_share += had.revenue_share
            new.overlay_share = min(new.overlay_share + had.overlay_share, DealMember.WHOLE)
            leaving.append(had)
    started_today = [member.pk for member in leaving if member.during.lower >= today]
    ended = [member for member in leaving if member.during.lower < today]
    for member in ended:
        member.during = DateRange(member.during.lower, today)
    DealMember.objects.filter(pk__in=started_today).delete()
    DealMember.objects.bulk_update(ended, ["during"], batch_size=1000)
    DealMember.objects.bulk_create(gained.values(), batch_size=1000)
