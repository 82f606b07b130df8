"""What a move still needs: facts, sentences to tick, or a reason to go on without."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.criteria import kind_of
from pipeline.engine import stages
from pipeline.exit_facts import CHECK
from pipeline.models import Status

from .deals import DealFactsForm

REASON = 500  # characters; GateOverride.reason holds as many


class MoveForm(DealFactsForm):
    """What a deal still lacks to enter `stage`, and the exit criteria it does not meet; empty when it lacks nothing.

    `unmet` are the criteria; what is met elsewhere (an activity to log) stands in `elsewhere` with the way there.
    """

    class Meta(DealFactsForm.Meta):
        fields = [*DealFactsForm.Meta.fields, "product"]

    def __init__(self, *args, stage, lacking, unmet=(), may_override=False, **kwargs):
        super().__init__(*args, **kwargs)
        closing = stage.status != Status.OPEN and self.instance.is_open
        self.unmet, self.lacking = unmet, stages.fields_of(lacking)
        self.exit_fields = {name for each in unmet for name in kind_of(each.kind).fields(each.value)} & set(self.fields)
        wanted = {*self.lacking, *self.exit_fields, *(["close_date"] if closing else [])}
        for name in set(self.fields) - wanted - {"version"}:
            del self.fields[name]
        for name in self.lacking:
            if name in self.fields:
                self.fields[name].required = True
        if "next_step_on" in self.fields:
            self.fields["next_step_on"].label = _("Next step on")
        if closing:
            self.fields["close_date"].label = _("Closed on")
            self.fields["close_date"].help_text = ""
            self.initial["close_date"] = self.user.today
        self._ask_exits(may_override)
        self.asks = bool(lacking or unmet)

    def _ask_exits(self, may_override):
        checks = [each for each in self.unmet if each.kind == CHECK]
        to_do = [
            each
            for each in self.unmet
            if each.kind != CHECK and self.exit_fields.isdisjoint(kind_of(each.kind).fields(each.value))
        ]
        self.may_go_on = may_override or not to_do
        if not self.may_go_on:  # no use in ticking here what cannot be sent
            checks, to_do = [], [each for each in self.unmet if each in checks or each in to_do]
        self.checks = {f"tick_{each.pk}": each for each in checks}
        self.elsewhere = [(each.sentence, kind_of(each.kind).where(self.instance, each.value)) for each in to_do]
        for name, criterion in self.checks.items():
            self.fields[name] = forms.BooleanField(label=criterion.sentence, required=False)
        if self.unmet and may_override:
            self.fields["override"] = forms.CharField(
                label=gettext_lazy("Or move it on without, because"),
                help_text=gettext_lazy("The reason is shown to managers in the list of overrides."),
                required=False,
                max_length=REASON,
            )

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("override"):
            for name in self.exit_fields:
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("This is needed."))
            for name in self.checks:
                if not cleaned.get(name):
                    self.add_error(name, _("Tick this when it is so."))
            if self.elsewhere:
                still = " · ".join(sentence for sentence, _url in self.elsewhere)
                self.add_error(None, _("Still to be done: %(criteria)s.") % {"criteria": still})
        return cleaned

    def facts(self):
        """What was typed; a fact of an exit criterion that was left empty stays as it is."""
        return {
            name: value
            for name, value in super().facts().items()
            if name not in self.exit_fields or name in self.lacking or value not in (None, "")
        }

    def passing(self):
        """How the exit criteria are met: what was ticked, and the reason to go on without the others."""
        ticked = [criterion for name, criterion in self.checks.items() if self.cleaned_data.get(name)]
        return {"ticks": ticked, "override": self.cleaned_data.get("override", "")}
