"""What people type about accounts, contacts, visits and coverage."""

import re
import uuid
from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.validators import check_amount, check_business_date
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import User
from salesorg.people.roles import SELLERS, Role

from .models import Account, Activity, Contact, CoverageLine

# When the next step is due, in days from today; the last choice shows a date field.
NEXT_IN = (
    ("1", _lazy("tomorrow")),
    ("3", _lazy("in 3 days")),
    ("7", _lazy("in 1 week")),
    ("14", _lazy("in 2 weeks")),
    ("30", _lazy("in 1 month")),
    ("day", _lazy("on a day…")),
)
OUTCOMES = [each for each in Activity.Outcome.choices if each[0]]
NEXT_KINDS = ("call", "visit", "email", "meeting", "demo", "proposal_meeting", "task")


class AccountForm(ScopedModelForm):
    class Meta:
        model = Account
        fields = ["name", "domain", "phone", "lifecycle", "is_key_account", "parent", "industry", "employees", "annual_revenue",
                  "founded", "street", "postal_code", "city", "country", "note"]  # fmt: skip
        widgets = {
            "parent": Combobox("accounts:account_lookup"),
            "domain": forms.TextInput({"inputmode": "url", "autocapitalize": "none"}),
            "phone": forms.TextInput({"type": "tel"}),
            "note": forms.Textarea({"rows": 4}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["annual_revenue"].validators.append(check_amount)
        parent = self.fields["parent"]
        if self.instance.parent_id and not parent.queryset.filter(pk=self.instance.parent_id).exists():
            del self.fields["parent"]  # a hidden parent is neither shown nor lost

    def clean_domain(self):
        """“https://www.Acme.com/shop” is the domain acme.com."""
        domain = re.sub(r"^\w+://|^www\.", "", self.cleaned_data["domain"].strip().lower())
        domain = re.sub(r"^www\.", "", domain).split("/")[0]
        if domain and not re.fullmatch(r"[\w-]+(\.[\w-]+)+", domain):
            raise forms.ValidationError(_("Give a domain such as acme.com."))
        return domain


class NewAccountForm(AccountForm):
    another_company = forms.BooleanField(label=_lazy("This is another company"), required=False, widget=forms.HiddenInput)

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


class NextStepForm(forms.Form):
    """What comes next and when; both or neither."""

    next_kind = forms.ChoiceField(label=_lazy("Next step"), required=False)
    next_in = forms.ChoiceField(label=_lazy("when"), required=False, choices=[("", "—"), *NEXT_IN])
    next_on = day_field(label=_lazy("day"), required=False)
    next_subject = forms.CharField(label=_lazy("What about"), required=False, max_length=200)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        labels = dict(Activity.Kind.choices)
        self.fields["next_kind"].choices = [("", _("none")), *((kind, labels[kind]) for kind in NEXT_KINDS)]

    def clean(self):
        cleaned = super().clean()
        wait = cleaned.pop("next_in", "")
        if wait and wait != "day":
            cleaned["next_on"] = self.user.today + timedelta(days=int(wait))
        if cleaned.get("next_kind") and not cleaned.get("next_on") and not {"next_on", "next_in"} & self.errors.keys():
            self.add_error("next_on" if wait == "day" else "next_in", _("Say when the next step is due."))
        if cleaned.get("next_on") and not cleaned.get("next_kind") and "next_kind" not in self.errors:
            self.add_error("next_kind", _("Say what the next step is."))
        return cleaned


class VisitForm(NextStepForm):
    """A visit or call that took place, in three taps: how it went, what comes next, save."""

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput({"data-client-id": ""}))
    account = forms.ModelChoiceField(None, label=_lazy("Account"), widget=Combobox("accounts:account_lookup"))
    kind = forms.ChoiceField(
        label=_lazy("What"), choices=[each for each in Activity.Kind.choices if each[0] != "task"], widget=forms.RadioSelect
    )
    outcome = forms.ChoiceField(label=_lazy("How it went"), required=False, choices=OUTCOMES, widget=forms.RadioSelect)
    contact = forms.ModelChoiceField(None, label=_lazy("Met"), required=False)
    note = forms.CharField(label=_lazy("Note"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 4}))
    done_at = forms.DateTimeField(
        label=_lazy("When"), required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    field_order = [
        "client_id",
        "account",
        "kind",
        "outcome",
        "note",
        "next_kind",
        "next_in",
        "next_on",
        "next_subject",
        "contact",
        "done_at",
    ]

    def __init__(self, *args, account=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.account = account
        # Made again by the page itself; this one serves a browser without scripts.
        self.fields["client_id"].initial = uuid.uuid4
        self.fields["account"].queryset = Account.objects.visible_to(self.user)
        self.fields["account"].initial = account
        self.fields["kind"].initial = Activity.Kind.VISIT
        self.fields["contact"].queryset = Contact.objects.visible_to(self.user)
        here = self.fields["contact"].queryset.filter(account=account).order_by("name", "pk")[:200] if account else ()
        self.fields["contact"].widget = forms.Select(choices=[("", "—"), *((contact.pk, str(contact)) for contact in here)])

    def clean_done_at(self):
        done_at = self.cleaned_data["done_at"]
        if done_at:
            check_business_date(timezone.localtime(done_at).date())
        return done_at


class PlanForm(forms.Form):
    """Something to be done at an account on a day."""

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput({"data-client-id": ""}))
    kind = forms.ChoiceField(label=_lazy("What"))
    due_on = day_field(label=_lazy("When"))
    subject = forms.CharField(label=_lazy("What about"), required=False, max_length=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        labels = dict(Activity.Kind.choices)
        self.fields["kind"].choices = [(kind, labels[kind]) for kind in NEXT_KINDS]
        self.fields["client_id"].initial = uuid.uuid4


class CompleteForm(NextStepForm):
    """How a planned activity went."""

    outcome = forms.ChoiceField(label=_lazy("How it went"), required=False, choices=OUTCOMES, widget=forms.RadioSelect)
    note = forms.CharField(label=_lazy("Note"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 4}))
    field_order = ["outcome", "note", "next_kind", "next_in", "next_on", "next_subject"]


class CoverageForm(forms.Form):
    """Who covers an account by hand, and why."""

    user = forms.ModelChoiceField(None, label=_lazy("Covered by"), widget=Combobox("people:person_lookup"))
    line = forms.ModelChoiceField(None, label=_lazy("For"), empty_label=None)
    role = forms.TypedChoiceField(label=_lazy("As"), coerce=int)
    from_day = day_field(label=_lazy("From"))
    until = day_field(
        label=_lazy("Until"),
        required=False,
        help_text=_lazy("Leave empty for as long as nobody changes it. From that day the territory decides again."),
    )
    reason = forms.CharField(label=_lazy("Why"), max_length=200)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = reachable_people(user)
        self.fields["line"].queryset = CoverageLine.objects.visible_to(user)
        self.fields["role"].choices = [(role.value, role.label) for role in Role if role in SELLERS]
        self.fields["role"].initial = Role.AE.value
        self.fields["from_day"].initial = user.today


class EndCoverageForm(forms.Form):
    """When and why somebody stops covering an account."""

    day = day_field(label=_lazy("From"), help_text=_lazy("The first day that is no longer covered."))
    reason = forms.CharField(label=_lazy("Why"), max_length=200)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = user.today


def reachable_people(user):
    """Working colleagues to whom this person may give accounts: a leader to the own subtree, operations to all."""
    people = User.objects.visible_to(user).working()
    return people if user.scope.sees_all_accounts else people.filter(pk__in=user.scope.account_people)
