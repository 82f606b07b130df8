"""What is typed about sprints: what is ticked for a week, why something is given up, what becomes of what is open."""

import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from pipeline.engine.sprints import CALL, MOVE, STEP
from pipeline.models import SprintItem
from pipeline.services.sprints import Decision, Pick

PICK = re.compile(r"([asm])([0-9]{1,18})")
MOST = 200  # ticks that one form takes
KINDS = {"a": CALL, "s": STEP, "m": MOVE}  # which of visit and call a planned activity is, the service reads from it
CARRY, DROP = "carry", "drop"


class PickField(forms.MultipleChoiceField):
    """Ticked candidates, as "a12" (planned activity 12), "s34" (next step of deal 34), "m34" (its move)."""

    def valid_value(self, value):
        return PICK.fullmatch(value) is not None


class PlanWeekForm(forms.Form):
    """What is ticked; the stage that a deal is to reach comes in a field beside it (stage_34)."""

    pick = PickField(error_messages={"required": _lazy("Tick what you commit to, then save.")})

    def clean_pick(self):
        ticked = self.cleaned_data["pick"]
        if len(ticked) > MOST:
            raise forms.ValidationError(_("That is more than a week holds."))
        return ticked

    def picks(self):
        """[Pick] for the service."""
        return [self._pick(*PICK.fullmatch(each).groups()) for each in self.cleaned_data["pick"]]

    def _pick(self, letter, number):
        if letter == "a":
            return Pick(CALL, activity=int(number))
        stage = self.data.get(f"stage_{number}", "")
        known = letter == "m" and stage.isascii() and stage.isdecimal() and len(stage) < 19
        return Pick(KINDS[letter], deal=int(number), stage=int(stage) if known else None)


def why_field(**more):
    return forms.ChoiceField(label=_lazy("Why"), choices=[("", "—"), *SprintItem.Why.choices], **more)


def note_field():
    return forms.CharField(label=_lazy("In words"), required=False, max_length=200)


class DropForm(forms.Form):
    """Why something is given up."""

    why = why_field()
    note = note_field()


class CloseWeekForm(forms.Form):
    """What becomes of each item that is still open: carried over or dropped, and why; one reason may do for all."""

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.items = items
        if len(items) > 1:
            self.fields["why"] = why_field(required=False)
        for each in items:
            what = [(CARRY, _("Carry over")), (DROP, _("Drop"))]
            self.fields[f"what_{each.pk}"] = forms.ChoiceField(
                choices=what[1:] if each.outcome.is_over else what,
                initial=DROP if each.outcome.is_over else CARRY,
                label=_("What becomes of it"),
                widget=forms.RadioSelect,
            )
            why = SprintItem.Why.NEEDLESS if each.outcome.is_over else ""
            self.fields[f"why_{each.pk}"] = why_field(initial=why, required=False)
            self.fields[f"note_{each.pk}"] = note_field()

    def clean(self):
        typed = super().clean()
        for each in self.items:
            name = f"why_{each.pk}"
            typed[name] = typed.get(name) or typed.get("why", "")
            if not typed[name] and name not in self.errors:
                self.add_error(name, _("Say why."))
        return typed

    def rows(self):
        """(item, its three fields) for the page."""
        return [(each, *(self[f"{name}_{each.pk}"] for name in ("what", "why", "note"))) for each in self.items]

    def decisions(self):
        """{item's key: Decision} for the service."""
        typed = self.cleaned_data
        return {
            each.pk: Decision(typed[f"what_{each.pk}"] == CARRY, typed[f"why_{each.pk}"], typed[f"note_{each.pk}"])
            for each in self.items
        }
