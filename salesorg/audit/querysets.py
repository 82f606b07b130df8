"""Choosing changes, and who may read them outside the record they belong to."""

from salesorg.lib.querysets import ScopedQuerySet


class ChangeQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """All for who reads the audit, else one's own. A record's history is seen with the record (reading.history_of)."""
        return self if user.may("read_audit") else self.filter(actor_id=user.pk)

    def of_row(self, table, pk):
        return self.filter(table=table, row_id=pk)
