"""Choosing imports, saved mappings and exports, and who may see them: whoever made them."""

from django.db.models import Q

from salesorg.lib.querysets import ScopedQuerySet


class ImportQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """One's own, without the bytes of the file: they are read by name when they are needed."""
        return self.filter(user=user).defer("content")


class ImportRowQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(made_by__user=user)


class MappingQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(Q(user=user) | Q(is_shared=True))


class ExportQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(user=user).annotate(is_ready=Q(content__isnull=False)).defer("content")
