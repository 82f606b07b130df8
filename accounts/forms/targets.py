"""What people type about targets for visits, calls and meetings."""

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Measure
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import Team, User
from salesorg.people.roles import HELPERS, SELLERS, Role


class TargetForm(forms.Form):
    """So many a week from a person, from each person of a team, or from each person of a role."""

    measure = forms.TypedChoiceField(label=_lazy("What"), choices=Measure.choices, coerce=int)
    per_week = forms.IntegerField(label=_lazy("A week"), min_value=0, max_value=1000)
    user = forms.ModelChoiceField(None, label=_lazy("Person"), required=False, widget=Combobox("people:person_lookup"))
    team = forms.ModelChoiceField(
        None,
        label=_lazy("or each person of the team"),
        required=False,
        widget=Combobox("people:team_lookup"),
    )
    role = forms.TypedChoiceField(label=_lazy("or each person of the role"), required=False, coerce=int, empty_value=None)
    from_day = day_field(label=_lazy("From"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.visible_to(user).working()
        self.fields["team"].queryset = Team.objects.visible_to(user)
        roles = [(role.value, role.label) for role in Role if role in SELLERS | HELPERS]
        self.fields["role"].choices = [("", "—"), *roles]
        if not user.scope.sees_all_accounts:
            del self.fields["role"]  # a whole role is for operations to set
        self.fields["from_day"].initial = user.today
