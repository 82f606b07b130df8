"""What many deals get at once."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.models import LossReason, Stage
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import User


class DealsForm(forms.Form):
    """What many deals get at once; what is left empty stays as it is."""

    owner = forms.ModelChoiceField(None, label=gettext_lazy("Owner"), required=False, widget=Combobox("people:person_lookup"))
    stage = forms.ModelChoiceField(None, label=gettext_lazy("Stage"), required=False, empty_label=gettext_lazy("as it is"))
    loss_reason = forms.ModelChoiceField(
        None, label=gettext_lazy("Loss reason"), required=False, empty_label=gettext_lazy("as it is")
    )
    close_date = day_field(label=gettext_lazy("Close date"), required=False)
    next_step = forms.CharField(label=gettext_lazy("Next step"), required=False, max_length=200)
    next_step_on = day_field(label=gettext_lazy("Next step on"), required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(user).working()
        stages_of_all = Stage.objects.visible_to(user).select_related("pipeline").order_by("pipeline", "position")
        self.fields["stage"].queryset = stages_of_all
        self.fields["loss_reason"].queryset = LossReason.objects.visible_to(user)
        if len({stage.pipeline_id for stage in stages_of_all}) > 1:
            self.fields["stage"].label_from_instance = lambda stage: f"{stage.pipeline} · {stage}"

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not self.facts():
            raise forms.ValidationError(_("Fill in at least one thing that shall change."))
        return cleaned

    def facts(self):
        """What was filled in, as change_deals takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
