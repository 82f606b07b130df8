"""What is typed about warehouses and what lies in them."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from pipeline.forms.pasted import LONGEST_PASTE, numbers_by_product
from pipeline.models import Movement, Warehouse
from pipeline.services.stock import BY_HAND, MOST_PASTED
from salesorg.lib.forms import ScopedModelForm

MOST = Decimal(10**9)  # pieces in one warehouse


class WarehouseForm(ScopedModelForm):
    class Meta:
        model = Warehouse
        fields = ["name"]


class StockForm(forms.Form):
    """What was counted, received or taken out in one warehouse, one product or thousands."""

    warehouse = forms.ModelChoiceField(None, label=_("Warehouse"), empty_label=None)
    kind = forms.ChoiceField(
        label=_("What happened"), choices=[(each.value, each.label) for each in map(Movement.Kind, BY_HAND)],
        help_text=_("Counted: so much is there. Received and taken out: so much more or less than before."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("May be empty for what was received.")
    )  # fmt: skip
    lines = forms.CharField(
        label=_("Quantities"), max_length=LONGEST_PASTE, widget=forms.Textarea({"rows": 8, "class": "monospace"}),
        help_text=_("One product a line: its code or name, then a tab or semicolon, then the quantity. Or paste from a sheet."),
    )  # fmt: skip

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["warehouse"].queryset = Warehouse.objects.visible_to(user).filter(archived_at=None)

    def clean_lines(self):
        return numbers_by_product(self.cleaned_data["lines"], user=self.user, most=MOST_PASTED, largest=MOST)
