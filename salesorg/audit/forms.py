"""The filters of the page of all changes."""

from datetime import datetime, time, timedelta

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesorg.lib.validators import check_business_date

from .recorded import recorded_models

ONE_DAY = timedelta(days=1)


class ChangeFilter(forms.Form):
    """What the page of changes is narrowed by; every field may be left empty."""

    who = forms.CharField(label=_("Who"), required=False, max_length=100)
    table = forms.ChoiceField(label=_("Kind of record"), required=False)
    day = forms.DateField(
        label=_("Day"), required=False, validators=[check_business_date], widget=forms.DateInput(attrs={"type": "date"})
    )
    context = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        kinds = sorted((str(model._meta.verbose_name), table) for table, model in recorded_models().items())
        for name, css in (("who", "form-control"), ("table", "form-select"), ("day", "form-control")):
            self.fields[name].widget.attrs["class"] = css
        self.fields["table"].choices = [("", _("All")), *((table, name) for name, table in kinds)]

    def narrow(self, changes):
        """The changes that the form asks for; none when it was filled in wrongly."""
        if not self.is_valid():
            return changes.none()
        asked = self.cleaned_data
        if asked["who"]:
            changes = changes.filter(actor_id__in=self._people(asked["who"]))
        if asked["table"]:
            changes = changes.filter(table=asked["table"])
        if asked["day"]:
            first, last = (timezone.make_aware(datetime.combine(day, time.min)) for day in (asked["day"], asked["day"] + ONE_DAY))
            changes = changes.filter(at__gte=first, at__lt=last)
        if asked["context"]:
            changes = changes.filter(context=asked["context"])
        return changes

    def _people(self, text):
        people = get_user_model().objects.visible_to(self.user)
        found = people.filter(name__icontains=text) | people.filter(email__iexact=text)
        return found.values("pk")
