"""What others changed on one's open deals since yesterday, said in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import Deal, DealVersion
from salesorg.lib.templatetags.salesorg import day as day_words
from salesorg.lib.templatetags.salesorg import short
from salesorg.people.models import User

LONGEST_LIST = 20  # deals


@dataclass(frozen=True)
class Change:
    """What became of one deal since yesterday: sentences, the latest moment, and who did it."""

    deal: Deal
    sentences: list
    at: datetime
    who: str


def changes_by_others(user):
    """[Change] of the open deals of `user`, the newest first; what the person did is not told.

    Each of the others' versions is compared with the one before it, so that one's own changes in between stay out.
    """
    since = timezone.now() - timedelta(days=1)
    mine = Deal.objects.visible_to(user).open().filter(owner=user)
    # Whoever sees a deal sees its versions: asked once, since the gate costs more than all the rest.
    of_deal = DealVersion.objects.filter(deal=OuterRef("pk"), during__startswith__gte=since)
    deals = mine.filter(Exists(of_deal.exclude(actor_id=user.pk))).select_related("account").in_bulk()
    if not deals:
        return []
    # The one that stood when the day began, and all that followed.
    rows = DealVersion.objects.filter(deal__in=deals, during__overlap=(since, None)).order_by("deal_id", "during")
    rows = rows.select_related("stage", "owner").annotate(
        by=Subquery(User.objects.visible_to(user).order_by().filter(pk=OuterRef("actor_id")).values("name"))
    )
    changes, before = {}, None
    for version in rows:
        version.deal = deals[version.deal_id]
        was = before if before and before.deal_id == version.deal_id else None
        before = version
        if version.during.lower < since or version.actor_id == user.pk:
            continue
        if said := sentences(was, version):
            changes.setdefault(version.deal_id, []).append((version, said))
    told = [
        Change(
            deal=steps[-1][0].deal,
            sentences=[sentence for _version, said in steps for sentence in said],
            at=steps[-1][0].during.lower,
            who=", ".join(dict.fromkeys(version.by for version, _said in steps if version.by)),
        )
        for steps in changes.values()
    ]
    return sorted(told, key=lambda change: change.at, reverse=True)[:LONGEST_LIST]


def sentences(was, now):
    """What `now`, a version of a deal, changes of the version before it; a deal without one is new to its owner."""
    if was is None:
        return [_("New: %(stage)s") % {"stage": now.stage}]
    said = []
    if was.owner_id != now.owner_id:
        said.append(_("handed from %(was)s to %(now)s") % {"was": was.owner, "now": now.owner})
    if was.stage_id != now.stage_id:
        said.append(_("%(was)s → %(now)s") % {"was": was.stage, "now": now.stage})
    if was.amount != now.amount:
        words = {"was": amount(was), "now": amount(now), "currency": now.deal.currency}
        said.append(_("amount %(was)s → %(now)s %(currency)s") % words)
    if was.close_date != now.close_date:
        said.append(moved(was.close_date, now.close_date))
    if was.forecast_category != now.forecast_category and was.stage_id == now.stage_id:
        words = {"was": was.get_forecast_category_display(), "now": now.get_forecast_category_display()}
        said.append(_("forecast %(was)s → %(now)s") % words)
    return said


def amount(version):
    return "–" if version.amount is None else short(version.amount)


def moved(was, now):
    """How the close date moved."""
    if was is None or now is None:
        return _("close date removed") if now is None else _("closes %(day)s") % {"day": day_words(now)}
    days = abs((now - was).days)
    words = {"days": days, "day": day_words(now)}
    return _("pushed by %(days)s days to %(day)s") % words if now > was else _("pulled in by %(days)s days to %(day)s") % words
