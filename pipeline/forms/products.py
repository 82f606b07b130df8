"""What operations type about products, their costs, price lists and the prices on them."""

import re
from datetime import timedelta
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from pipeline.engine.pricing import LARGEST
from pipeline.forms.pasted import LONGEST_PASTE, numbers_by_product
from pipeline.models import Price, PriceList, Product, ProductCost
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.money import COMMON
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import organisation

LARGEST_PRICE = Decimal(LARGEST)
CODE = re.compile(r"[A-Z]{3}")


def currency_field(**options):
    """Any currency of three letters; the usual ones are offered."""
    attrs = {"maxlength": 3, "autocomplete": "off", "placeholder": ", ".join(COMMON[:3])}
    return CurrencyField(label=_lazy("Currency"), max_length=3, widget=forms.TextInput(attrs), **options)


class CurrencyField(forms.CharField):
    def clean(self, value):
        code = super().clean(value).upper()
        if code and not CODE.fullmatch(code):
            raise forms.ValidationError(_("Give the three letters of a currency, such as USD."))
        return code


def price_field(**options):
    widget = forms.NumberInput({"inputmode": "decimal", "min": 0})
    return forms.DecimalField(max_digits=20, decimal_places=4, min_value=0, max_value=LARGEST_PRICE, widget=widget, **options)


class ProductForm(ScopedModelForm):
    class Meta:
        model = Product
        fields = ["name", "code", "unit", "series"]


class CostForm(ScopedModelForm):
    """What one unit costs us from a day on."""

    class Meta:
        model = ProductCost
        fields = ["amount", "currency", "since"]

    amount = price_field(label=_lazy("Cost of one unit"))
    currency = currency_field()
    since = day_field(label=_lazy("From"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = organisation().currency
        self.fields["since"].initial = self.user.today

    def _post_clean(self):
        """The service replaces the cost of a day; the form would refuse it as a second one."""


class PriceListForm(ScopedModelForm):
    class Meta:
        model = PriceList
        fields = ["name", "currency"]

    currency = currency_field()
    first_day = day_field(label=_lazy("Valid from"))
    last_day = day_field(label=_lazy("until"), required=False, help_text=_lazy("Empty: until further notice."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        days = self.instance.during
        self.fields["currency"].initial = organisation().currency
        self.fields["first_day"].initial = days.lower if days else self.user.today
        self.fields["last_day"].initial = days.upper - timedelta(days=1) if days and days.upper else None

    def facts(self):
        return super().facts() | {name: self.cleaned_data[name] for name in ("first_day", "last_day")}


class PriceForm(ScopedModelForm):
    """A price of a list from a day on."""

    class Meta:
        model = Price
        fields = ["product", "amount", "since"]
        widgets = {"product": Combobox("pipeline:product_lookup")}

    amount = price_field(label=_lazy("Price of one unit"))
    since = day_field(label=_lazy("From"), required=False, help_text=_lazy("Empty: from the first day of the list."))

    def _post_clean(self):
        """As above."""


class PastedPricesForm(forms.Form):
    """Many prices at once, as they stand in a sheet: code or name, then the price."""

    since = day_field(label=_lazy("From"), required=False, help_text=_lazy("Empty: from the first day of the list."))
    lines = forms.CharField(
        label=_lazy("Prices"),
        max_length=LONGEST_PASTE,
        widget=forms.Textarea({"rows": 12, "class": "monospace"}),
        help_text=_lazy("One product a line: its code or name, then a tab or semicolon, then the price."),
    )

    def __init__(self, *args, user, most, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.most = user, most

    def clean_lines(self):
        """{Product: price}."""
        return numbers_by_product(self.cleaned_data["lines"], user=self.user, most=self.most, largest=LARGEST_PRICE)
