"""A deal on the board, as HTML made in one go: a board shows eighty, and as a template each took a third of a millisecond."""

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from salesorg.lib.templatetags.salesorg import avatar, bar, day, due, icon, money

register = template.Library()

CARD = """<li class="board-card" id="deal-{pk}" data-row data-stage="{stage}"{handle} tabindex="-1"{oob}>
  <div class="spread">
    <a class="truncate" href="{url}" draggable="false" data-record title="{name}">{title}</a><span>{amount}</span>
  </div>
  <div class="line">{step}</div>
  <div class="line board-foot" title="{age_words}">{age}{ought}{debt}{handed}{owner}{menu}</div>
</li>"""
STEP = '<span class="board-step">{}<span class="truncate">{}</span></span> <span class="nowrap">{}</span>'
NO_STEP = '<span class="board-step warn">{}{}</span>'
CLOSES = '<span class="board-step">{}</span>'
AGE = '{}<span class="nowrap">{}</span>'
ROTTING = '{}<span class="nowrap bad">{} · {}</span>'
DEBT = '<span class="pill pill-warn" title="{}">!</span>'
OUGHT = '<span class="warn" title="{0}">{1}</span>'
TO_ACCEPT = '<a class="pill pill-info" href="{}">{}</a>'
MENU = '<button class="btn btn-quiet btn-sm btn-icon" type="button" data-move-menu aria-label="{0}" title="{0} (M)">{1}</button>'
OTHERWISE_NORMAL = 90  # days; the length of the age bar in a stage of which nobody knows how long is normal
SWAPPED = mark_safe(' hx-swap-oob="true"')


@register.simple_tag
def cards(deals, may_move, oob=False):
    """The cards of `deals` (as pipeline.board.as_cards gives them), in their order."""
    menu = format_html(MENU, _("Move to…"), icon("three-dots")) if may_move else ""
    debt, today = format_html(DEBT, _("Facts are missing")), timezone.localdate()
    return SafeString("".join(_card(deal, today, menu, debt, SWAPPED if oob else "") for deal in deals))


def _card(deal, today, menu, debt, oob):
    url = deal.get_absolute_url()
    is_past = not hasattr(deal, "age")
    return format_html(
        CARD,
        pk=deal.pk,
        stage=deal.stage_id,
        handle=format_html(' data-draggable data-move="{}move/"', url) if menu else "",
        oob=oob,
        url=url,
        name=deal.name,
        title=deal.account.name if deal.account_id else deal.name,
        amount=money(deal.amount, deal.currency),
        # Which step was next on a past day is not kept; when the deal was to close is.
        step=format_html(CLOSES, _closing(deal)) if is_past else _step(deal, today),
        age_words="" if is_past else deal.age_words,
        age="" if is_past else _age(deal),
        ought="" if is_past else _ought(deal),
        debt=debt if deal.gate_debt else "",
        handed="" if is_past else _handed(deal.handed),
        owner=avatar(deal.owner.name),
        menu=menu,
    )


def _closing(deal):
    return format_html(_("closes {}"), day(deal.close_date)) if deal.close_date else _("No close date")


def _step(deal, today):
    """The next step with what it is as an icon: overdue, for today, planned, or missing."""
    if not deal.next_step:
        return format_html(NO_STEP, icon("circle"), _("No next step"))
    day = deal.next_step_on
    if day is not None and day < today:
        mark = icon("exclamation-triangle", _("Overdue"), "bad")
    elif day == today:
        mark = icon("clock", _("For today"), "warn")
    else:
        mark = icon("calendar-check", _("Planned"), "faint")
    return format_html(STEP, mark, deal.next_step, due(day))


def _age(deal):
    """How long the deal has been in its stage: a bar against what is normal there, and words."""
    most = deal.stage.pace.most or OTHERWISE_NORMAL
    days = ngettext("%(days)d d", "%(days)d d", deal.age) % {"days": deal.age}
    if deal.is_rotting:
        return format_html(ROTTING, bar(most, most, deal.age_words, "bad"), days, _("rotting"))
    return format_html(AGE, bar(deal.age, most, deal.age_words), days)


def _handed(handoff):
    """Where a handoff asks for somebody: to be answered by the reader, by somebody else, or given back."""
    if handoff is None:
        return ""
    if handoff.state == "returned":
        return icon("arrow-return-right", _("Given back"), "warn")
    if handoff.is_mine:
        return format_html(TO_ACCEPT, handoff.get_absolute_url(), _("Answer"))
    return icon("arrow-left-right", _("Handed over, waiting for an answer"), "info")


def _ought(deal):
    """A mark where the stage belongs to a role that the owner does not hold (pipeline.holders)."""
    if not getattr(deal, "ought", ""):
        return ""
    words = _("%(stage)s belongs to the role %(role)s") % {"stage": deal.stage.name, "role": deal.ought}
    return format_html(OUGHT, words, icon("person-dash", words))
