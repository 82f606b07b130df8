"""What people type about a view of a list."""

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from salesorg.people.models import SavedView, Team
from salesorg.people.roles import LEADERS, Role


class SavedViewForm(forms.ModelForm):
    """Its name, and who else has it; only those who may share are asked."""

    pinned = forms.BooleanField(label=_lazy("In my navigation"), required=False)
    default = forms.BooleanField(label=_lazy("What I see first on this page"), required=False)

    class Meta:
        model = SavedView
        fields = ["name", "shared", "team"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        roles, teams = user.scope.roles, Team.objects.visible_to(user)
        if Role.OPERATIONS not in roles:
            teams = teams.filter(pk__in=user.scope.led_teams)
            mine = [choice for choice in SavedView.Shared.choices if choice[0] != SavedView.Shared.ALL]
            self.fields["shared"].choices = mine
        if not roles & {*LEADERS, Role.OPERATIONS}:
            del self.fields["shared"], self.fields["team"]
            return
        self.fields["team"].queryset = teams.order_by("name", "pk")
        self.fields["team"].empty_label = "—"

    def facts(self):
        """What was typed, as the services take it; whoever is not asked keeps it alone."""
        return {"shared": SavedView.Shared.OWN} | self.cleaned_data

    def _post_clean(self):
        """The service writes and checks; the form must not change the record it was given."""
