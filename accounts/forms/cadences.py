"""What people type about how often accounts are visited and called."""

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account, CadenceKind
from salesorg.lib.widgets import day_field


class CadenceForm(forms.Form):
    """From a day on: a visit or call every so many days, or none."""

    kind = forms.ChoiceField(label=_lazy("What"), choices=CadenceKind.choices)
    every_days = forms.IntegerField(
        label=_lazy("Every … days"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_lazy("Leave empty for none."),
    )
    from_day = day_field(label=_lazy("From"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["from_day"].initial = user.today


class TierCadenceForm(CadenceForm):
    """For the customers of a tier."""

    tier = forms.ChoiceField(label=_lazy("Tier"), choices=Account.Tier.choices)
    field_order = ["tier", "kind", "every_days", "from_day"]


class AccountCadenceForm(CadenceForm):
    """For one account, instead of its tier; or as its tier again."""

    like_tier = forms.BooleanField(label=_lazy("As its tier again"), required=False)
