"""Which documents and orders of printed material a page shows: read from its address."""

from datetime import date

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Document, PrintOrder
from salesorg.lib.selection import Selection
from salesorg.people.models import User

YEARS = 5  # that one may go back with one click


class DocumentSelection(Selection):
    """The filters of the library."""

    q = forms.CharField(required=False, max_length=100, label=_lazy("words"))
    kind = forms.ChoiceField(required=False, choices=Document.Kind.choices, label=_lazy("Kind"))
    tag = forms.CharField(required=False, max_length=40, label=_lazy("Word"))
    retired = forms.ChoiceField(required=False, choices=[("1", "")])

    def documents(self):
        """The visible documents of the library that pass the filters; those out of use only when they are asked for."""
        documents = Document.objects.visible_to(self.user).library().filter(retired_at__isnull=not self.get("retired"))
        if kind := self.get("kind"):
            documents = documents.filter(kind=kind)
        if tag := self.get("tag"):
            documents = documents.filter(tags__contains=[tag])
        if words := self.get("q"):
            documents = documents.filter(Q(title__icontains=words) | Q(tags__icontains=words))
        return documents

    def chips(self):
        kinds = [self.chip(label, "kind", value) for value, label in Document.Kind.choices if value != Document.Kind.CONTRACT]
        tag = [self.chip(self.get("tag"), "tag", self.get("tag"))] if self.get("tag") else []
        return [*kinds, *tag, self.chip(_("No longer in use"), "retired", "1")]


class PrintedSelection(Selection):
    """The filters of the orders of printed material: a year, and a person."""

    year = forms.IntegerField(required=False, min_value=2000, max_value=2100, label=_lazy("Year"))
    by = forms.ModelChoiceField(None, required=False, label=_lazy("Person"))

    def __init__(self, data, *, user):
        self.base_fields["by"].queryset = User.objects.none()
        super().__init__(data, user=user, year=user.today.year)

    def orders(self, of_person=True):
        """The visible orders of the year, and of the person that is chosen."""
        year = self.get("year")
        orders = PrintOrder.objects.visible_to(self.user).filter(ordered_on__range=(date(year, 1, 1), date(year, 12, 31)))
        return orders.filter(user=self.get("by")) if of_person and self.get("by") else orders

    def years(self):
        """Tabs of the last years (parts/tabs.html)."""
        last = self.user.today.year
        return [
            {"label": str(year), "url": "?" + self.query(year=year), "current": year == self.get("year")}
            for year in range(last - YEARS + 1, last + 1)
        ]
