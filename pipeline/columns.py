"""The columns of the lists of deals and leads, and what their cells hold."""

from django.template.defaultfilters import truncatechars
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from salesorg.lib.addresses import address
from salesorg.lib.lists import Column, Listing, RowAction, displayed, link, or_nothing, pill, toned
from salesorg.lib.templatetags.salesorg import due, figure, money, person, when
from salesorg.people.roles import Action

from .models import Deal, ForecastCategory, Lead, Product
from .visible import visible_accounts

STATUS_TONES = {"won": "good", "lost": "bad"}
OUTCOME_TONES = {"qualified": "info", "disqualified": "bad"}

# ── deals ──


def deal_name(deal, facts):
    missing = format_html(' <span class="pill pill-warn" title="{}">!</span>', _("Facts are missing")) if deal.gate_debt else ""
    return format_html(
        '<a href="{}" title="{}">{}</a>{}<div class="small muted d-md-none">{}</div>',
        address("pipeline:deal_detail", deal.pk),
        deal.name,
        deal.name,
        missing,
        deal.account.name if deal.account else "",
    )


def deal_account(deal, facts):
    """A link for those who may open the account; the others read its name."""
    if not deal.account:
        return or_nothing("")
    if deal.account_id not in facts["seen_accounts"]:
        return deal.account.name
    url = address("accounts:account_detail", deal.account_id)
    return format_html('<a href="{}" title="{}">{}</a>', url, deal.account.name, deal.account.name)


def deal_amount(deal, facts):
    amount = money(deal.amount, deal.currency)
    if not facts["many_currencies"]:
        return amount
    return format_html('{}<span class="unit">{}</span>', amount, deal.currency)


def next_step(deal, facts):
    if not deal.is_open:
        return ""
    if not deal.next_step:
        return toned(_("No next step"), "warn")
    words = '<div class="line" title="{}"><span class="truncate">{}</span> {}</div>'
    return format_html(words, deal.next_step, deal.next_step, due(deal.next_step_on))


DEAL_COLUMNS = (
    Column("name", _lazy("Deal"), deal_name, order="name"),
    Column("account", _lazy("Account"), deal_account, "short", minor=True),
    Column("stage", _lazy("Stage"), lambda deal, _: pill(deal.stage.name, STATUS_TONES.get(deal.stage.status, ""))),
    Column("amount", _lazy("Amount"), deal_amount, "number", order="size", falling=True, unit="currency"),
    Column("owner", _lazy("Owner"), lambda deal, _: person(deal.owner.name), minor=True),
    Column("step", _lazy("Next step"), next_step, "short", minor=True, order="due"),
    Column("close", _lazy("Close"), lambda deal, _: when(deal.close_date), minor=True, order="closes"),
    Column(
        "category", _lazy("Forecast"), lambda deal, facts: facts["categories"][deal.forecast_category], minor=True, default=False
    ),
    Column(
        "product", _lazy("Product"), lambda deal, facts: facts["products"].get(deal.product_id, ""), minor=True, default=False
    ),
    Column("type", _lazy("Type"), lambda deal, facts: facts["types"][deal.type], minor=True, default=False),
    Column("opened", _lazy("Opened"), lambda deal, _: when(deal.opened_on), minor=True, default=False, order="pk", falling=True),
)


EDIT = RowAction("pipeline:deal_edit", "pencil", _lazy("Edit %(name)s"), _lazy("Edit (E)"), edits=True)


def deal_listing(selection):
    may_edit = selection.user.may(Action.EDIT_DEALS) and not selection.day  # a past day is looked at, not changed
    return Listing(
        "deals",
        DEAL_COLUMNS,
        selection,
        order="opened",
        page_name="pipeline:deal_list",
        pick=may_edit,
        actions=[EDIT] if may_edit else [],
    )


def deal_facts(listing, deals, sums, user):
    """What the cells of these deals need besides the deals; `sums` (reports.Sums) knows the currencies of the whole list."""
    facts = {
        "seen_accounts": visible_accounts(user, {deal.account_id for deal in deals}),
        "currency": sums.currency,
        "many_currencies": len(sums.amounts) > 1,
        "categories": displayed(ForecastCategory),
        "types": displayed(Deal.Type),
    }
    if any(column.name == "product" for column in listing.shown):
        ids = {deal.product_id for deal in deals if deal.product_id}
        facts["products"] = dict(Product.objects.visible_to(user).filter(pk__in=ids).values_list("pk", "name"))
    return facts


def in_all(count):
    return ngettext("%(all)s deal", "%(all)s deals", count) % {"all": figure(count)}


def summed(amounts):
    """Sums by currency, never mixed, as pipeline/_amounts.html."""
    unit = '<span class="unit">{}</span>' if len(amounts) > 1 else ""
    plus = mark_safe(' <span class="faint">+</span> ')
    sums = [format_html("{}" + unit, money(amount, currency), currency) for currency, amount in amounts.items()]
    return mark_safe(plus.join(sums)) if sums else money(0)


# ── leads ──


def lead_outcome(lead, facts):
    if lead.deal and lead.deal.status == "won":
        return pill(_("Won"), "good")
    return pill(displayed(Lead.Outcome)[lead.outcome], OUTCOME_TONES.get(lead.outcome, ""))


LEAD_COLUMNS = (
    Column("account", _lazy("Account"), lambda lead, _: link(address("pipeline:lead_detail", lead.pk), lead.account.name)),
    Column("first", _lazy("First contact"), lambda lead, _: when(lead.first_contact_on), order="first_contact_on", falling=True),
    Column("source", _lazy("Source"), lambda lead, _: lead.source.name, minor=True),
    Column("page", _lazy("Landing page"), lambda lead, _: truncatechars(lead.landing_page, 24), minor=True),
    Column("sdr", _lazy("SDR"), lambda lead, _: person(lead.sdr.name) if lead.sdr else "", minor=True),
    Column("seller", _lazy("Handed to"), lambda lead, _: person(lead.seller.name) if lead.seller else "", minor=True),
    Column("outcome", _lazy("Outcome"), lead_outcome),
    Column("segment", _lazy("Segment"), lambda lead, _: or_nothing(lead.segment), minor=True, default=False),
    Column("type", _lazy("Lead type"), lambda lead, _: or_nothing(lead.lead_type), minor=True, default=False),
)


def lead_listing(selection):
    return Listing("leads", LEAD_COLUMNS, selection, order="first", page_name="pipeline:lead_list")
