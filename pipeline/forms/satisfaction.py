"""What customers answer when asked how satisfied they are; and whom we ask, for what."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from pipeline.models import Favour


class AnswerForm(forms.Form):
    """0 to 10, and a sentence; of a stranger who holds the token."""

    score = forms.TypedChoiceField(
        label=_("How likely is it that you recommend us? 0 is not at all, 10 very likely."),
        choices=[(number, str(number)) for number in range(11)], coerce=int, widget=forms.RadioSelect,
    )  # fmt: skip
    words = forms.CharField(label=_("Why?"), required=False, max_length=1_000, widget=forms.Textarea({"rows": 3}))
    # No person sees or fills this in; a program that fills in whatever there is does.
    website = forms.CharField(
        label=_("Leave this empty"), required=False, max_length=1_000,
        widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}),
    )  # fmt: skip


class AskForm(forms.Form):
    """Whom to ask."""

    contact = forms.ModelChoiceField(None, label=_("Whom"), empty_label=None)

    def __init__(self, *args, user, account, **kwargs):
        super().__init__(*args, **kwargs)
        people = Contact.objects.visible_to(user).filter(account=account).reachable("email").exclude(email="")
        self.fields["contact"].queryset = people


class FavourForm(forms.Form):
    """A review or referral, and what came of it."""

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What"), choices=Favour.Kind.choices)
    state = forms.ChoiceField(label=_("What came of it"), choices=Favour.State.choices)
    contact = forms.ModelChoiceField(None, label=_("By"), required=False, empty_label=_("Nobody in particular"))
    where = forms.CharField(label=_("Where it can be read, or what they said"), max_length=500, required=False)
    company = forms.CharField(label=_("Recommended to: company"), max_length=200, required=False)
    person = forms.CharField(label=_("Person there"), max_length=100, required=False)
    email = forms.EmailField(label=_("Their e-mail"), max_length=254, required=False)

    def __init__(self, *args, user, account, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["client_id"].initial = uuid.uuid4
        self.fields["contact"].queryset = Contact.objects.visible_to(user).filter(account=account).here()
