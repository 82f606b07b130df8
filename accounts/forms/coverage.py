"""What people type about who covers an account."""

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import CoverageLine
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import User
from salesorg.people.roles import SELLERS, Role


class CoverageForm(forms.Form):
    """Who covers an account by hand, and why."""

    user = forms.ModelChoiceField(None, label=_lazy("Covered by"), widget=Combobox("people:person_lookup"))
    line = forms.ModelChoiceField(None, label=_lazy("For"), empty_label=None)
    role = forms.TypedChoiceField(label=_lazy("As"), coerce=int)
    from_day = day_field(label=_lazy("From"))
    until = day_field(
        label=_lazy("Until"),
        required=False,
        help_text=_lazy("Leave empty for as long as nobody changes it. From that day the territory decides again."),
    )
    reason = forms.CharField(label=_lazy("Why"), max_length=200)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = reachable_people(user)
        self.fields["line"].queryset = CoverageLine.objects.visible_to(user)
        self.fields["role"].choices = [(role.value, role.label) for role in Role if role in SELLERS]
        self.fields["role"].initial = Role.AE.value
        self.fields["from_day"].initial = user.today


class EndCoverageForm(forms.Form):
    """When and why somebody stops covering an account."""

    day = day_field(label=_lazy("From"), help_text=_lazy("The first day that is no longer covered."))
    reason = forms.CharField(label=_lazy("Why"), max_length=200)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = user.today


def reachable_people(user):
    """Working colleagues to whom this person may give accounts: a leader to the own subtree, operations to all."""
    people = User.objects.visible_to(user).working()
    return people if user.scope.sees_all_accounts else people.filter(pk__in=user.scope.account_people)
