"""Spend tiers as pages show them: why an account has its tier in words, its months, and where the thresholds lie."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.engine import tiering
from salesorg.lib.periods import months, quarter_of
from salesorg.lib.templatetags.salesorg import full_money_in, locale

from .models import AccountFacts, KeyAccountMark, TierPeriod, tier_policy
from .revenue import open_sources, revenue_sources
from .shares import ShareOfWallet, share_of_wallet

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """Everything an account's panel says about spend and tier."""

    facts: AccountFacts | None
    currency: str
    period: TierPeriod | None  # the tier by spend in effect
    mark: KeyAccountMark | None
    earlier: list
    why_in_effect: str
    why_computed: str
    changes_on: object  # the next quarter day, when the computed tier will replace the one in effect; else None
    months: list  # (first day, amount, address of its rows, bar), oldest first
    spend_url: str
    open_url: str
    wallet: ShareOfWallet | None
    limits: list  # (what happens there, amount) in order of amount


def standing(user, account):
    """The Standing of one account, as far as the last night and the rows of today know."""
    facts = AccountFacts.objects.visible_to(user).filter(account=account).first()
    periods = list(TierPeriod.objects.visible_to(user).filter(account=account).order_by("-during"))
    mark = KeyAccountMark.objects.visible_to(user).filter(account=account).on(user.today).select_related("marked_by").first()
    period = next((each for each in periods if covers(each, user.today)), None)
    policy, currency = tier_policy(), facts.currency if facts else user.organisation.currency
    will_change = facts and period and facts.computed_tier and facts.computed_tier != period.tier and not mark
    since, until = (facts.spend_since, facts.spend_until) if facts else (None, None)
    return Standing(
        facts,
        currency,
        period,
        mark,
        [each for each in periods if each is not period][:8],
        why(period.why, period.tier, policy, currency) if period else "",
        why(facts.computed_why, facts.computed_tier, policy, currency) if facts else "",
        quarter_of(user.today).until if will_change else None,
        months_of(account, since, until, currency) if facts else [],
        address(applying(revenue_sources(), account), account, since, until) if facts else "",
        address(open_sources(), account, since, until) if facts else "",
        share_of_wallet(account, facts, currency),
        limits(policy, period.tier if period else None),
    )


def covers(row, day):
    return row.during.lower <= day and (row.during.upper is None or day < row.during.upper)


def why(reason, tier, policy, currency):
    """Why a decision fell, in a sentence with its figures; "" when none was taken."""
    rules, code = policy.rules, reason.get("code")
    words = {"spend": _money(reason.get("spend", 0), currency), "tier": tier, "months": policy.new_months}
    if code == tiering.HELD_UP:
        words["limit"] = _money(rules.falls_below(tier), currency)
    if code == tiering.HELD_DOWN:
        words["above"] = tiering.BY_SPEND[tiering.BY_SPEND.index(tier) + 1]
        words["limit"] = _money(rules.rises_at(words["above"]), currency)
    sentences = {
        tiering.NOT_A_CUSTOMER: _("Has not bought yet."),
        tiering.YOUNG: _("Bought for the first time less than %(months)d months ago."),
        tiering.SPEND: _("%(spend)s in twelve months."),
        tiering.HELD_UP: _("%(spend)s in twelve months: it would fall below %(limit)s."),
        tiering.HELD_DOWN: _("%(spend)s in twelve months: it rises to %(above)s at %(limit)s."),
        tiering.RATE_MISSING: _("%(spend)s in twelve months, without orders that lack a rate: nobody falls for those."),
    }
    return sentences[code] % words if code else ""


def _money(amount, currency):
    return full_money_in(Decimal(amount), currency, locale())


def limits(policy, tier):
    """(what happens, from which spend on) for an account of this tier, the lowest first."""
    rules = policy.rules
    if tier not in tiering.BY_SPEND:
        return [(_("B from"), rules.b_from), (_("A from"), rules.a_from)]
    at = tiering.BY_SPEND.index(tier)
    falls = [(_("falls below"), rules.falls_below(tier))] if at else []
    return falls + [(_("rises to %(tier)s at") % {"tier": each}, rules.rises_at(each)) for each in tiering.BY_SPEND[at + 1 :]]


def months_of(account, since, until, currency):
    """(first day, amount, address of its rows, top and height of its bar) of each month; what has no rate adds nothing."""
    sums = defaultdict(Decimal)
    for source in revenue_sources():
        for row in source.rows(currency).filter(account_id=account.pk, day__gte=since, day__lt=until):
            if row["rate"] is not None:
                sums[row["day"].replace(day=1)] += row["amount"] * row["rate"]
    whole = months(since, until - ONE_DAY)
    most = max([*sums.values(), Decimal(1)])
    rows, own = [], applying(revenue_sources(), account)
    for month in whole:
        height = max(int(sums[month.start] * 38 / most), 0)
        where = address(own, account, month.start, month.until)
        rows.append((month.start, sums[month.start], where, (38 - height, height)))
    return rows


def applying(sources, account):
    """The first of several sources that the account's rows come from, in a list; [] when there is none."""
    return next(([each] for each in sources if each.applies(account.pk)), [])


def address(sources, account, since, until):
    """Where the rows of the days before `until` can be seen. "" when there is no source."""
    return sources[0].url(account.pk, since, until - ONE_DAY) if sources else ""
