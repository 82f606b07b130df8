"""What people type about where leads come from: sources, campaigns, landing pages."""

import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from pipeline.engine.fit import number
from pipeline.models import Campaign, DisqualificationReason, FitRule, LandingPage, Source
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.validators import check_amount
from salesorg.people.models import User
from salesorg.people.roles import Role

ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
QUALIFIERS = (Role.SDR_INBOUND, Role.SDR_OUTBOUND)


class SourceForm(ScopedModelForm):
    """A source, its clock, and who takes its leads."""

    class Meta:
        model = Source
        fields = ["name", "answer_minutes", "routing", "is_partner"]

    workers = forms.ModelMultipleChoiceField(
        None, label=_lazy("Who takes them"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_lazy("Nobody ticked: every inbound SDR."),
    )  # fmt: skip
    most_open = forms.IntegerField(
        label=_lazy("Open leads each may hold"), required=False, min_value=1, max_value=10_000,
        help_text=_lazy("Whoever has as many gets no further ones. Empty: as many as come."),
    )  # fmt: skip
    field_order = ["name", "answer_minutes", "routing", "workers", "most_open", "is_partner"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.visible_to(self.user).working().with_role(QUALIFIERS, self.user.today)
        self.fields["workers"].queryset = people
        if self.instance.pk:
            named = list(self.instance.workers.all())
            self.initial |= {"workers": [each.user_id for each in named]}
            self.initial["most_open"] = next((each.most_open for each in named if each.most_open), None)

    def facts(self):
        most = self.cleaned_data["most_open"]
        return super().facts() | {"workers": dict.fromkeys(self.cleaned_data["workers"], most)}


class CampaignForm(ScopedModelForm):
    class Meta:
        model = Campaign
        fields = ["name", "source", "cost", "starts_on", "ends_on", "note"]
        day = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        widgets = {"starts_on": day, "ends_on": day, "note": forms.Textarea({"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cost"].validators.append(check_amount)


class LandingPageForm(ScopedModelForm):
    class Meta:
        model = LandingPage
        fields = ["name", "source", "campaign", "title", "intro", "consent", "thanks", "embed_on", "is_open"]
        widgets = {"intro": forms.Textarea({"rows": 3}), "consent": forms.Textarea({"rows": 3})}

    def clean_embed_on(self):
        """Each one an address of a site and nothing more: they stand in a header of the page."""
        sites = [each.rstrip("/") for each in self.cleaned_data["embed_on"].lower().split()]
        if wrong := [each for each in sites if not ORIGIN.fullmatch(each)]:
            raise forms.ValidationError(_("“%(site)s” is no address such as https://www.example.com.") % {"site": wrong[0][:60]})
        return " ".join(dict.fromkeys(sites))


class FitRuleForm(ScopedModelForm):
    class Meta:
        model = FitRule
        fields = ["field", "test", "value", "points"]

    def clean(self):
        cleaned = super().clean()
        test, value = cleaned.get("test"), cleaned.get("value", "")
        if test in {FitRule.Test.AT_LEAST, FitRule.Test.AT_MOST} and number(value) is None:
            self.add_error("value", _("Give a number."))
        if test == FitRule.Test.IS and not value.strip():
            self.add_error("value", _("Say which."))
        return cleaned


class ReasonForm(ScopedModelForm):
    class Meta:
        model = DisqualificationReason
        fields = ["name"]
