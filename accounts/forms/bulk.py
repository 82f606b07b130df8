"""What many accounts get at once."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account, CoverageLine
from salesorg.lib.widgets import Combobox
from salesorg.people.roles import SELLERS, Action, Role

from .coverage import reachable_people

STAYS = [("", _lazy("as it is"))]


class AccountsForm(forms.Form):
    """What is left empty stays as it is."""

    lifecycle = forms.ChoiceField(label=_lazy("Lifecycle"), required=False, choices=[*STAYS, *Account.Lifecycle.choices])
    industry = forms.CharField(label=_lazy("Industry"), required=False, max_length=100)
    is_key_account = forms.ChoiceField(
        label=_lazy("Key account"), required=False, choices=[*STAYS, ("yes", _lazy("yes")), ("no", _lazy("no"))]
    )
    parent = forms.ModelChoiceField(
        None, label=_lazy("Subsidiary of"), required=False, widget=Combobox("accounts:account_lookup")
    )
    user = forms.ModelChoiceField(
        None, label=_lazy("Covered by"), required=False, widget=Combobox("people:person_lookup"), help_text=_lazy("From today.")
    )
    line = forms.ModelChoiceField(None, label=_lazy("For"), required=False, empty_label=None)
    role = forms.TypedChoiceField(label=_lazy("As"), coerce=int, required=False, initial=Role.AE.value)
    reason = forms.CharField(label=_lazy("Why"), required=False, max_length=200)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.viewer = user
        self.fields["parent"].queryset = Account.objects.visible_to(user)
        if not user.may(Action.REASSIGN):
            for name in ("is_key_account", "user", "line", "role", "reason"):  # as on the pages that do it one by one
                del self.fields[name]
            return
        self.fields["user"].queryset = reachable_people(user)
        self.fields["line"].queryset = CoverageLine.objects.visible_to(user)
        self.fields["role"].choices = [(role.value, role.label) for role in Role if role in SELLERS]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("user"):
            for name in ("line", "role", "reason"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Say it, when somebody shall cover them."))
        elif not self.errors and not any(cleaned.get(name) for name in ("lifecycle", "industry", "is_key_account", "parent")):
            raise forms.ValidationError(_("Fill in at least one thing that shall change."))
        return cleaned

    def facts(self):
        """What was filled in, as change_accounts takes it."""
        typed = self.cleaned_data
        facts = {name: typed[name] for name in ("lifecycle", "industry", "parent") if typed.get(name)}
        if typed.get("is_key_account"):
            facts["is_key_account"] = typed["is_key_account"] == "yes"
        if typed.get("user"):
            facts["cover"] = {name: typed[name] for name in ("user", "line", "role", "reason")} | {"from_day": self.viewer.today}
        return facts
