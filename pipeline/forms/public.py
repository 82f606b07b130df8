"""What strangers type: the form of a landing page, and the page on which a partner hands leads in."""

import time
import uuid

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.forms.accounts import domain_of

QUICKEST = 3  # seconds; nobody reads and fills in a form faster
OPEN_FOR = 24 * 3600  # seconds a form that was opened may be sent
SALT = "pipeline.public_form"


def stamp(token, opened=None):
    """What a form carries: that it was opened here and when, and its own number, by which it is stored once."""
    return signing.dumps({"page": token, "id": uuid.uuid4().hex, "at": int(opened or time.time())}, salt=SALT)


class StrangerForm(forms.Form):
    """Who asks, and what."""

    company = forms.CharField(
        label=_lazy("Company"), max_length=200, widget=forms.TextInput({"autocomplete": "organization"})
    )  # fmt: skip
    person = forms.CharField(label=_lazy("Your name"), max_length=100, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(label=_lazy("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))
    phone = forms.CharField(
        label=_lazy("Phone"), required=False, max_length=40, widget=forms.TextInput({"type": "tel", "autocomplete": "tel"})
    )
    request = forms.CharField(
        label=_lazy("What can we do for you?"), required=False, max_length=2_000, widget=forms.Textarea({"rows": 4})
    )
    # No person sees or fills this in; a program that fills in whatever there is does.
    website = forms.CharField(
        label=_lazy("Leave this empty"), required=False, max_length=1_000,
        widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}),
    )  # fmt: skip
    stamp = forms.CharField(widget=forms.HiddenInput, max_length=300, required=False)
    consent = forms.BooleanField(label="", required=False)

    def __init__(self, *args, token, consent="", **kwargs):
        super().__init__(*args, **kwargs)
        self.token, self.wording = token, consent
        if consent:
            self.fields["consent"].label = consent
        else:
            del self.fields["consent"]

    def seems_a_program(self):
        """Whether the field that nobody sees was filled in."""
        return bool(self.data.get("website"))

    def clean(self):
        cleaned = super().clean()
        try:
            self.stamped = signing.loads(cleaned.get("stamp") or "", salt=SALT)
        except signing.BadSignature:
            self.stamped = {"page": "", "id": "", "at": 0}
        age = time.time() - self.stamped["at"]
        if self.stamped["page"] != self.token or age > OPEN_FOR:
            self.data = self.data.copy()
            self.data["stamp"] = stamp(self.token)
            raise forms.ValidationError(_("This form was open for too long. Please send it once more."))
        if age < QUICKEST:
            raise forms.ValidationError(_("That was very quick. Please wait a moment and send it once more."))
        return cleaned

    def facts(self):
        """As receive_lead takes them."""
        names = ("company", "person", "email", "phone", "request")
        facts = {name: self.cleaned_data[name] for name in names}
        agreed = self.wording if self.cleaned_data.get("consent") else ""
        # Sent again it is stored once; with something else in it, after a step back, it is another one.
        number = uuid.uuid5(uuid.UUID(self.stamped["id"]), repr(facts))
        return facts | {"consent": agreed, "client_id": number}


class PartnerForm(StrangerForm):
    """A company that a partner has found for us."""

    domain = forms.CharField(label=_lazy("Web domain"), required=False, max_length=200)
    field_order = ["company", "domain", "person", "email", "phone", "request"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].label = _lazy("Whom we should talk to")
        self.fields["request"].label = _lazy("What they need")
        for name in ("person", "email"):
            self.fields[name].required = name == "person"

    def clean_domain(self):
        return domain_of(self.cleaned_data["domain"])

    def facts(self):
        return super().facts() | {"domain": self.cleaned_data["domain"]}
