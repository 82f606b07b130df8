"""The one gate: a queryset that refuses to be read for a person until its model says who sees it."""

from django.db import models


class ScopedQuerySet(models.QuerySet):
    """Base of every queryset of records. A model that forgets to say who sees its rows shows none: it raises."""

    def visible_to(self, user):
        """The rows `user` may see. A hidden row and an absent one must look the same to the caller."""
        raise TypeError(f"{self.model.__name__} does not say who may see it: define visible_to on its queryset.")
