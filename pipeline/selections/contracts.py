"""Which contracts a page shows: read from its address, applied to a queryset, said in words; and its columns."""

from datetime import timedelta
from functools import cached_property

from django import forms
from django.db.models import Q, Sum
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from pipeline.models import Contract, LossReason
from salesorg.lib.addresses import address
from salesorg.lib.lists import Column, Listing, displayed, link, or_nothing, pill
from salesorg.lib.selection import ListSelection
from salesorg.lib.templatetags.salesorg import day, due, money, when
from salesorg.lib.widgets import SMALL, day_field

STATES = (
    ("running", _lazy("In force")),
    ("due", _lazy("To renew in 90 days")),
    ("late", _lazy("Ended, renewal open")),
    ("given_up", _lazy("Given up")),
    ("all", _lazy("All")),
)
SOON = timedelta(days=90)
TONES = {"running": "good", "upcoming": "info", "renewed": "", "cancelled": "bad", "lost": "bad", "ended": "warn"}


class ContractSelection(ListSelection):
    """The filters of the list of contracts."""

    state = forms.ChoiceField(required=False, choices=[("", ""), *STATES])
    account = forms.ModelChoiceField(Account.objects.none(), required=False)
    currency = forms.CharField(required=False, max_length=3)
    reason = forms.ModelChoiceField(LossReason.objects.none(), required=False)
    began_from = day_field(label=_lazy("Customer from"), required=False, css=SMALL)
    began_to = day_field(label=_lazy("to"), required=False, css=SMALL)
    renews_from = day_field(label=_lazy("Renews from"), required=False, css=SMALL)
    renews_to = day_field(label=_lazy("to"), required=False, css=SMALL)
    as_of = day_field(label=_lazy("As of the end of"), required=False, css=SMALL)

    @cached_property
    def day(self):
        """The day that is looked at: a past one when it is asked for, else today."""
        day = self.get("as_of")
        return day if day and day < self.user.today else self.user.today

    @property
    def state_asked(self):
        return self.get("state") or ("all" if self.get("reason") else "running")

    def contracts(self):
        """The visible contracts that pass the filters, with their value on the day."""
        contracts = Contract.objects.visible_to(self.user).valued_on(self.day)
        columns = {"account": "account", "renews_from": "renews_on__gte", "renews_to": "renews_on__lte"}
        chosen = {column: self.get(name) for name, column in columns.items() if self.get(name)}
        if currency := self.get("currency"):
            chosen["currency"] = currency.upper()
        contracts = contracts.filter(**chosen)
        if self.get("began_from") or self.get("began_to"):
            # The first one that the reader sees, of that currency: as the cohorts are counted.
            seen = Contract.objects.visible_to(self.user).filter(**{"currency": currency.upper()} if currency else {})
            contracts = contracts.of_customers_since(self.get("began_from"), self.get("began_to"), seen)
        if reason := self.get("reason"):
            contracts = contracts.filter(Q(churn_reason=reason) | Q(cancelled_on=None, renewal__loss_reason=reason))
        return self._in_state(contracts)

    def _in_state(self, contracts):
        state, day = self.state_asked, self.day
        if state == "running":
            return contracts.on(day)
        if state == "due":
            return contracts.going_on().on(day).filter(renews_on__lte=day + SOON)
        if state == "late":
            return contracts.going_on().filter(renews_on__lte=day)
        return contracts.given_up() if state == "given_up" else contracts

    def chips(self):
        return [
            {"label": label, "url": "?" + self.query(state=None if name == "running" else name), "on": name == self.state_asked}
            for name, label in STATES
        ]

    @property
    def words(self):
        """What is shown, in a sentence."""
        said = dict(STATES)[self.state_asked]
        words = [_("Contracts: %(state)s") % {"state": str(said).lower()}]
        if account := self.get("account"):
            words.append(_("with %(name)s") % {"name": account})
        if reason := self.get("reason"):
            words.append(_("because of %(reason)s") % {"reason": reason})
        if self.day != self.user.today:
            words.append(_("as of the end of %(day)s") % {"day": day(self.day)})
        return " ".join(words)


def recurring_sums(contracts):
    """{currency: recurring value a year} of contracts with their value (valued_on)."""
    rows = contracts.order_by().values_list("currency").annotate(sum=Sum("recurring")).order_by("currency")
    return {currency: amount or 0 for currency, amount in rows}


def _name(contract, facts):
    """The contract, and on a phone, where the account has no column, whose it is."""
    words = '<a href="{}">{}</a><div class="small muted d-md-none">{}</div>'
    return format_html(words, address("pipeline:contract_detail", contract.pk), contract.name, contract.account.name)


def _renews(contract, facts):
    """The day of its renewal; of one that was cancelled, the day it ends."""
    if not contract.cancelled_on:
        return due(contract.renews_on)
    return format_html('<span class="muted">{}</span> {}', _("ends"), when(contract.last_day))


def _notice(contract, facts):
    return or_nothing("" if contract.cancelled_on else when(contract.notice_by))


def _state(contract, facts):
    state = contract.state_on(facts["day"])
    why = {"cancelled": contract.churn_reason, "lost": contract.renewal and contract.renewal.loss_reason}.get(state)
    shown = pill(displayed(Contract.State)[state], TONES[state])
    return format_html('{} <span class="small muted">{}</span>', shown, why) if why else shown


COLUMNS = (
    Column("name", _lazy("Contract"), _name),
    Column(
        "account", _lazy("Account"), lambda row, _: link(address("accounts:account_detail", row.account_id), row.account.name),
        minor=True,
    ),
    Column("renews", _lazy("Renews"), _renews, order="renews_on"),
    Column("notice", _lazy("Notice until"), _notice, minor=True),
    Column("recurring", _lazy("Recurring, a year"), lambda row, _: money(row.recurring, row.currency), css="number"),
    Column("total", _lazy("Term"), lambda row, _: money(row.total, row.currency), css="number", minor=True),
    Column("currency", _lazy("Currency"), lambda row, _: row.currency, minor=True),
    Column("state", _lazy("State"), _state, minor=True),
)  # fmt: skip


def contract_listing(selection):
    return Listing("contracts", COLUMNS, selection, order="renews", page_name="pipeline:contract_list")
