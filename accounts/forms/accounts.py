"""What people type about companies and the people at them."""

import re

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account, Contact
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.validators import check_amount
from salesorg.lib.widgets import Combobox

from .twins import NameWithTwins


def domain_of(text):
    """“https://www.Acme.com/shop” is the domain acme.com. Raises ValidationError for what is none."""
    domain = re.sub(r"^\w+://|^www\.", "", text.strip().lower())
    domain = re.sub(r"^www\.", "", domain).split("/")[0]
    if domain and not re.fullmatch(r"[\w-]+(\.[\w-]+)+", domain):
        raise forms.ValidationError(_("Give a domain such as acme.com."))
    return domain


class AccountForm(ScopedModelForm):
    class Meta:
        model = Account
        fields = ["name", "domain", "phone", "lifecycle", "parent", "industry", "employees", "annual_revenue",
                  "founded", "potential", "potential_how", "potential_on", "street", "postal_code", "city", "country",
                  "note"]  # fmt: skip
        widgets = {
            "parent": Combobox("accounts:account_lookup"),
            "domain": forms.TextInput({"inputmode": "url", "autocapitalize": "none"}),
            "phone": forms.TextInput({"type": "tel"}),
            "potential_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "note": forms.Textarea({"rows": 4}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["annual_revenue"].validators.append(check_amount)
        self.fields["potential"].validators.append(check_amount)
        parent = self.fields["parent"]
        if self.instance.parent_id and not parent.queryset.filter(pk=self.instance.parent_id).exists():
            del self.fields["parent"]  # a hidden parent is neither shown nor lost

    def clean_domain(self):
        return domain_of(self.cleaned_data["domain"])


class NewAccountForm(AccountForm):
    class Meta(AccountForm.Meta):
        widgets = AccountForm.Meta.widgets | {
            "name": NameWithTwins(["name", "domain", "phone", "street", "postal_code", "city", "country"])
        }

    another_company = forms.BooleanField(label=_lazy("This is another company"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.url = reverse("accounts:account_twins")

    def refuse(self, error):
        """A likely duplicate can be told to be another company after all."""
        super().refuse(error)
        if "name" in error.fields:
            self.fields["another_company"].widget = forms.CheckboxInput()

    def facts(self):
        return super().facts() | {"another_company": self.cleaned_data["another_company"]}


class ContactForm(ScopedModelForm):
    class Meta:
        model = Contact
        fields = ["name", "position", "decision_role", "email", "phone", "do_not_contact"]
        widgets = {"phone": forms.TextInput({"type": "tel"})}


class NewContactForm(ContactForm):
    class Meta(ContactForm.Meta):
        widgets = ContactForm.Meta.widgets | {"name": NameWithTwins(["name", "email", "phone"])}

    def __init__(self, *args, account, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.url = reverse("accounts:contact_twins", args=[account.pk])
