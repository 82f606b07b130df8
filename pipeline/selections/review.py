"""What the pipeline review looks at: whose pipeline, in which period, and since which day something changed."""

from django import forms

from pipeline.selections.forecasts import ForecastSelection

from .changes import PRESETS, day_before


class ReviewSelection(ForecastSelection):
    """The forecast of a team, or of a person in it, and the day from whose end on the review says what changed."""

    compare = forms.ChoiceField(required=False, choices=[("", ""), *PRESETS.items()])

    def __init__(self, data, *, user):
        super().__init__(data, user=user)
        self.defaults["compare"] = "monday"

    @property
    def since(self):
        return day_before(self.get("compare"), self.today)

    def compare_menu(self):
        """The choice of that day, by name."""
        name = self.get("compare")
        items = [(words, f"?{self.query(compare=key)}", key == name) for key, words in PRESETS.items()]
        return {"label": PRESETS[name], "chosen": PRESETS[name], "items": items}
