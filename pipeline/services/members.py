"""Who works on a deal, with what share, and from when: what pay reads."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F
from django.utils.translation import gettext as _

from pipeline.models import Deal, DealMember
from pipeline.services.joining_mail import tell
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership, User, organisation
from salesorg.people.roles import LEADERS, SELLERS, Role
from salesorg.people.services.leaving import hold_colleague


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
    # Before the deal: who deactivates one of them holds the person first, and then asks for the deals.
    for person in sorted({share.user for share in shares}, key=lambda person: person.pk):
        hold_colleague(person, field="user")
    deal = Deal.objects.select_for_update().get(pk=deal.pk)
    there = list(deal.members.on(today).select_related("user"))
    if seen is not None and seen != standing_of(there):
        raise DomainError(
            _("Somebody has changed the shares meanwhile; they are now %(now)s. Yours are below: save again to replace them.")
            % {"now": ", ".join(f"{member.user} {Decimal(member.revenue_share) / 100:f}%" for member in there)}
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


@transaction.atomic
def bring_in(*, deal, person, role, actor, revenue=0, overlay=0, today=None):
    """From today `person` works on `deal` in `role`: with `revenue` of the owner's share, and `overlay` beside the whole.

    Both are basis points, and both may be none. Returns the member. Raises DomainError, naming the field, for somebody who
    works on it already or has left, when the owner has less to give, and for a deal that is closed.
    """
    today = today or organisation().today()
    person = hold_colleague(person, field="person")  # before the deal, as above
    deal = Deal.objects.select_for_update().get(pk=deal.pk)
    _check_open(deal)
    if deal.members.on(today).filter(user=person).exists():
        raise DomainError(
            _("%(name)s works on this deal already. Change the shares instead.") % {"name": person}, fields=["person"]
        )
    if not Membership.objects.on(today).filter(user=person, role=role).exists():
        words = {"name": person, "role": Role(role).label}
        raise DomainError(_("%(name)s does not hold the role %(role)s today.") % words, fields=["person"])
    if not 0 <= overlay <= DealMember.WHOLE:
        raise DomainError(_("A share lies between 0 and 100%."), fields=["percent"])
    if revenue:
        _take_from_owner(deal, revenue, today)
    member = begin_share(deal, Share(person, Role(role), revenue, overlay), today)
    tell(member, actor)
    return member


def _take_from_owner(deal, revenue, today):
    """The owner has `revenue` less from today. Raises DomainError when there is not so much."""
    own = deal.members.on(today).filter(user=deal.owner_id).order_by("-revenue_share", "pk").first()
    there = own.revenue_share if own else 0
    if not 0 < revenue <= there:
        words = {"owner": deal.owner, "share": f"{Decimal(there) / 100:f}"}
        raise DomainError(_("%(owner)s holds %(share)s%% and can give away no more than that.") % words, fields=["percent"])
    _end(own, today)
    begin_share(deal, Share(deal.owner, Role(own.role), there - revenue, own.overlay_share), today)


@transaction.atomic
def leave_deal(*, deal, person, actor, today=None):
    """`person` works on `deal` no longer from today; their part of the revenue goes back to the owner. Returns the deal.

    Raises DomainError for the owner, for somebody who does not work on it, and for a deal that is closed.
    """
    today = today or organisation().today()
    deal = Deal.objects.select_for_update().get(pk=deal.pk)
    _check_open(deal)
    if deal.owner_id == person.pk:
        raise DomainError(_("%(owner)s owns this deal. Change the owner first.") % {"owner": deal.owner})
    leaving = list(deal.members.on(today).filter(user=person))
    if not leaving:
        raise DomainError(_("%(name)s does not work on this deal.") % {"name": person})
    for member in leaving:
        _end(member, today)
    if back := sum(member.revenue_share for member in leaving):
        _give_back(deal, back, today)
    return deal


@transaction.atomic
def pass_membership(*, deal, from_user, to_user, actor, today=None):
    """`to_user` takes the place of `from_user` on `deal` from today, with the same roles and shares. Returns the deal.

    Whoever is on it already, or owns it, keeps one row with what both had.
    """
    today = today or organisation().today()
    deal = Deal.objects.select_for_update().get(pk=deal.pk)
    _check_open(deal)
    for member in deal.members.on(today).filter(user=from_user).order_by("pk"):
        _end(member, today)
        had = deal.members.on(today).filter(user=to_user).order_by("pk").first()
        role, revenue, overlay = Role(member.role), member.revenue_share, member.overlay_share
        if had:
            role, revenue = Role(had.role), revenue + had.revenue_share
            overlay = min(overlay + had.overlay_share, DealMember.WHOLE)
            _end(had, today)
        begin_share(deal, Share(to_user, role, revenue, overlay), today)
    return deal


@transaction.atomic
def fill_place(*, deal, gone, person, actor, today=None):
    """`person` takes the place on `deal` of `gone`, who no longer works here, with the same role and shares. Returns the deal.

    Raises DomainError when the place was filled or given up meanwhile, and for a deal that is closed.
    """
    today = today or organisation().today()
    person = hold_colleague(person, field="person")  # before the deal, as above
    deal = Deal.objects.select_for_update().get(pk=deal.pk)
    if not deal.members.on(today).filter(user=gone, user__is_active=False).exists():
        raise DomainError(_("%(name)s has no place on this deal any more.") % {"name": gone})
    deal = pass_membership(deal=deal, from_user=gone, to_user=person, actor=actor, today=today)
    for member in deal.members.on(today).filter(user=person):
        tell(member, actor)
    return deal


def _give_back(deal, revenue, today):
    own = deal.members.on(today).filter(user=deal.owner_id).order_by("-revenue_share", "pk").first()
    if own:
        _end(own, today)
    role = Role(own.role) if own else role_of(deal.owner_id, today)
    there, overlay = (own.revenue_share, own.overlay_share) if own else (0, 0)
    begin_share(deal, Share(deal.owner, role, there + revenue, overlay), today)


def standing_of(members):
    """Who works on a deal with what share, as one line to compare."""
    return " ".join(sorted(f"{each.user_id}:{each.role}:{each.revenue_share}:{each.overlay_share}" for each in members))


def _check_open(deal):
    """Who is credited is settled on the day a deal is won, and stays so."""
    if not deal.is_open:
        raise DomainError(_("The shares of a closed deal are settled. Reopen it first."))


def _check(deal, shares):
    _check_open(deal)
    if len({(share.user.pk, share.role) for share in shares}) < len(shares):
        raise DomainError(_("A person can stand here only once in the same role."))
    if deal.owner_id not in {share.user.pk for share in shares}:
        raise DomainError(_("The owner works on the deal too: keep %(owner)s in the list.") % {"owner": deal.owner})
    if any(not 0 <= share.revenue <= DealMember.WHOLE or not 0 <= share.overlay <= DealMember.WHOLE for share in shares):
        raise DomainError(_("A share lies between 0 and 100%."))
    if sum(share.revenue for share in shares) != DealMember.WHOLE:
        raise DomainError(_("The revenue shares must add up to exactly 100%."))


def _end(member, today):
    """The member's last day was yesterday; one who began today leaves no trace in pay."""
    if member.during.lower >= today:
        member.delete()
    else:
        member.during = DateRange(member.during.lower, today)
        member.save(update_fields=["during"])


def begin_share(deal, share, today):
    return DealMember.objects.create(
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
