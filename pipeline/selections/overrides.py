"""Which overrides of gates a page shows: read from its address."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from pipeline.models import GateOverride, Pipeline
from salesorg.lib.selection import ListSelection
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import User, organisation


class OverrideSelection(ListSelection):
    """The filters of the list of overrides."""

    pipeline = forms.ModelChoiceField(Pipeline.objects.none(), required=False)
    by = forms.ModelChoiceField(User.objects.none(), required=False, label=_lazy("By"), widget=Combobox("people:person_lookup"))
    since = day_field(label=_lazy("From"), required=False)
    until = day_field(label=_lazy("to"), required=False)

    def overrides(self):
        """The visible overrides that pass the filters."""
        found = GateOverride.objects.visible_to(self.user)
        if pipeline := self.get("pipeline"):
            found = found.filter(deal__pipeline=pipeline)
        if by := self.get("by"):
            found = found.filter(user=by)
        if since := self.get("since"):
            found = found.filter(at__gt=organisation().last_moment_of(since - timedelta(days=1)))
        if until := self.get("until"):
            found = found.filter(at__lte=organisation().last_moment_of(until))
        return found
