"""Form controls that several apps share, and the answer to what is typed into one."""

from django import forms
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from .validators import check_business_date

OFFERED = 10  # choices, as many as fit below a field
SMALL = "form-control form-control-sm"  # in a menu of filters


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


def typed_words(request):
    """The words of ?q=, typed into a combobox or a search field."""
    return request.GET.get("q", "").replace("\x00", "")[:100].strip()


def offer(request, rows, detail):
    """What a combobox offers: the first of `rows` by name, each with the words `detail(row)` beside it."""
    options = [{"value": row.pk, "label": row.name, "detail": detail(row)} for row in rows.order_by("name", "pk")[:OFFERED]]
    return render(request, "parts/options.html", {"options": options})


def day_field(*, css="", **options):
    """A field for a day of business, with the browser's own calendar."""
    attrs = {"type": "date"} | ({"class": css} if css else {})
    return forms.DateField(widget=forms.DateInput(attrs, format="%Y-%m-%d"), validators=[check_business_date], **options)
