"""Pipelines, their stages and what these ask for, as forms; and the choice of a stage."""

from itertools import groupby

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.criteria import kinds
from pipeline.models import ForecastCategory, Pipeline, Stage, Status
from salesorg.lib.forms import ScopedModelForm, show_refusal


class StageField(forms.ModelChoiceField):
    """The choice of a stage in use, grouped by pipeline where there are several."""

    def __init__(self, **kwargs):
        super().__init__(None, **kwargs)

    def offer(self, user, **narrowed):
        """Offer the stages that this person sees; returns them in order."""
        self.queryset = Stage.objects.visible_to(user).in_use().filter(**narrowed)
        stages = list(self.queryset.select_related("pipeline").order_by("pipeline", "position"))
        groups = [
            (str(pipeline), [(stage.pk, stage.name) for stage in found])
            for pipeline, found in groupby(stages, key=lambda stage: stage.pipeline)
        ]
        choices = groups if len(groups) > 1 else [choice for _name, found in groups for choice in found]
        self.choices = [("", self.empty_label), *choices] if self.empty_label is not None else choices
        return stages


class PipelineForm(ScopedModelForm):
    class Meta:
        model = Pipeline
        fields = ["name", "deal_type", "renewal_days", "moves_on_acceptance"]
        help_texts = {
            "deal_type": gettext_lazy("What a deal is that is opened here."),
            "moves_on_acceptance": gettext_lazy(
                "To the first stage that the receiver's role owns, when its exit criteria are met; else it stays where it is."
            ),
        }

    def refuse(self, error):
        show_refusal(self, error)


class StageForm(ScopedModelForm):
    """What a stage is called and expects."""

    class Meta:
        model = Stage
        fields = ["name", "owner_role", "probability", "forecast_category", "expected_days"]
        help_texts = {
            "owner_role": gettext_lazy("Who ought to hold a deal in this stage. These roles together are the selling model."),
            "probability": gettext_lazy("How many of a hundred deals that come this far are won: weighs them in the forecast."),
            "expected_days": gettext_lazy(
                "Here twice as long, a deal is rotting; once ten deals have left the stage, its own past says what is too long."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["forecast_category"].choices = [
            choice for choice in ForecastCategory.choices if choice[0] != ForecastCategory.CLOSED
        ]
        if self.instance.pk and self.instance.status != Status.OPEN:
            for name in ("owner_role", "probability", "forecast_category", "expected_days"):
                del self.fields[name]


class NewStageForm(StageForm):
    """A new stage: also whether deals in it are open, won or lost, which never changes."""

    status = forms.ChoiceField(label=gettext_lazy("Deals here are"), choices=Status.choices, initial=Status.OPEN)
    field_order = ["name", "status"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["status"].help_text = _("Won and lost stages have no probability of their own; it is 100 and 0%.")
        self.fields["probability"].required = False
        self.fields["forecast_category"].required = False

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("status") == Status.OPEN:
            for name in ("probability", "forecast_category"):
                if cleaned.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, _("This is needed."))
        return cleaned

    def facts(self):
        return super().facts() | {"status": self.cleaned_data["status"]}


class CriterionForm(forms.Form):
    """One more thing that a stage asks for: chosen among what there is, or a sentence that is typed."""

    what = forms.ChoiceField(label=gettext_lazy("Deals leave this stage only when"), required=False)
    sentence = forms.CharField(
        label=gettext_lazy("… or when somebody has ticked this sentence"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For example “The budget is confirmed”."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.typed = next((kind.code for kind in kinds() if kind.choices is None), "")
        offered = [
            (str(kind.label), [(f"{kind.code}:{value}", words) for value, words in kind.choices()])
            for kind in kinds()
            if kind.choices is not None
        ]
        self.fields["what"].choices = [("", _("choose …")), *offered]

    def clean(self):
        cleaned = super().clean()
        what, sentence = cleaned.get("what"), cleaned.get("sentence")
        if not self.errors and bool(what) == bool(sentence):
            raise forms.ValidationError(_("Choose one thing, or type a sentence."))
        return cleaned

    def facts(self):
        """Kind and value, as add_criterion takes them."""
        if sentence := self.cleaned_data.get("sentence"):
            return {"kind": self.typed, "value": sentence}
        kind, _colon, value = self.cleaned_data["what"].partition(":")
        return {"kind": kind, "value": value}


class RemoveStageForm(forms.Form):
    """Where the deals of a stage go that is removed."""

    to = forms.ModelChoiceField(None, label=gettext_lazy("Move them to"), required=False, empty_label=gettext_lazy("choose …"))

    def __init__(self, *args, user, stage, deals, **kwargs):
        super().__init__(*args, **kwargs)
        alike = Stage.objects.visible_to(user).in_use().filter(pipeline=stage.pipeline_id, status=stage.status)
        self.fields["to"].queryset = alike.exclude(pk=stage.pk).order_by("position")
        if not deals:
            del self.fields["to"]
