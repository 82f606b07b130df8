"""A deal on the board, as HTML made in one go: a board shows eighty, and as a template each took a third of a millisecond."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from salesorg.lib.templatetags.salesorg import avatar, bar, due, icon, money

register = template.Library()

CARD = """<li class="board-card" id="deal-{pk}" data-row data-stage="{stage}"{handle} tabindex="-1"{oob}>
  <div class="spread">
    <a class="truncate" href="{url}" draggable="false" data-record title="{name}">{title}</a><span>{amount}</span>
  </div>
  <div class="line">{step}</div>
  <div class="line board-foot" title="{age_words}">{age}{ought}{debt}{handed}{owner}{menu}</div>
</li>"""
STEP = '<span class="truncate">{}</span> {}'
NO_STEP = '<span class="warn">{}</span>'
DEBT = '<span class="pill pill-warn" title="{}">!</span>'
OUGHT = '<span class="warn" title="{0}">{1}</span>'
MENU = '<button class="btn btn-quiet btn-sm btn-icon" type="button" data-move-menu aria-label="{0}" title="{0} (M)">{1}</button>'
OTHERWISE_EXPECTED = 90  # days; the length of the age bar in a stage that does not say how long is normal
SWAPPED = mark_safe(' hx-swap-oob="true"')


@register.simple_tag
def cards(deals, may_move, oob=False):
    """The cards of `deals` (with account, owner, stage; age, age_words and age_tone unless a past day is shown), in order."""
    menu = format_html(MENU, _("Move to…"), icon("three-dots")) if may_move else ""
    debt, no_step = format_html(DEBT, _("Facts are missing")), format_html(NO_STEP, _("No next step"))
    return SafeString("".join(_card(deal, menu, debt, no_step, SWAPPED if oob else "") for deal in deals))


def _handed(state):
    """The small icon of a handoff that waits or was returned."""
    if state == "offered":
        return icon("arrow-left-right", _("Handed over, waiting for an answer"), "info")
    return icon("arrow-return-right", _("Given back"), "warn") if state == "returned" else ""


def _card(deal, menu, debt, no_step, oob):
    url = deal.get_absolute_url()
    words = getattr(deal, "age_words", "")
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
        step=format_html(STEP, deal.next_step, due(deal.next_step_on)) if deal.next_step else no_step,
        age_words=words,
        age=bar(deal.age, deal.stage.expected_days or OTHERWISE_EXPECTED, words, deal.age_tone) if words else "",
        ought=_ought(deal),
        debt=debt if deal.gate_debt else "",
        handed=_handed(getattr(deal, "handed", "")),
        owner=avatar(deal.owner.name),
        menu=menu,
    )


def _ought(deal):
    """A mark where the stage belongs to a role that the owner does not hold (pipeline.holders)."""
    if not getattr(deal, "ought", ""):
        return ""
    words = _("%(stage)s belongs to the role %(role)s") % {"stage": deal.stage.name, "role": deal.ought}
    return format_html(OUGHT, words, icon("arrow-left-right", words))
