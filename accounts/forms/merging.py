"""What is chosen when two records become one."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from accounts.services.merging import BOTH, DROP, KEEP, choices_of, may_have_both, proposal
from salesorg.lib.widgets import Combobox


class MergeForm(forms.Form):
    """One choice for each field in which the two records differ, set to what is proposed."""

    keep_version = forms.IntegerField(widget=forms.HiddenInput)
    drop_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, keep, drop, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial |= {"keep_version": keep.version, "drop_version": drop.version}
        proposed = proposal(type(keep), keep, drop)
        self.names = []
        for name, columns in choices_of(type(keep)).items():
            if all(getattr(keep, column) == getattr(drop, column) for column in columns):
                continue
            sides = [(KEEP, str(keep)), (DROP, str(drop))]
            if may_have_both(type(keep), columns):
                sides.append((BOTH, _("both, one below the other")))
            self.fields[name] = forms.ChoiceField(choices=sides, widget=forms.RadioSelect, required=False)
            self.initial[name] = proposed[name]
            self.names.append(name)

    def chosen(self):
        """What the service takes."""
        asked = self.cleaned_data
        choices = {name: asked[name] for name in self.names if asked[name]}
        return {"choices": choices, "versions": (asked["keep_version"], asked["drop_version"])}


class MergeWithForm(forms.Form):
    """The other account."""

    other = forms.ModelChoiceField(
        None, label=_lazy("The same company is also here as"), widget=Combobox("accounts:account_lookup")
    )

    def __init__(self, *args, user, account, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["other"].queryset = Account.objects.visible_to(user).exclude(pk=account.pk)
