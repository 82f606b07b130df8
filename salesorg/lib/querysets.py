"""The one gate, a queryset that refuses to be read for a person until its model says who sees it; and rows with dates."""

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange


class ScopedQuerySet(models.QuerySet):
    """Base of every queryset of records. A model that forgets to say who sees its rows shows none: it raises."""

    def visible_to(self, user):
        """The rows `user` may see. A hidden row and an absent one must look the same to the caller."""
        raise TypeError(f"{self.model.__name__} does not say who may see it: define visible_to on its queryset.")


class DatedQuerySet(ScopedQuerySet):
    """Rows that are in force for a time: `during`, a range of days."""

    def on(self, day):
        """Those in force on `day`."""
        return self.filter(during__contains=day)

    def from_day(self, day):
        """Those in force on `day` or at some later time."""
        return self.filter(during__overlap=DateRange(day, None))

    def end_before(self, day):
        """End the rows before `day`: what began keeps its past, what would begin later never comes."""
        self.filter(during__startswith__gte=day).delete()
        for row in self.from_day(day):
            row.during = DateRange(row.during.lower, day)
            row.save(update_fields=["during"])
