"""What people type about spend tiers and key accounts."""

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import TierPolicy
from salesorg.lib.validators import check_amount
from salesorg.lib.widgets import day_field


class TierPolicyForm(forms.ModelForm):
    class Meta:
        model = TierPolicy
        fields = ["a_from", "b_from", "band", "new_months", "service_a", "service_b", "service_c", "service_new"]
        help_texts = {
            "a_from": _lazy("Spend of the last twelve complete months, in the organisation's currency."),
            "band": _lazy("A customer rises at the threshold plus this, and falls below the threshold less this."),
            "new_months": _lazy("Counted from the first order; until then a customer has the tier “New”."),
            "service_a": _lazy("What these customers may expect: who visits, how fast you answer."),
        }

    def __init__(self, *args, currency, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("a_from", "b_from"):
            self.fields[name].validators.append(check_amount)
            self.fields[name].label = f"{self.fields[name].label} ({currency})"
            self.initial[name] = f"{self.initial[name].normalize():f}"

    def _get_validation_exclusions(self):
        """Whether A lies above B is checked by the service, which says it at the field; the constraint knows no field."""
        return {*super()._get_validation_exclusions(), "a_from", "b_from"}


class KeyAccountForm(forms.Form):
    """Why an account is served as A for its potential, and until when."""

    reason = forms.CharField(label=_lazy("Why"), max_length=300, help_text=_lazy("Which potential you see, and by when."))
    until = day_field(label=_lazy("Until"), required=False, help_text=_lazy("Leave empty for as long as nobody ends it."))
