"""What many deals get at once."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.models import LossReason
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import User

from .stages import StageField


class DealsForm(forms.Form):
    """What many deals get at once; what is left empty stays as it is."""

    owner = forms.ModelChoiceField(None, label=gettext_lazy("Owner"), required=False, widget=Combobox("people:person_lookup"))
    stage = StageField(label=gettext_lazy("Stage"), required=False, empty_label=gettext_lazy("as it is"))
    loss_reason = forms.ModelChoiceField(
        None, label=gettext_lazy("Loss reason"), required=False, empty_label=gettext_lazy("as it is")
    )
    close_date = day_field(label=gettext_lazy("Close date"), required=False)
    next_step = forms.CharField(label=gettext_lazy("Next step"), required=False, max_length=200)
    next_step_on = day_field(label=gettext_lazy("Next step on"), required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(user).working()
        self.fields["stage"].offer(user)
        self.fields["loss_reason"].queryset = LossReason.objects.visible_to(user)

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not self.facts():
            raise forms.ValidationError(_("Fill in at least one thing that shall change."))
        return cleaned

    def facts(self):
        """What was filled in, as change_deals takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
