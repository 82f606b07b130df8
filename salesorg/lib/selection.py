"""Filters of a list: read from its address, so that every view can be linked, and said back in words."""

from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _


class Selection(forms.Form):
    """Filters of an address. One that cannot be read is left out, and said (`unread`); records are narrowed to the visible."""

    def __init__(self, data, *, user, **defaults):
        """`defaults` are what the page shows when its address does not say."""
        super().__init__(data)
        self.user, self.defaults = user, defaults
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = field.queryset.model.objects.visible_to(user)
        self.is_valid()

    def get(self, name):
        """What the address says, or the page's default; empty when it says nothing or nothing that can be read."""
        value = self.cleaned_data.get(name)
        return value if value not in (None, "") else self.defaults.get(name, "")

    @property
    def unread(self):
        """Names of the filters that could not be read."""
        return [str(self.fields[name].label or name.replace("_", " ")) for name in self.errors if name in self.fields]

    def query(self, **changes):
        """The query string of this selection with `changes` (None takes a filter away), without its page."""
        values = {name: self.data.get(name) for name in self.fields if self.data.get(name)}
        values |= {name: getattr(value, "pk", value) for name, value in changes.items()}
        return urlencode({name: value for name, value in values.items() if value not in (None, "")})

    def besides(self, *names):
        """(name, value) of every other filter the address sets: a form that asks for `names` carries them along."""
        return [(name, self.data[name]) for name in self.fields if name not in names and self.data.get(name)]

    def chip(self, label, name, value):
        """A chip (parts/chips.html) that sets the filter `name` to `value`, or takes it away when it is set so."""
        on = str(getattr(self.get(name), "pk", self.get(name))) == str(value)
        return {"label": label, "url": "?" + self.query(**{name: None if on else value}), "on": on, "clears": on}

    def menu(self, label, name, choices, page="", **besides):
        """A menu (parts/menus.html) of (value, words) on `page` (this one); a choice also sets the filters `besides`.

        {label, chosen, items of (words, url, is it chosen)}, the first item taking the filter away.
        """
        now = str(getattr(self.get(name), "pk", self.get(name)))
        items = [(words, f"{page}?{self.query(**besides | {name: value})}", str(value) == now) for value, words in choices]
        chosen = next((words for words, _url, on in items if on), "")
        everything = (_("All"), f"{page}?{self.query(**{name: None})}", not chosen)
        return {"label": label, "chosen": chosen, "items": [everything, *items] if items else []}


class ListSelection(Selection):
    """The selection of a list: its address also says the order and the columns (salesorg.lib.lists.Listing)."""

    sort = forms.CharField(required=False, max_length=40)
    columns = forms.CharField(required=False, max_length=400)
