"""What is typed about people: facts, roles in teams, assistance, leaving."""

import zoneinfo
from datetime import timedelta

from django import forms
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.validators import check_business_date
from salesorg.lib.widgets import Combobox, day_field

from ..models import Team, User
from ..roles import Role


class Suggested(forms.TextInput):
    """A text field that offers values while one types; the browser does it all."""

    def __init__(self, values, attrs=None):
        super().__init__(attrs)
        self.values = sorted(values)

    def render(self, name, value, attrs=None, renderer=None):
        list_id = f"{name}_values"
        field = super().render(name, value, {**(attrs or {}), "list": list_id, "autocomplete": "off"}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((each,) for each in self.values))
        return format_html('{}<datalist id="{}">{}</datalist>', field, list_id, options)


def person_field(label, **options):
    return forms.ModelChoiceField(None, label=label, widget=Combobox("people:person_lookup"), **options)


def team_field(**options):
    return forms.ModelChoiceField(None, label=_("Team"), widget=Combobox("people:team_lookup"), **options)


def offer_to(user, form):
    """Let every choice of people or teams in `form` be one that `user` may see."""
    for field in form.fields.values():
        if isinstance(field.widget, Combobox):
            if field.widget.url_name == "people:team_lookup":
                field.queryset = Team.objects.visible_to(user)
            else:
                field.queryset = User.objects.visible_to(user).working()


def role_field(**options):
    choices = [("", "—"), *Role.choices]
    return forms.TypedChoiceField(
        label=_("Role"), choices=choices, coerce=lambda value: Role(int(value)), empty_value=None, **options
    )


class PeopleForm(forms.Form):
    """A form about people for one person."""

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        offer_to(user, self)


class PersonForm(ScopedModelForm):
    class Meta:
        model = User
        fields = ["name", "email", "time_zone", "locale", "started_on"]
        widgets = {
            "time_zone": Suggested(zoneinfo.available_timezones()),
            "started_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_to(self.user, self)
        self.fields["locale"].widget = forms.Select(choices=settings.LANGUAGES)
        self.fields["locale"].help_text = _("How dates, numbers and money are written.")
        self.fields["started_on"].validators.append(check_business_date)
        self.fields["time_zone"].help_text = _("Dates and times are shown in it. Type a city: Vienna, New_York …")


class NewPersonForm(PersonForm):
    """A person with the first role, because somebody without one sees nothing."""

    team = team_field()
    role = role_field()
    invited = forms.BooleanField(
        label=_("Mail an invitation"),
        required=False,
        initial=True,
        help_text=_("With a link to choose a password. You can also send it later."),
    )
    field_order = ["name", "email", "team", "role", "started_on", "time_zone", "locale", "invited"]


class MembershipForm(PeopleForm):
    team = team_field()
    role = role_field()
    since = day_field(label=_("From"))
    last_day = day_field(label=_("Last day"), required=False, help_text=_("Empty: until further notice."))


class AssistanceForm(PeopleForm):
    principal = person_field(_("Assists"))
    since = day_field(label=_("From"))
    last_day = day_field(label=_("Last day"), required=False, help_text=_("Empty: until further notice."))


class EndForm(PeopleForm):
    last_day = day_field(label=_("Last day"))


class HandOverForm(PeopleForm):
    to = person_field(_("To"))
    on = day_field(label=_("From this day on"))


class EndMembershipForm(PeopleForm):
    """The end of somebody's last role; what is covered and owned may pass on the day after."""

    last_day = day_field(label=_("Last day"))
    to = person_field(_("Hand over to"), required=False, help_text=_("Empty: everything stays where it is."))

    @property
    def first_day_without(self):
        return self.cleaned_data["last_day"] + timedelta(days=1)


class LeaveForm(PeopleForm):
    on = day_field(label=_("First day without them"), help_text=_("Their roles end the day before. They are signed out at once."))
    to = person_field(_("Hand over to"), required=False, help_text=_("Empty: everything stays where it is."))
