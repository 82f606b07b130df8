"""Discounts above a limit: who may give how much unasked, who is asked, and what they say.

Of the limits that apply to a person (of a role they hold today, of a team they are in, or both) the largest counts.
Whoever no limit applies to may give any discount: operations decide who is limited. A leader approves what lies within the
own limit; beyond it the leaders above are asked.
"""

from decimal import Decimal

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pipeline.models import Approval, DiscountLimit, ProposalVersion
from salesorg.jobs import outbox
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.people.leading import leaders_of, leads
from salesorg.people.models import Membership, User, organisation

from .proposals import STATE, latest_of, locked_deal

MAIL = "pipeline.approval_mail"
ALL = Decimal(100)
HIGHEST = 6  # levels of leaders that are asked at most


@transaction.atomic
def save_limit(*, limit, role, team, percent, actor):
    """Up to which discount people of a role, of a team, or of a role in a team send proposals unasked."""
    if role is None and team is None:
        raise DomainError(_("Say for which role or which team."), fields=["role"])
    if DiscountLimit.objects.filter(role=role, team=team).exclude(pk=limit.pk).exists():
        raise DomainError(_("There is a limit for them already."), fields=["role"])
    limit.role, limit.team, limit.percent = role, team, percent
    limit.save()
    return limit


@transaction.atomic
def remove_limit(*, limit, actor):
    """They may give any discount from now on, unless another limit applies."""
    DiscountLimit.objects.filter(pk=limit.pk).delete()


def limits_of(users, day):
    """{id: the largest discount they may give unasked, in percent}."""
    rules = list(DiscountLimit.objects.values_list("role", "team", "percent"))
    held = {user: [] for user in users}
    for user, role, team in Membership.objects.on(day).filter(user__in=held).values_list("user", "role", "team"):
        held[user].append((role, team))
    found = {}
    for user, parts in held.items():
        apply = [most for role, team, most in rules if any(role in (None, each) and team in (None, at) for each, at in parts)]
        found[user] = max(apply, default=ALL)
    return found


def limit_of(user, day=None):
    """The largest discount that `user` may give unasked, in percent."""
    return limits_of([user.pk], day or organisation().today())[user.pk]


def needs_approval(version, user, day=None):
    """Whether `user` may send the version only once its discount is approved."""
    return version.state != STATE.APPROVED and version.discount_percent > limit_of(user, day)


def may_decide(approval, user, day=None):
    """Whether `user` may decide: a leader of whoever asked, not oneself, and within the own limit."""
    day = day or organisation().today()
    return leads(user, approval.asked_by, day) and approval.percent <= limit_of(user, day)


@transaction.atomic
def ask_approval(*, proposal, note="", actor, today=None):
    """Ask the leaders who may for the latest version's discount; it waits for one of them. Returns the Approval."""
    today = today or organisation().today()
    locked_deal(proposal.deal_id)
    version = latest_of(proposal)
    if version.state != STATE.DRAFT:
        raise DomainError(_("Only a draft can be put up for approval. Look at the proposal again."))
    if not needs_approval(version, actor, today):
        raise DomainError(_("This discount is within your limit: you can send the proposal."))
    asked = _who_may(actor, version.discount_percent, today)
    if not asked:
        words = {"percent": version.discount_percent}
        raise DomainError(_("Nobody above you may approve %(percent)s%%. Give less, or ask sales operations.") % words)
    approval = Approval.objects.create(version=version, asked_by=actor, percent=version.discount_percent, note=note)
    write(version, {"state": STATE.WAITING})
    for leader in asked:
        _tell(approval, leader)
    return approval


@transaction.atomic
def decide_approval(*, approval, approved, reason="", actor, now=None):
    """Approve or refuse a discount. Of two leaders who decide at the same time the second is told what the first said."""
    now = now or timezone.now()
    locked_deal(approval.version.deal_id)
    approval = Approval.objects.select_related("version", "asked_by").get(pk=approval.pk)
    if approval.state != Approval.State.WAITING:
        raise DomainError(_("This was decided meanwhile: %(state)s.") % {"state": approval.get_state_display().lower()})
    if not may_decide(approval, actor, organisation().today(now)):
        raise DomainError(_("Only a leader of %(name)s whose limit allows it decides on this.") % {"name": approval.asked_by})
    if not approved and not reason.strip():
        raise DomainError(_("Say why, so that they can put it right."), fields=["reason"])
    state = Approval.State.APPROVED if approved else Approval.State.REFUSED
    write(approval, {"state": state, "reason": reason.strip(), "decided_by": actor, "decided_at": now})
    write(approval.version, {"state": STATE.APPROVED if approved else STATE.DRAFT})
    _tell(approval, approval.asked_by)
    return approval


def _who_may(user, percent, day):
    """The nearest leaders above `user` whose own limit allows `percent`."""
    people, seen = {user.pk}, {user.pk}
    for _level in range(HIGHEST):
        above = {leader.pk: leader for each in leaders_of(people, day).values() for leader in each if leader.pk not in seen}
        limits = limits_of(above, day)
        if able := [leader for pk, leader in above.items() if limits[pk] >= percent]:
            return able
        if not above:
            return []
        people, seen = set(above), seen | above.keys()
    return []


def _tell(approval, to):
    outbox.publish(MAIL, {"approval": approval.pk, "to": to.pk}, f"{approval.pk}:{approval.state}:{to.pk}")


@outbox.handles(MAIL)
def mail_approval(payload):
    """Tell a leader that a discount waits, or whoever asked what was said; nobody who may no longer see it."""
    found = Approval.objects.select_related("version__proposal", "version__deal__account", "asked_by", "decided_by")
    approval, to = found.filter(pk=payload["approval"]).first(), User.objects.working().filter(pk=payload["to"]).first()
    if approval is None or to is None or approval.state == Approval.State.VOID:
        return
    if not ProposalVersion.objects.visible_to(to).filter(pk=approval.version_id).exists():
        return
    with translation.override(to.locale):
        words = {
            "who": approval.asked_by,
            "percent": approval.percent,
            "what": approval.version.proposal,
            "by": approval.decided_by,
        }
        if approval.state == Approval.State.WAITING:
            subject = _("%(who)s asks for %(percent)s%% discount: %(what)s") % words
        elif approval.state == Approval.State.APPROVED:
            subject = _("%(by)s approved %(percent)s%%: %(what)s") % words
        else:
            subject = _("%(by)s refused %(percent)s%%: %(what)s") % words
        parts = [subject, approval.reason or approval.note, settings.BASE_URL + approval.version.proposal.get_absolute_url()]
    send_mail(" ".join(subject.split()), "\n\n".join(part for part in parts if part) + "\n", None, [to.email])


def waiting_filter(user):
    """Versions whose discount waits for a leader of those that `user` leads."""
    people = Membership.objects.on(user.today).filter(team__in=user.scope.led_teams).values("user")
    asked = Approval.objects.filter(state=Approval.State.WAITING, asked_by__in=people).exclude(asked_by=user)
    return Q(pk__in=asked.values("version"))
