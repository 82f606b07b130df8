"""Which orders a page shows: read from its address, applied to a queryset, said in words; and its columns."""

from django import forms
from django.db.models import Sum
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from pipeline.models import Deal, Order, Product
from salesorg.lib.addresses import address
from salesorg.lib.lists import Column, Listing, displayed, link, or_nothing, pill
from salesorg.lib.selection import ListSelection
from salesorg.lib.templatetags.salesorg import due, money, when
from salesorg.lib.widgets import SMALL, day_field
from salesorg.people.models import User

State = Order.State
TONES = {State.OPEN: "info", State.PARTLY: "warn", State.DELIVERED: "good", State.RETURNED: "bad", State.CANCELLED: ""}


class OrderSelection(ListSelection):
    """The filters of the list of orders."""

    state = forms.ChoiceField(required=False, choices=[("", ""), ("all", ""), *State.choices])
    account = forms.ModelChoiceField(Account.objects.none(), required=False)
    deal = forms.ModelChoiceField(Deal.objects.none(), required=False)
    product = forms.ModelChoiceField(Product.objects.none(), required=False)
    person = forms.ModelChoiceField(User.objects.none(), required=False)
    since = day_field(label=_lazy("Ordered from"), required=False, css=SMALL)
    until = day_field(label=_lazy("to"), required=False, css=SMALL)

    @property
    def state_asked(self):
        return self.get("state") or "all"

    def orders(self):
        orders = Order.objects.visible_to(self.user)
        columns = {
            "account": "account",
            "deal": "deal",
            "person": "taken_for",
            "since": "taken_on__gte",
            "until": "taken_on__lte",
        }
        chosen = {column: self.get(name) for name, column in columns.items() if self.get(name)}
        orders = orders.filter(**chosen)
        if product := self.get("product"):
            orders = orders.filter(pk__in=product.order_lines.values("order"))
        return orders if self.state_asked == "all" else orders.filter(state=self.state_asked)

    def chips(self):
        states = [("all", _("All")), *State.choices]
        return [
            {"label": label, "url": "?" + self.query(state=None if name == "all" else name), "on": name == self.state_asked}
            for name, label in states
        ]

    @property
    def words(self):
        said = [_("Orders")]
        if account := self.get("account"):
            said.append(_("of %(name)s") % {"name": account})
        if product := self.get("product"):
            said.append(_("with %(name)s") % {"name": product})
        if person := self.get("person"):
            said.append(_("taken for %(name)s") % {"name": person})
        return " ".join(said)


def net_sums(orders):
    """{currency: net} of orders, those cancelled left out."""
    rows = orders.exclude(state=State.CANCELLED).order_by().values_list("currency").annotate(sum=Sum("net")).order_by("currency")
    return dict(rows)


def _people(order, _facts):
    if order.taken_by_id == order.taken_for_id:
        return order.taken_for.name
    return format_html(
        '{} <span class="small muted">{}</span>', order.taken_for.name, _("by %(name)s") % {"name": order.taken_by}
    )


def _number(row, facts):
    """The order, and on a phone, where the account has no column, whose it is."""
    words = '<a href="{}">{}</a><div class="small muted d-md-none">{}</div>'
    return format_html(words, address("pipeline:order_detail", row.pk), row.number, row.account.name)


def _wanted(row, _facts):
    """By when it is wanted: red once past, while something is still to be delivered."""
    if not row.wanted_on:
        return or_nothing("")
    return due(row.wanted_on) if row.state in (State.OPEN, State.PARTLY) else when(row.wanted_on)


COLUMNS = (
    Column("number", _lazy("Order"), _number, order="pk",
           falling=True),
    Column(
        "account", _lazy("Account"), lambda row, _f: link(row.account.get_absolute_url(), row.account.name),
        css="short", minor=True,
    ),
    Column("taken", _lazy("Ordered"), lambda row, _f: when(row.taken_on), minor=True),
    Column("wanted", _lazy("Wanted by"), _wanted, minor=True),
    Column("net", _lazy("Net"), lambda row, _f: money(row.net, row.currency), css="number"),
    Column("currency", _lazy("Currency"), lambda row, _f: row.currency, minor=True, default=False),
    Column("warehouse", _lazy("From"), lambda row, _f: or_nothing(row.warehouse and row.warehouse.name), minor=True,
           default=False),
    Column("person", _lazy("Taken for"), _people, minor=True),
    Column("state", _lazy("State"), lambda row, _f: pill(displayed(State)[row.state], TONES[row.state])),
)  # fmt: skip


def order_listing(selection):
    return Listing("orders", COLUMNS, selection, order="number", page_name="pipeline:order_list")
