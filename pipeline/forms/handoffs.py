"""What is typed about handoffs: to whom and with which package, why it is given back, and what packages ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pipeline.engine.handoffs import MOST_FIELDS, Field
from pipeline.forms.questions import KINDS, question_field
from salesorg.lib.widgets import Combobox
from salesorg.people.models import User

ASKED = "q_"  # before the key of a question, so that none can take the name of another field


class ReceiverForm(forms.Form):
    """To whom: one person."""

    to = forms.ModelChoiceField(None, label=_("To"), widget=Combobox("people:person_lookup"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = User.objects.visible_to(user).working()


class OfferForm(ReceiverForm):
    """To whom, and the answers that the package asks for, begun with those of an `earlier` handoff.

    The service says which of them are missing.
    """

    def __init__(self, *args, version, earlier=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.version = version
        self.initial |= {ASKED + key: answer for key, answer in (earlier.answers if earlier else {}).items()}
        self.fields["to"].required = False
        self.fields["to"].help_text = _("Empty: whoever holds the role and is first to take it.")
        for each in version.fields:
            self.fields[ASKED + each.key] = question_field(each)

    def answers(self):
        """The answers as the service keeps them, by the key of their question."""
        said = {each.key: self.cleaned_data.get(ASKED + each.key) for each in self.version.fields}
        return {key: value if isinstance(value, bool) or value is None else str(value) for key, value in said.items()}


class ReturnForm(forms.Form):
    """Why a deal is given back."""

    reason = forms.ChoiceField(label=_("Why"))
    note = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What would have to be there for you to take it?"),
    )

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", "—"), *((reason, reason) for reason in version.reasons)]


class ChallengeForm(forms.Form):
    """Why what was accepted should not count."""

    reason = forms.CharField(
        label=_("Why it should not count"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000})
    )


class QuestionForm(forms.Form):
    """One question of a package."""

    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    label = forms.CharField(label=_("Question"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    required = forms.BooleanField(label=_("Required"), required=False)
    help = forms.CharField(label=_("Help"), required=False, max_length=200)
    choices = forms.CharField(label=_("Answers offered"), required=False, max_length=1000, help_text=_("Parted by commas."))

    @classmethod
    def initial_of(cls, version):
        """What the questions of a version look like in these forms."""
        return [each.stored() | {"choices": ", ".join(each.choices)} for each in version.fields]

    @property
    def is_blank(self):
        return not self.cleaned_data.get("label", "").strip()


class BaseQuestions(forms.BaseFormSet):
    """The questions of a package in their order."""

    def fields_asked(self):
        """The questions as Fields; a new one has its key by its place, and keeps it."""
        asked, taken = [], {form.cleaned_data.get("key") for form in self.forms}
        for form in self.ordered_forms if self.can_order else self.forms:
            row = form.cleaned_data
            if form.is_blank or row.get("DELETE"):
                continue
            key = row["key"] or next(f"field_{i}" for i in range(1, 1000) if f"field_{i}" not in taken)
            taken.add(key)
            choices = tuple(dict.fromkeys(part.strip() for part in row["choices"].split(",") if part.strip()))
            choices = choices if row["kind"] == "choice" else ()
            asked.append(Field(key, row["label"].strip(), row["kind"], row["required"], row["help"], choices))
        return asked


QuestionFormSet = forms.formset_factory(
    QuestionForm, formset=BaseQuestions, extra=2, can_delete=True, max_num=MOST_FIELDS, absolute_max=MOST_FIELDS + 1
)


class PackageForm(forms.Form):
    """The reasons and clocks of a package."""

    reasons = forms.CharField(
        label=_("Reasons for a return"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One on each line."),
    )
    decide_hours = forms.IntegerField(label=_("Working hours to decide"), min_value=1, max_value=500)
    contact_hours = forms.IntegerField(label=_("Working hours to the first contact"), min_value=1, max_value=500)
    disqualify_days = forms.IntegerField(label=_("Days in which it can be disqualified"), min_value=1, max_value=365)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def reasons_given(self):
        lines = (line.strip()[:100] for line in self.cleaned_data["reasons"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clocks(self):
        return {name: self.cleaned_data[name] for name in ("decide_hours", "contact_hours", "disqualify_days")}
