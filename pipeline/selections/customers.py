"""Which customers the book shows: read from its address, applied to a queryset, said in words; and its columns."""

from datetime import timedelta
from functools import cached_property

from django import forms
from django.db.models import Q, Sum
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from accounts.querysets.accounts import covered_by
from pipeline.models import CustomerFacts
from pipeline.querysets.customers import quiet_since, renewal_day, score_order
from pipeline.selections.deals import person_field
from salesorg.lib.addresses import address
from salesorg.lib.lists import Column, Listing, link, or_nothing, pill
from salesorg.lib.selection import ListSelection
from salesorg.lib.templatetags.salesorg import due, money, person, when
from salesorg.lib.widgets import SMALL
from salesorg.people.roles import Role

SOON = timedelta(days=90)
GOOD, POOR = 70, 40  # a score from here on is good; one below is at risk
HEALTH = (("good", _lazy("Well")), ("watch", _lazy("Watch")), ("poor", _lazy("At risk")))
WHOSE = (("mine", _lazy("Mine")), ("all", _lazy("Everybody's")))


def band_of(score):
    """good, watch or poor; "" for a customer without a score."""
    if score is None:
        return ""
    return "good" if score >= GOOD else "watch" if score >= POOR else "poor"


class CustomerSelection(ListSelection):
    """The filters of the book."""

    whose = forms.ChoiceField(required=False, choices=[("", ""), *WHOSE])
    keeper = person_field(label=_lazy("Looked after by"))
    health = forms.ChoiceField(required=False, choices=[("", ""), *HEALTH])
    renewal = forms.ChoiceField(required=False, choices=[("", ""), ("soon", ""), ("late", ""), ("none", "")])
    silent = forms.ChoiceField(required=False, choices=[("", ""), ("1", "")])
    currency = forms.CharField(required=False, max_length=3)
    q = forms.CharField(
        required=False, max_length=100, label=_lazy("Customer"), widget=forms.TextInput({"type": "search", "class": SMALL})
    )  # fmt: skip

    def customers(self):
        """The visible customers that pass the filters."""
        customers = CustomerFacts.objects.visible_to(self.user)
        for name in self.fields:
            value, filter_by = self.get(name), getattr(self, f"by_{name}", None)
            if value not in ("", None) and filter_by:
                customers = customers.filter(filter_by(value))
        return customers

    @cached_property
    def today(self):
        return self.user.today

    def by_whose(self, whose):
        return covered_by("account_id", [self.user.pk], self.today) if whose == "mine" else Q()

    def by_keeper(self, keeper):
        return covered_by("account_id", [keeper.pk], self.today)

    def by_health(self, band):
        return {"good": Q(score__gte=GOOD), "watch": Q(score__gte=POOR, score__lt=GOOD), "poor": Q(score__lt=POOR)}[band]

    def by_renewal(self, which):
        if which == "none":
            return Q(renews_on=None)
        return Q(renews_on__lte=self.today) if which == "late" else Q(renews_on__gt=self.today, renews_on__lte=self.today + SOON)

    def by_silent(self, _yes):
        return Q(silent_from__lte=self.today)

    def by_currency(self, currency):
        return Q(currency=currency.upper())

    def by_q(self, text):
        return Q(account__in=Account.objects.visible_to(self.user).matching(text).values("pk"))

    def chips(self):
        whose = self.get("whose")
        return [
            *({"label": label, "url": "?" + self.query(whose=name), "on": whose == name} for name, label in WHOSE),
            *(self.chip(label, "health", name) for name, label in HEALTH),
            self.chip(_("Silent"), "silent", "1"),
            self.chip(_("To renew in 90 days"), "renewal", "soon"),
            self.chip(_("Renewal overdue"), "renewal", "late"),
            self.chip(_("No contract"), "renewal", "none"),
        ]


def recurring_sums(customers):
    """{currency: recurring value a year} of customers."""
    rows = customers.exclude(currency="").order_by().values_list("currency").annotate(sum=Sum("recurring")).order_by("currency")
    return dict(rows)


# ── cells ──


def _account(row, facts):
    name = link(address("accounts:account_detail", row.account_id), row.account.name)
    silent = row.is_silent(facts["today"], facts["contacts"].get(row.account_id))
    mark = format_html(' <span class="pill pill-warn" title="{}">{}</span>', facts["silent_words"], facts["silent"])
    return format_html("{}{}", name, mark) if silent else name


def health_pill(row, facts):
    tones = {"good": "good", "watch": "warn", "poor": "bad"}
    if row.score is None:
        return or_nothing("")
    url = address("pipeline:customer_health", row.account_id)
    return format_html('<a href="{}">{}</a>', url, pill(str(row.score), tones[band_of(row.score)]))


def _recurring(row, facts):
    shown = money(row.recurring, row.currency)
    unit = format_html(' <span class="unit">{}</span>', row.currency) if facts["many_currencies"] and row.currency else ""
    more = format_html(' <span class="small muted">+ {}</span>', row.left_out) if row.left_out else ""
    return format_html("{}{}{}", shown, unit, more) if row.contracts else or_nothing("")


def _renews(row, facts):
    return due(row.renews_on) if row.renews_on else or_nothing("")


def _contact(row, facts):
    last = max(filter(None, (row.last_contact_on, facts["contacts"].get(row.account_id))), default=None)
    return when(last)


def _keeper(row, facts):
    keeper = facts["keepers"].get(row.account_id)
    return person(keeper.name) if keeper else or_nothing("")


COLUMNS = (
    Column("account", _lazy("Customer"), _account),
    Column("health", _lazy("Health"), health_pill, order=score_order()),
    Column(
        "renews", _lazy("Renews"), lambda row, _: due(row.renews_on) if row.renews_on else or_nothing(""), order=renewal_day()
    ),
    Column("recurring", _lazy("A year"), _recurring, css="number", unit="currency", order="recurring", falling=True),
    Column("contact", _lazy("Last contact"), _contact, minor=True),
    Column("silence", _lazy("Silent from"), lambda row, _: when(row.silent_from), minor=True, order=quiet_since()),
    Column("keeper", _lazy("Looked after by"), _keeper, minor=True),
    Column("tier", _lazy("Tier"), lambda row, _: row.account.get_tier_display(), minor=True, default=False),
    Column(
        "gap", _lazy("Usual gap, days"), lambda row, _: row.usual_gap or or_nothing(""), css="number", minor=True, default=False
    ),
)


def customer_listing(selection):
    return Listing(
        "customers",
        COLUMNS,
        selection,
        order="renews",
        named=lambda row: row.account.name,
        page_name="pipeline:customer_list",
    )


def opens_with(user):
    """Whose customers the book shows first: the own ones of somebody who looks after customers, else everybody's."""
    return "mine" if Role.CSM in user.scope.roles else "all"
