"""A field below which likely duplicates appear while one types."""

from django import forms
from django.utils.html import format_html


class NameWithTwins(forms.TextInput):
    """The name, and below it who is here already; `url` answers with accounts/_twins.html, asked with the fields `sends`."""

    def __init__(self, sends, attrs=None):
        super().__init__(attrs)
        self.sends = sends
        self.url = ""  # set by the form that knows the record; without it nothing is asked

    def render(self, name, value, attrs=None, renderer=None):
        field = super().render(name, value, attrs, renderer)
        if not self.url:
            return field
        return format_html(
            '{}<div class="twins" aria-live="polite" hx-get="{}" hx-params="{}" hx-include="closest form" hx-sync="this:replace"'
            ' hx-trigger="input from:closest form delay:300ms"></div>',
            field, self.url, ",".join(self.sends),
        )  # fmt: skip
