"""What people type about visits, calls and next steps."""

import uuid
from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account, Activity
from salesorg.lib.validators import check_business_date
from salesorg.lib.widgets import Combobox, day_field

from .visits import BroughtBackForm

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
NEXT_KINDS = ("call", "visit", "email", "meeting", "needs_analysis", "demo", "proposal_meeting", "task")


class NextStepForm(forms.Form):
    """What comes next and when; both or neither."""

    next_kind = forms.ChoiceField(label=_lazy("Next step"), required=False)
    next_in = forms.ChoiceField(label=_lazy("when"), required=False, choices=[("", "—"), *NEXT_IN])
    next_on = day_field(label=_lazy("day"), required=False)
    next_subject = forms.CharField(label=_lazy("What about"), required=False, max_length=200)

    def __init__(self, *args, user, day=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.day = day or user.today  # from which "in 1 week" counts: the day it was typed
        labels = dict(Activity.Kind.choices)
        self.fields["next_kind"].choices = [("", _("none")), *((kind, labels[kind]) for kind in NEXT_KINDS)]

    def clean(self):
        cleaned = super().clean()
        wait = cleaned.pop("next_in", "")
        if wait and wait != "day":
            cleaned["next_on"] = self.day + timedelta(days=int(wait))
        if cleaned.get("next_kind") and not cleaned.get("next_on") and not {"next_on", "next_in"} & self.errors.keys():
            self.add_error("next_on" if wait == "day" else "next_in", _("Say when the next step is due."))
        if cleaned.get("next_on") and not cleaned.get("next_kind") and "next_kind" not in self.errors:
            self.add_error("next_kind", _("Say what the next step is."))
        return cleaned


class VisitForm(BroughtBackForm, NextStepForm):
    """A visit or call that took place, in three taps: how it went, what comes next, save."""

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput({"data-client-id": ""}))
    account = forms.ModelChoiceField(None, label=_lazy("Account"), widget=Combobox("accounts:account_lookup"))
    kind = forms.ChoiceField(
        label=_lazy("What"), choices=[each for each in Activity.Kind.choices if each[0] != "task"], widget=forms.RadioSelect
    )
    outcome = forms.ChoiceField(label=_lazy("How it went"), required=False, choices=OUTCOMES, widget=forms.RadioSelect)
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
        *BroughtBackForm.BROUGHT,
        "done_at",
    ]

    def __init__(self, *args, account=None, contact=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.account = account
        # Made again by the page itself; this one serves a browser without scripts.
        self.fields["client_id"].initial = uuid.uuid4
        self.fields["account"].queryset = Account.objects.visible_to(self.user)
        self.fields["account"].initial = account
        self.fields["kind"].initial = Activity.Kind.VISIT
        self.offer(account, contact)

    def clean_done_at(self):
        done_at = self.cleaned_data["done_at"]
        if done_at:
            check_business_date(timezone.localtime(done_at).date())
        return done_at


class CompleteForm(BroughtBackForm, NextStepForm):
    """How a planned activity went."""

    outcome = forms.ChoiceField(label=_lazy("How it went"), required=False, choices=OUTCOMES, widget=forms.RadioSelect)
    note = forms.CharField(label=_lazy("Note"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 4}))
    field_order = ["outcome", "note", "next_kind", "next_in", "next_on", "next_subject", *BroughtBackForm.BROUGHT]

    def __init__(self, *args, account, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer(account)
