"""What people type to reassign seats, accounts and territories."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.forms.coverage import reachable_people
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.roles import Role

from .models import Territory

DEALS = (("", _lazy("stay with their owner")), ("move", _lazy("move along")))


class ReassignForm(forms.Form):
    """From when, and whether open deals go along. `labels` names what can go along, empty when nothing can."""

    day = day_field(
        label=_lazy("From"), help_text=_lazy("Coverage before that day stays as it was. A past day is recorded as known today.")
    )
    open_deals = forms.ChoiceField(label=_lazy("Open deals"), required=False, choices=DEALS, widget=forms.RadioSelect)

    def __init__(self, *args, user, force, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.force = user, force
        self.fields["day"].initial = user.today
        self.fields["open_deals"].initial = ""

    def what(self):
        """What the service is told, beside the records."""
        typed = dict(self.cleaned_data)
        typed["move_following"] = typed.pop("open_deals") == "move"
        return typed

    def refuse(self, error):
        """Show a service's refusal at the fields it names, else on top."""
        names = [{"move_following": "open_deals"}.get(name, name) for name in error.fields]
        for name in [name for name in names if name in self.fields] or [None]:
            self.add_error(name, str(error))

    def reachable(self, name, chosen, within):
        """The chosen territory, if this person may give to it."""
        if chosen is not None and chosen.pk not in within:
            raise forms.ValidationError(_("You may reassign only within your own teams. Ask sales operations for this one."))
        return chosen


class MoveAccountsForm(ReassignForm):
    target = forms.ModelChoiceField(None, label=_lazy("To territory"), widget=Combobox("territories:territory_lookup"))
    reason = forms.CharField(label=_lazy("Why"), max_length=200)
    field_order = ["target", "day", "reason", "open_deals"]

    def __init__(self, *args, within, **kwargs):
        super().__init__(*args, **kwargs)
        self.within = within
        self.fields["target"].queryset = Territory.objects.visible_to(self.user).filter(force=self.force)

    def clean_target(self):
        return self.reachable("target", self.cleaned_data["target"], self.within)


class MoveTerritoryForm(ReassignForm):
    parent = forms.ModelChoiceField(
        None, label=_lazy("Make it part of"), required=False, widget=Combobox("territories:territory_lookup"),
        help_text=_lazy("Leave empty to let it stand alone.")
    )  # fmt: skip
    field_order = ["parent", "day", "open_deals"]

    def __init__(self, *args, within, **kwargs):
        super().__init__(*args, **kwargs)
        self.within = within
        self.fields["parent"].queryset = Territory.objects.visible_to(self.user).filter(force=self.force)

    def clean_parent(self):
        parent = self.reachable("parent", self.cleaned_data["parent"], self.within)
        if parent is None and not self.user.scope.sees_all_accounts:
            raise forms.ValidationError(_("Only sales operations lets a territory stand alone. Choose what it is part of."))
        return parent


class GiveSeatForm(ReassignForm):
    user = forms.ModelChoiceField(
        None, label=_lazy("To"), required=False, widget=Combobox("people:person_lookup"),
        help_text=_lazy("Leave empty to make the seat vacant: the nearest lead above covers meanwhile.")
    )  # fmt: skip
    field_order = ["user", "day", "open_deals"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = reachable_people(self.user)


class OpenSeatForm(forms.Form):
    """A new seat in a territory."""

    role = forms.TypedChoiceField(label=_lazy("Role"), coerce=int)
    user = forms.ModelChoiceField(
        None,
        label=_lazy("Held by"),
        required=False,
        widget=Combobox("people:person_lookup"),
        help_text=_lazy("Leave empty while it is vacant."),
    )
    from_day = day_field(label=_lazy("From"))
    is_lead = forms.BooleanField(
        label=_lazy("Leads the territory"),
        required=False,
        initial=True,
        help_text=_lazy("Whoever leads covers the accounts; the others share."),
    )

    def __init__(self, *args, user, force, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, Role(role).label) for role in force.roles]
        self.fields["user"].queryset = reachable_people(user)
        self.fields["from_day"].initial = user.today
