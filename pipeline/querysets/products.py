"""Choosing products and their costs, and who may see them."""

from django.db.models import Q

from pipeline.querysets.deals import VocabularyQuerySet
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.roles import Action


class ProductQuerySet(VocabularyQuerySet):
    def on_sale(self):
        return self.filter(archived_at=None)

    def matching(self, words):
        """Those with all of the words in their name, code or series; there are thousands of products, not millions."""
        found = self
        for word in words.split()[:5]:
            found = found.filter(Q(name__icontains=word) | Q(code__icontains=word) | Q(series__icontains=word))
        return found


class CostQuerySet(ScopedQuerySet):
    """What things cost us, and so the margin: nobody else comes by it on any path, the history among them."""

    def visible_to(self, user):
        return self if user.may(Action.SEE_MARGIN) else self.none()
