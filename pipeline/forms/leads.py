"""What people type about a lead: a new one, the deal it becomes, why it comes to nothing."""

from datetime import timedelta

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.forms.accounts import domain_of
from accounts.forms.twins import NameWithTwins
from accounts.models import Account, Coverage
from pipeline.models import DisqualificationReason, Source
from salesorg.lib.widgets import Combobox
from salesorg.people.models import User
from salesorg.people.roles import Action, Role

from .deals import NewDealForm

USUAL_DAYS = 60  # until a deal closes; a proposal, to be typed over
NEXT_STEP_IN = 2  # days


class NewLeadForm(forms.Form):
    """Who was found or asked, at a company that is known or new, and where it came from."""

    account = forms.ModelChoiceField(
        None, label=_lazy("Account"), required=False, widget=Combobox("accounts:account_lookup"),
        help_text=_lazy("Or type a company below that is not here yet."),
    )  # fmt: skip
    name = forms.CharField(label=_lazy("Company"), required=False, max_length=200)
    domain = forms.CharField(label=_lazy("Web domain"), required=False, max_length=200)
    person = forms.CharField(label=_lazy("Person"), required=False, max_length=100)
    position = forms.CharField(label=_lazy("Position"), required=False, max_length=100)
    email = forms.EmailField(label=_lazy("E-mail"), required=False)
    phone = forms.CharField(
        label=_lazy("Phone"), required=False, max_length=40, widget=forms.TextInput({"type": "tel"})
    )  # fmt: skip
    source = forms.ModelChoiceField(None, label=_lazy("Source"))
    request = forms.CharField(
        label=_lazy("What they asked"), required=False, max_length=5_000, widget=forms.Textarea({"rows": 4})
    )  # fmt: skip
    sdr = forms.ModelChoiceField(None, label=_lazy("Who works it"), required=False, widget=Combobox("people:person_lookup"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["account"].queryset = Account.objects.visible_to(user)
        self.fields["source"].queryset = Source.objects.visible_to(user)
        self.fields["name"].widget = NameWithTwins(["name", "domain"])
        self.fields["name"].widget.url = reverse("accounts:account_twins")
        self.fields["name"].widget.attrs["maxlength"] = 200
        self.fields["sdr"].queryset = User.objects.visible_to(user).working()
        self.fields["sdr"].initial = user.pk
        if not user.may(Action.REASSIGN):
            del self.fields["sdr"]

    def clean_domain(self):
        return domain_of(self.cleaned_data["domain"])

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("account") and not cleaned.get("name") and not {"account", "name"} & self.errors.keys():
            self.add_error("name", _("Choose an account, or type the company's name."))
        return cleaned

    def facts(self):
        """As receive_lead takes them."""
        facts = self.cleaned_data | {"sdr": self.cleaned_data.get("sdr") or self.user}
        return facts | {"company": facts.pop("name")}


class QualifyForm(NewDealForm):
    """The deal that a lead becomes, filled in as far as the lead knows it, and to whom it is to be handed over."""

    hand_to = forms.ModelChoiceField(
        None, label=_lazy("Hand over to"), required=False, widget=Combobox("people:person_lookup"),
        help_text=_lazy("They get what they need to know on the next page, and take it or return it. Empty: you keep it."),
    )  # fmt: skip

    def __init__(self, *args, lead, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["account"]
        self.fields["hand_to"].queryset = User.objects.visible_to(self.user).working()
        self.initial["hand_to"] = seller_of(lead, self.user)
        person = lead.contact.name if lead.contact_id else lead.account.name
        self.initial |= {
            "name": f"{lead.account.name} – {lead.source.name}"[:200],
            "close_date": self.user.today + timedelta(days=USUAL_DAYS),
            "next_step": _("First meeting with %(name)s") % {"name": person},
            "next_step_on": self.user.today + timedelta(days=NEXT_STEP_IN),
        }


def seller_of(lead, user):
    """The key of the account executive who covers the account, when that is somebody else."""
    covering = Coverage.objects.visible_to(user).on(user.today).filter(account=lead.account_id, role=Role.AE)
    return covering.exclude(user=user).order_by("-is_first_contact", "pk").values_list("user", flat=True).first()


class DisqualifyForm(forms.Form):
    """Why nothing comes of a lead."""

    reason = forms.ModelChoiceField(None, label=_lazy("Why"))
    note = forms.CharField(label=_lazy("In their words"), required=False, max_length=300)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].queryset = DisqualificationReason.objects.visible_to(user)


class AssignLeadForm(forms.Form):
    """Who works a lead from now on."""

    sdr = forms.ModelChoiceField(None, label=_lazy("Who works it"), widget=Combobox("people:person_lookup"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sdr"].queryset = User.objects.visible_to(user).working()
