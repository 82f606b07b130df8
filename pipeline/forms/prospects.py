"""What people type about a list of prospects and the prospects on it."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Contact
from pipeline.models import DisqualificationReason, Source
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import User

USUAL_DAYS = 30  # until one asks again; a proposal, to be typed over


class ProspectListForm(forms.Form):
    """What the list is called, who works through it, and with whom."""

    name = forms.CharField(label=_lazy("Name"), max_length=100)
    owner = forms.ModelChoiceField(None, label=_lazy("Who works through it"), widget=Combobox("people:person_lookup"))
    shared_with = forms.ModelChoiceField(
        None, label=_lazy("Together with"), required=False, widget=Combobox("people:person_lookup"),
        help_text=_lazy("Two who work on it at once are never given the same company."),
    )  # fmt: skip

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("owner", "shared_with"):
            self.fields[name].queryset = User.objects.visible_to(user).working()
        self.fields["owner"].initial = user.pk


class PutOffForm(forms.Form):
    """Not now."""

    until = day_field(label=_lazy("Again on"))
    note = forms.CharField(label=_lazy("Why"), required=False, max_length=300)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, auto_id="id_later_%s", **kwargs)
        self.fields["until"].initial = user.today + timedelta(days=USUAL_DAYS)


class RuleOutForm(forms.Form):
    """No fit."""

    reason = forms.ModelChoiceField(None, label=_lazy("Why"), empty_label=_lazy("Choose …"))
    note = forms.CharField(label=_lazy("In words"), required=False, max_length=300)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, auto_id="id_no_fit_%s", **kwargs)
        self.fields["reason"].queryset = DisqualificationReason.objects.visible_to(user)


class MakeLeadForm(forms.Form):
    """It has become a lead."""

    source = forms.ModelChoiceField(None, label=_lazy("Source"), empty_label=_lazy("Choose …"))
    contact = forms.ModelChoiceField(None, label=_lazy("Who is interested"), required=False, empty_label=_lazy("nobody named"))
    request = forms.CharField(
        label=_lazy("What they need"), required=False, max_length=5_000, widget=forms.Textarea({"rows": 2})
    )  # fmt: skip

    def __init__(self, *args, user, account, **kwargs):
        super().__init__(*args, auto_id="id_lead_%s", **kwargs)
        self.fields["source"].queryset = Source.objects.visible_to(user)
        self.fields["contact"].queryset = Contact.objects.visible_to(user).here().filter(account=account)
