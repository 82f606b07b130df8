"""What is typed about onboarding: playbooks with their steps, beginning one, skipping a step."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pipeline.models import Playbook, PlaybookStep
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import User
from salesorg.people.roles import SELLERS, Role

SPARE = 2  # empty rows below the steps


class PlaybookForm(ScopedModelForm):
    class Meta:
        model = Playbook
        fields = ["name", "with_handoff"]


class StepForm(forms.Form):
    """One row of a playbook; one without a name is left out."""

    name = forms.CharField(label=_("Step"), max_length=200, required=False)
    role = forms.TypedChoiceField(
        label=_("Done by"), coerce=int, initial=Role.CSM.value, required=False,
        choices=[(role.value, role.label) for role in Role if role in SELLERS | {Role.INSIDE, Role.TECHNICIAN, Role.ASSISTANT}],
    )  # fmt: skip
    day = forms.IntegerField(label=_("Days after the start"), min_value=0, max_value=730, required=False, initial=0)
    is_required = forms.BooleanField(label=_("Required"), required=False, initial=True)


class BaseStepFormSet(forms.BaseFormSet):
    def steps(self):
        """The rows that have a name, as save_playbook takes them."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("name")]
        return [
            {"name": row["name"], "role": row["role"] or Role.CSM, "day": row["day"] or 0, "is_required": row["is_required"]}
            for row in rows
        ]


StepFormSet = forms.formset_factory(StepForm, formset=BaseStepFormSet, extra=SPARE, max_num=40, absolute_max=60)


def steps_of(user, playbook):
    """The initial rows of a playbook's steps."""
    fields = ("name", "role", "day", "is_required")
    return list(PlaybookStep.objects.visible_to(user).filter(playbook=playbook).values(*fields)) if playbook.pk else []


class StartForm(forms.Form):
    """Which playbook, from when, and who leads it."""

    playbook = forms.ModelChoiceField(None, label=_("Playbook"), empty_label=None)
    starts_on = day_field(label=_("From"))
    owner = forms.ModelChoiceField(None, label=_("Led by"), widget=Combobox("people:person_lookup"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, initial={"starts_on": user.today, "owner": user.pk}, **kwargs)
        self.fields["playbook"].queryset = Playbook.objects.visible_to(user)
        self.fields["owner"].queryset = User.objects.visible_to(user).working()


class ChangeStepForm(forms.Form):
    """Who does a step, and by when."""

    owner = forms.ModelChoiceField(None, label=_("Done by"), widget=Combobox("people:person_lookup"))
    due_on = day_field(label=_("Due"))

    def __init__(self, *args, user, step, **kwargs):
        super().__init__(*args, initial={"owner": step.owner_id, "due_on": step.due_on}, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(user).working()


class SkipForm(forms.Form):
    """Why a step is not done."""

    reason = forms.CharField(label=_("Why"), max_length=300)
