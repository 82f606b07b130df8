"""Sprints as their pages show them: each thing committed in words, and the sums of a week beside the one before."""

from collections import Counter

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from pipeline.engine.sprints import Fact
from pipeline.models import Deal, SprintItem
from salesorg.lib.templatetags.salesorg import day as day_words

STILL = 2  # weeks carried over from which something stands still
Kind, State = SprintItem.Kind, SprintItem.State
ICONS = {"visit": "geo-alt", "call": "telephone", "step": "calendar-check", "move": "kanban"}


def dressed(items, viewer):
    """`items` (with outcomes) with what a page says of each; what the viewer may not open has neither name nor link."""
    accounts = {each.account_id for each in items} - {None}
    deals = {each.deal_id for each in items} - {None}
    seen_accounts = (
        set(Account.objects.visible_to(viewer).filter(pk__in=accounts).values_list("pk", flat=True)) if accounts else ()
    )
    seen_deals = set(Deal.objects.visible_to(viewer).filter(pk__in=deals).values_list("pk", flat=True)) if deals else ()
    today = timezone.localdate()
    for each in items:
        of = each.deal if each.deal_id else each.account
        seen = each.deal_id in seen_deals if each.deal_id else each.account_id in seen_accounts
        each.icon = ICONS[each.kind]
        each.title = str(of) if seen else hidden(each)
        each.url = of.get_absolute_url() if seen else ""
        each.detail = detail(each) if seen else ""
        each.is_late = is_late(each, today)
        each.words, each.tone = said(each)
        each.is_carried = each.times_carried > 0
        each.is_still = stands_still(each)
        each.log_url = _log_url(each) if seen and each.is_open and not each.is_done else ""
    return items


def _seen(model, viewer, keys):
    keys = keys - {None}
    return set(model.objects.visible_to(viewer).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()


def hidden(item):
    return _("A deal you may not open") if item.deal_id else _("An account you may not open")


def detail(item):
    """What it is about, beside its name."""
    if item.kind == Kind.STEP:
        return item.step
    if item.kind == Kind.MOVE:
        words = {"was": item.deal.stage, "to": item.stage or _("a stage that was removed")}
        return _("to %(to)s") % words if item.is_done or not item.is_open else _("%(was)s → %(to)s") % words
    kind = item.activity.get_kind_display() if item.activity else item.get_kind_display()
    return f"{kind} · {item.activity.subject}" if item.activity and item.activity.subject else kind


def _log_url(item):
    if item.activity_id and not item.activity.is_done:
        return reverse("accounts:activity_complete", args=[item.activity_id])
    return ""


def is_late(item, today):
    """Open, and its day has passed."""
    return item.is_open and item.outcome.fact == Fact.WAITING and item.due_on is not None and item.due_on < today


def stands_still(item):
    """Open, and carried over for the second time or more, or it can no longer happen as it was committed."""
    return item.is_open and not item.is_done and (item.times_carried >= STILL or item.outcome.is_over)


def said(item):
    """(what has become of it in words, tone)."""
    if item.state in (State.CARRIED, State.DROPPED):
        why = ": ".join(part for part in (item.get_why_display(), item.note) if part)
        return f"{item.get_state_display()} · {why}", "warn" if item.state == State.CARRIED else "muted"
    fact, on = item.outcome.fact, item.outcome.on and day_words(item.outcome.on)
    words = {
        Fact.WAITING: (waiting(item), "bad" if item.is_late else ""),
        Fact.LOGGED: (_("done %(day)s") % {"day": on} if on else _("done"), "good"),
        Fact.STEPPED: (_("taken"), "good"),
        Fact.MOVED: (_("reached"), "good"),
        Fact.WON: (_("won"), "good"),
        Fact.PUT_OFF: (_("put off to %(day)s") % {"day": on}, "warn"),
        Fact.LATE: (_("done after the week, %(day)s") % {"day": on}, "warn"),
        Fact.CANCELLED: (_("taken off the calendar"), "warn"),
        Fact.PASSED_ON: (_("with somebody else now"), "warn"),
        Fact.LOST: (_("lost"), "bad"),
        Fact.ELSEWHERE: (_("went another way"), "warn"),
    }
    return words[fact]


def waiting(item):
    """For when it is: the day of the visit or step, the close date of a deal."""
    if item.due_on is None:
        return _("open")
    return _("closes %(day)s") % {"day": day_words(item.due_on)} if item.kind == Kind.MOVE else day_words(item.due_on)


def shown(items, show):
    """Those of `items` (dressed) that a link asks for."""
    tests = {
        "done": lambda each: each.is_done,
        "open": lambda each: each.is_open and not each.is_done,
        "carried": lambda each: each.is_carried,
        "still": lambda each: each.is_still,
    }
    return [each for each in items if tests[show](each)] if show in tests else list(items)


def counts(items):
    """{"committed", "done", "open", "carried", "still"} of items that are dressed or at least have outcomes."""
    return {
        "committed": len(items),
        "done": sum(each.is_done for each in items),
        "open": sum(each.is_open and not each.is_done for each in items),
        "carried": sum(each.times_carried > 0 for each in items),
        "still": sum(stands_still(each) for each in items),
    }


def by_kind(this, last, usually):
    """A line for each kind: done of committed this week and last, and how many such a week usually holds."""
    now, then = Counter(each.kind for each in this), Counter(each.kind for each in last)
    done, done_then = (Counter(each.kind for each in items if each.is_done) for items in (this, last))
    plurals = {Kind.VISIT: _("Visits"), Kind.CALL: _("Calls"), Kind.STEP: _("Next steps"), Kind.MOVE: _("Deal moves")}
    return [
        {
            "kind": kind.value,
            "label": plurals[kind],
            "icon": ICONS[kind],
            "done": done[kind],
            "committed": now[kind],
            "last_done": done_then[kind],
            "last_committed": then[kind],
            "usually": usually.get(kind.value),
        }
        for kind in Kind
    ]
