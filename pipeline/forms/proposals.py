"""What people type about proposals: their lines, discounts, approvals, how they are sent; and what the customer answers."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from pipeline.engine.pricing import MOST
from pipeline.models import DiscountLimit, Product
from pipeline.services.proposals import MOST_LINES, Wanted
from pipeline.services.stock import amount
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import Team
from salesorg.people.roles import LEADERS, SELLERS, Role

from .products import currency_field, price_field
from .public import StrangerForm

VALID_DAYS = 30  # unless the seller says otherwise
LIMITED = [role for role in Role if role in SELLERS | LEADERS | {Role.INSIDE}]


def percent_field(**options):
    widget = forms.NumberInput({"inputmode": "decimal", "min": 0, "max": 100, "step": "any"})
    return forms.DecimalField(min_value=0, max_value=100, max_digits=5, decimal_places=2, widget=widget, **options)


class ProposalForm(forms.Form):
    """What a proposal says besides its lines."""

    name = forms.CharField(label=_lazy("Title"), max_length=200)
    currency = currency_field()
    valid_until = day_field(label=_lazy("Valid until"))
    delivery_on = day_field(label=_lazy("Delivery"), required=False)
    intro = forms.CharField(
        label=_lazy("Introduction"), required=False, max_length=5_000, widget=forms.Textarea({"rows": 3})
    )  # fmt: skip
    terms = forms.CharField(label=_lazy("Terms"), required=False, max_length=5_000, widget=forms.Textarea({"rows": 3}))
    discount = percent_field(label=_lazy("Discount on the whole, %"), required=False)

    def clean_discount(self):
        return self.cleaned_data["discount"] or Decimal(0)

    @staticmethod
    def first(deal, today):
        """What stands there for a new proposal."""
        return {"name": deal.name, "currency": deal.currency, "valid_until": today + timedelta(days=VALID_DAYS)}


class ProductBox(Combobox):
    """Its products are named all at once, and not one by one for every line."""

    names = None

    def label_of(self, value):
        return self.names.get(str(value or ""), "")


class LineForm(forms.Form):
    """One line: a product of the lists, or free text with a price."""

    product = forms.ModelChoiceField(
        None, label=_lazy("Product"), required=False, widget=ProductBox("pipeline:product_lookup")
    )  # fmt: skip
    text = forms.CharField(label=_lazy("Or in words"), required=False, max_length=300)
    quantity = forms.DecimalField(
        label=_lazy("Quantity"), required=False, min_value=0, max_value=MOST, max_digits=14, decimal_places=4,
        widget=forms.NumberInput({"inputmode": "decimal", "min": 0, "step": "any"}),
    )  # fmt: skip
    price = price_field(label=_lazy("Price, if on no list"), required=False)
    discount = percent_field(label=_lazy("Discount, %"), required=False)

    def __init__(self, *args, user, names, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["product"].widget.names = names
        self.fields["product"].queryset = Product.objects.visible_to(user)

    def clean(self):
        cleaned = super().clean()
        said = cleaned.get("product") or cleaned.get("text")
        if not said and any(cleaned.get(name) not in (None, "") for name in ("quantity", "price", "discount")):
            self.add_error("product", _("Choose a product, or say in words what it is."))
        if said and not cleaned.get("product") and cleaned.get("price") is None and "price" not in self.errors:
            self.add_error("price", _("Give its price: it stands on no list."))
        if said and cleaned.get("quantity") is None and "quantity" not in self.errors:
            cleaned["quantity"] = Decimal(1)
        return cleaned


class BaseLineFormSet(forms.BaseFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Take this line out")

    def wanted(self):
        """The lines that say something and are not taken out, as the service takes them."""
        rows = (form.cleaned_data for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE"))
        return [
            Wanted(row["product"], row["text"], row["quantity"], row["price"], row["discount"] or Decimal(0))
            for row in rows
            if row.get("product") or row.get("text")
        ]

    @staticmethod
    def initial_of(wanted):
        return [
            {
                "product": each.product and each.product.pk,
                "text": "" if each.product and each.text == each.product.name else each.text,
                "quantity": amount(each.quantity),
                "price": None if each.product else amount(each.price),
                "discount": amount(each.discount) if each.discount else None,
            }
            for each in wanted
        ]


LineFormSet = forms.formset_factory(
    LineForm, formset=BaseLineFormSet, extra=1, can_delete=True, max_num=MOST_LINES, absolute_max=MOST_LINES + 2
)


class AskForm(forms.Form):
    note = forms.CharField(
        label=_lazy("Why this discount"), required=False, max_length=1_000, widget=forms.Textarea({"rows": 3})
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_lazy("Reason"), required=False, max_length=1_000, widget=forms.Textarea({"rows": 3}))


class SendForm(forms.Form):
    """How the customer gets it."""

    email = forms.EmailField(
        label=_lazy("Send it by e-mail to"), required=False, max_length=254,
        help_text=_lazy("Empty: you pass its address on yourself."),
    )  # fmt: skip


class LimitForm(ScopedModelForm):
    class Meta:
        model = DiscountLimit
        fields = ["role", "team", "percent"]

    role = forms.TypedChoiceField(
        label=_lazy("Role"), required=False, coerce=int, empty_value=None,
        choices=[("", _lazy("every role")), *((role.value, role.label) for role in LIMITED)],
    )  # fmt: skip
    team = forms.ModelChoiceField(
        None, label=_lazy("Team"), required=False, widget=Combobox("people:team_lookup"),
        help_text=_lazy("Empty: in every team."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.visible_to(self.user)

    def _post_clean(self):
        """The service asks whether there is one already."""


class AnswerForm(StrangerForm):
    """Yes under one's name, or no with a reason."""

    ACCEPT, REJECT = "accept", "reject"
    field_order = ["person"]
    company = email = phone = request = None
    person = forms.CharField(
        label=_lazy("Your full name"), max_length=100, widget=forms.TextInput({"autocomplete": "name"})
    )  # fmt: skip
    answer = forms.ChoiceField(choices=[(ACCEPT, ""), (REJECT, "")], widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_lazy("Why not?"), required=False, max_length=1_000, widget=forms.Textarea({"rows": 3})
    )  # fmt: skip

    def __init__(self, *args, answer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].initial = answer
        if answer == self.REJECT:
            self.fields.pop("consent", None)
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]
            self.fields["consent"].required = True
