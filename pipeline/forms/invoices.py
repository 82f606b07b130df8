"""What is recorded about deliveries, invoices, credit notes and payments."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from pipeline.forms.contracts import amount_field, plain
from pipeline.models import Delivery
from pipeline.services.stock import amount
from salesorg.lib.validators import LARGEST_AMOUNT
from salesorg.lib.widgets import day_field

USUAL_DAYS = timedelta(days=30)  # to pay, unless the invoice says otherwise


def once():
    """The number of a form: sent twice, by a second click or another tab's reload, what it says is stored once."""
    return forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)


class DeliveryForm(forms.Form):
    """How much of which line was delivered, or came back, on a day."""

    kind = forms.ChoiceField(label=_("What happened"), choices=Delivery.Kind.choices)
    on = day_field(label=_("On"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    client_id = once()

    def __init__(self, *args, lines, progress, day, **kwargs):
        super().__init__(*args, initial={"on": day}, **kwargs)
        widget = forms.NumberInput({"inputmode": "decimal", "min": 0, "step": "any"})
        for line in lines:
            delivered, _returned = progress.get(line.pk, (Decimal(0), Decimal(0)))
            self.fields[f"line_{line.pk}"] = forms.DecimalField(
                label=str(line), required=False, min_value=0, max_value=line.quantity, decimal_places=4, widget=widget,
                initial=amount(line.quantity - delivered) if line.quantity > delivered else "",
            )  # fmt: skip

    def facts(self):
        """As record_delivery takes them."""
        facts = {name: self.cleaned_data[name] for name in ("kind", "on", "note", "client_id")}
        lines = {name: value for name, value in self.cleaned_data.items() if name.startswith("line_") and value}
        return facts | {"quantities": {int(name.removeprefix("line_")): value for name, value in lines.items()}}


class InvoiceForm(forms.Form):
    number = forms.CharField(label=_("Number"), max_length=40)
    amount = amount_field(_("Amount"))
    issued_on = day_field(label=_("Issued"))
    due_on = day_field(label=_("Due"), required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args, order, day, **kwargs):
        initial = {"amount": plain(order.net), "issued_on": day, "due_on": day + USUAL_DAYS}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["amount"].min_value = Decimal("0.0001")

    def clean_amount(self):
        return above_nothing(self.cleaned_data["amount"])


class CreditForm(forms.Form):
    number = forms.CharField(label=_("Number of the credit note"), max_length=40)
    amount = amount_field(_("Amount credited"))
    issued_on = day_field(label=_("Issued"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args, invoice, day, **kwargs):
        super().__init__(*args, initial={"amount": plain(invoice.open), "issued_on": day}, **kwargs)

    def clean_amount(self):
        return above_nothing(self.cleaned_data["amount"])


class PaymentForm(forms.Form):
    amount = forms.DecimalField(
        label=_("Amount"), max_digits=20, decimal_places=4, min_value=-LARGEST_AMOUNT, max_value=LARGEST_AMOUNT,
        help_text=_("Negative for money that went back, or to put a wrong row right."),
        widget=forms.NumberInput({"inputmode": "decimal", "step": "any"}),
    )  # fmt: skip
    paid_on = day_field(label=_("Paid"))
    reference = forms.CharField(label=_("Reference"), max_length=100, required=False)
    client_id = once()

    def __init__(self, *args, invoice, day, **kwargs):
        super().__init__(*args, initial={"amount": plain(invoice.open), "paid_on": day}, **kwargs)


def above_nothing(value):
    if value <= 0:
        raise forms.ValidationError(_("Give an amount above nothing."))
    return value
