"""What people type about what they plan: what, when, how long, for whom, and how often again."""

import uuid

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account, Activity, Contact
from accounts.services.planning import check_may_plan_for, local_start
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import show_refusal
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import User

from .activities import NEXT_KINDS

HOW_LONG = (15, 30, 45, 60, 90, 120, 180, 240, 480)  # minutes
REMINDERS = (
    (0, _lazy("when it begins")),
    (10, _lazy("10 minutes before")),
    (30, _lazy("30 minutes before")),
    (60, _lazy("an hour before")),
    (120, _lazy("two hours before")),
    (1440, _lazy("a day before")),
)
AGAIN = (1, 2, 3, 4, 6, 8, 12, 26)  # weeks


def number_of(value):
    return int(value) if value not in (None, "") else None


def number_choice(choices, nothing="—", **more):
    """A choice of numbers, or none."""
    return forms.TypedChoiceField(required=False, empty_value=None, coerce=number_of, choices=[("", nothing), *choices], **more)


def duration(minutes):
    """ "45 min", "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)d min") % {"n": rest}
    return _("%(hours)d h %(rest)d min") % {"hours": hours, "rest": rest} if rest else _("%(n)d h") % {"n": hours}


def person_field(**more):
    return forms.ModelChoiceField(None, required=False, widget=Combobox("people:person_lookup"), **more)


class TimedForm(forms.Form):
    """When something is done: a day, if wanted a time, how long it takes, and a reminder before it begins."""

    kind = forms.ChoiceField(label=_lazy("What"))
    due_on = day_field(label=_lazy("Day"))
    at = forms.TimeField(
        label=_lazy("Time"),
        required=False,
        widget=forms.TimeInput({"type": "time", "step": "300"}, format="%H:%M"),
        help_text=_lazy("Leave empty when the day is enough."),
    )
    minutes = number_choice([], label=_lazy("How long"))
    remind = number_choice(REMINDERS, nothing=_lazy("no reminder"), label=_lazy("Remind"))
    subject = forms.CharField(label=_lazy("What about"), required=False, max_length=200)
    contact = forms.ModelChoiceField(None, label=_lazy("With"), required=False, empty_label=_lazy("Nobody in particular"))
    user = person_field(label=_lazy("Who does it"))

    def __init__(self, *args, user, account=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.fixed_account = user, account
        labels = dict(Activity.Kind.choices)
        self.fields["kind"].choices = [(kind, labels[kind]) for kind in NEXT_KINDS]
        self.fields["user"].queryset = User.objects.visible_to(user).working()
        lengths = {*HOW_LONG, self.initial.get("minutes")} - {None}
        self.fields["minutes"].choices = [("", "—"), *((length, duration(length)) for length in sorted(lengths))]
        remind = self.initial.get("remind")
        if remind is not None and remind not in dict(REMINDERS):
            words = _("%(time)s before") % {"time": duration(remind)}
            self.fields["remind"].choices = [*self.fields["remind"].choices, (remind, words)]
        self._offer_contacts()

    def _offer_contacts(self):
        contacts = Contact.objects.visible_to(self.by)
        self.fields["contact"].queryset = contacts
        if self.fixed_account is None:
            del self.fields["contact"]
            return
        here = contacts.here().filter(account=self.fixed_account).order_by("name", "pk")[:200]
        self.fields["contact"].widget = forms.Select(choices=[("", "—"), *((contact.pk, str(contact)) for contact in here)])

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("remind") is not None and cleaned.get("at") is None and "at" not in self.errors:
            self.add_error("at", _("Give a time to be reminded before it."))
        account = cleaned.get("account") or self.fixed_account
        if cleaned.get("user") and account:
            try:
                check_may_plan_for(self.by, cleaned["user"], account)
            except DomainError as error:
                show_refusal(self, error)
        return cleaned


class PlanForm(TimedForm):
    """Something to be done at an account, once or every few weeks. Without `account` the form asks for it."""

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput({"data-client-id": ""}))
    account = forms.ModelChoiceField(None, label=_lazy("Account"), widget=Combobox("accounts:account_lookup"))
    every_weeks = number_choice([], nothing=_lazy("no, only once"), label=_lazy("Again"))
    until = day_field(label=_lazy("Until"), required=False, help_text=_lazy("The last day on which it may come again."))
    field_order = ["client_id", "account", "kind", "due_on", "at", "minutes", "remind", "subject", "contact", "user"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["client_id"].initial = uuid.uuid4
        weeks = [(n, _("every %(n)d weeks") % {"n": n} if n > 1 else _("every week")) for n in AGAIN]
        self.fields["every_weeks"].choices = [("", _("no, only once")), *weeks]
        if self.fixed_account is not None:
            del self.fields["account"]
        else:
            self.fields["account"].queryset = Account.objects.visible_to(self.by)


class ChangePlanForm(TimedForm):
    """Another day, time or person for what is planned."""

    note = forms.CharField(label=_lazy("Note"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args, activity, **kwargs):
        start = local_start(activity)
        ahead = activity.remind_at and int((activity.starts_at - activity.remind_at).total_seconds() // 60)
        initial = {name: getattr(activity, name) for name in ("kind", "due_on", "minutes", "subject", "contact", "user", "note")}
        initial |= {"at": start and start.time(), "remind": ahead}
        super().__init__(*args, account=activity.account, initial=initial, **kwargs)
        kinds = self.fields["kind"].choices
        if activity.kind not in dict(kinds):
            self.fields["kind"].choices = [*kinds, (activity.kind, activity.get_kind_display())]
