"""Forms of the pay pages."""

from datetime import date

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from salesorg.lib.validators import check_amount, check_business_date
from salesorg.lib.widgets import Combobox
from salesorg.people.models import User


class MonthField(forms.DateField):
    """A month, as the first of its days."""

    def __init__(self, **kwargs):
        super().__init__(
            input_formats=["%Y-%m"],
            widget=forms.DateInput(format="%Y-%m", attrs={"type": "month", "placeholder": "YYYY-MM"}),
            error_messages={"invalid": _("Give a month such as 2026-03.")},
            validators=[check_business_date],
            **kwargs,
        )

    def to_python(self, value):
        day = super().to_python(value)
        return date(day.year, day.month, 1) if day else None


class _PersonalForm(forms.Form):
    """Something about one colleague from a month on."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=None, widget=Combobox("people:person_lookup"))
    start = MonthField(label=_("From"), help_text=_("From this month on, until something else is set."))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.visible_to(user).working()


class QuotaForm(_PersonalForm):
    amount = forms.DecimalField(label=_("Quota a month"), max_digits=20, decimal_places=4, validators=[check_amount])
    currency = forms.CharField(
        label=_("Currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Three letters, such as EUR."))]
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    field_order = ["person", "amount", "currency", "start", "reason"]


class PlanAssignmentForm(_PersonalForm):
    pass


class AttainmentForm(forms.Form):
    """The filters of the attainment page, from its address."""

    until = MonthField(required=False)
    currency = forms.CharField(required=False, max_length=3)


class CreditsForm(forms.Form):
    """Which credits, from the address: of one person or of everybody one sees; of a month or until a later one."""

    person = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    month = MonthField()
    until = MonthField(required=False)
    currency = forms.CharField(required=False, max_length=3)
