"""Form controls that several apps share."""

from django import forms
from django.template.loader import render_to_string
from django.urls import reverse


class Combobox(forms.Widget):
    """Choose one record by typing part of its name, for choices that may be more than 30.

    `url_name` answers `?q=` with parts/options.html. For a ModelChoiceField; the field itself still checks what is sent.
    """

    def __init__(self, url_name, attrs=None):
        super().__init__(attrs)
        self.url_name = url_name
        self.choices = ()  # the field sets it; only the chosen one is ever read

    def render(self, name, value, attrs=None, renderer=None):
        attrs = self.build_attrs(self.attrs, attrs)
        context = {
            "name": name,
            "value": value,
            "text": self.label_of(value),
            "url": reverse(self.url_name),
            "id": attrs.get("id", f"id_{name}"),
            "required": self.is_required,
            "invalid": "is-invalid" in attrs.get("class", ""),
            "described_by": attrs.get("aria-describedby", ""),
        }
        return render_to_string("parts/combobox.html", context)

    def label_of(self, value):
        """The words of the chosen record, empty when there is none that may be chosen."""
        queryset = getattr(self.choices, "queryset", None)
        if queryset is None or not str(value or "").isdecimal():
            return ""
        chosen = queryset.filter(pk=str(value)[:18]).first()
        return "" if chosen is None else self.choices.field.label_from_instance(chosen)
