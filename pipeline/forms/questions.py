"""The form field for each kind of question that a package may ask."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from pipeline.engine.handoffs import LARGEST, LONGEST
from salesorg.lib.widgets import day_field

KINDS = [
    ("text", _("One line")),
    ("long", _("Several lines")),
    ("choice", _("A choice")),
    ("yes", _("Yes or no")),
    ("date", _("A day")),
    ("number", _("A number")),
]


def question_field(question):
    """The form field that asks `question` (handoffs.Field). Whether it is required is asked by the service, for all paths."""
    label = question.label if question.required else _("%(label)s (optional)") % {"label": question.label}
    options = {"label": label, "help_text": question.help, "required": False}
    if question.kind == "date":
        return day_field(**options)
    if question.kind == "yes":
        return forms.BooleanField(**options)
    if question.kind == "number":
        return forms.DecimalField(max_digits=20, decimal_places=4, min_value=-LARGEST, max_value=Decimal(LARGEST), **options)
    if question.kind == "choice":
        return forms.ChoiceField(choices=[("", "—"), *((each, each) for each in question.choices)], **options)
    widget = forms.Textarea(attrs={"rows": 3}) if question.kind == "long" else forms.TextInput()
    return forms.CharField(max_length=LONGEST[question.kind], widget=widget, **options)
