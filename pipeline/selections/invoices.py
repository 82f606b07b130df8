"""Which invoices a page shows: read from its address, applied to a queryset."""

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from pipeline.models import Invoice
from salesorg.lib.selection import Selection
from salesorg.lib.widgets import SMALL, day_field

STATES = (("all", _lazy("All")), ("open", _lazy("Open")), ("overdue", _lazy("Overdue")))


class InvoiceSelection(Selection):
    """The filters of the list of invoices."""

    state = forms.ChoiceField(required=False, choices=STATES)
    account = forms.ModelChoiceField(Account.objects.none(), required=False)
    since = day_field(label=_lazy("Issued from"), required=False, css=SMALL)
    until = day_field(label=_lazy("to"), required=False, css=SMALL)

    def invoices(self):
        found = Invoice.objects.visible_to(self.user)
        columns = {"account": "account", "since": "issued_on__gte", "until": "issued_on__lte"}
        found = found.filter(**{column: self.get(name) for name, column in columns.items() if self.get(name)})
        if self.get("state") == "overdue":
            return found.overdue(self.user.today)
        return found.unpaid() if self.get("state") == "open" else found

    def chips(self):
        asked = self.get("state") or "all"
        return [
            {"label": label, "url": "?" + self.query(state=None if name == "all" else name), "on": name == asked}
            for name, label in STATES
        ]
