"""How often an account is contacted, in words: what is in effect today, by which rule, and when it is next due."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Account, Cadence, CadenceKind, ContactDue


@dataclass(frozen=True)
class Rhythm:
    """“a visit every 30 days”, by what, and its days; `next_on` is None when nothing is due."""

    words: str
    why: str
    last_on: date | None
    next_on: date | None


def rhythms_of(user, account):
    """The Rhythm of visits and of calls of one account, as far as any is in effect or was switched off for it."""
    own = set(
        Cadence.objects.visible_to(user).filter(account=account).on(user.today).values_list("kind", flat=True)
    )  # fmt: skip
    rows = ContactDue.objects.visible_to(user).filter(account=account).order_by("-kind")
    found = []
    for row in rows:
        if row.every_days:
            why = _("set for this account") if row.kind in own else _("by tier %(tier)s") % {"tier": account.get_tier_display()}
            found.append(Rhythm(every(row.kind, row.every_days), why, row.last_on, row.due_on))
        elif row.kind in own and account.lifecycle != Account.Lifecycle.FORMER:
            found.append(Rhythm(_none(row.kind), _("set for this account"), row.last_on, None))
    return found


def every(kind, days):
    """“a visit every 30 days”"""
    if kind == CadenceKind.VISIT:
        return ngettext("a visit every day", "a visit every %(days)d days", days) % {"days": days}
    return ngettext("a call every day", "a call every %(days)d days", days) % {"days": days}


def _none(kind):
    return _("no visits") if kind == CadenceKind.VISIT else _("no calls")


def rhythms_of_tiers(user):
    """{tier: [“a visit every 30 days”]} of the cadences in force today."""
    rows = Cadence.objects.visible_to(user).filter(account=None, every_days__isnull=False).on(user.today).order_by("-kind")
    found = {}
    for row in rows:
        found.setdefault(row.tier, []).append(every(row.kind, row.every_days))
    return found
