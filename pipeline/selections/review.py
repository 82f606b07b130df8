"""What the pipeline review looks at: whose pipeline, in which period, and since which day something changed."""

from django import forms

from pipeline.selections.forecasts import ForecastSelection

from .changes import PRESETS, day_before


class ReviewSelection(ForecastSelection):
    """The forecast of a team, or of a person in it, and the day from whose end on the review says what changed."""

    changed = forms.ChoiceField(required=False, choices=[("", ""), *PRESETS.items()])

    def __init__(self, data, *, user):
        super().__init__(data, user=user)
        self.defaults["changed"] = "monday"

    @property
    def since(self):
        return day_before(self.get("changed"), self.today)

    def changed_menu(self):
        """The choice of that day, by name."""
        name = self.get("changed")
        items = [(words, f"?{self.query(changed=key)}", key == name) for key, words in PRESETS.items()]
        return {"label": PRESETS[name], "chosen": PRESETS[name], "items": items}
