"""Choosing balances of stock."""

from pipeline.querysets.deals import VocabularyQuerySet


class StockQuerySet(VocabularyQuerySet):
    """What lies where: read by everybody who sells."""

    def in_use(self):
        """Those of warehouses that are not closed."""
        return self.filter(warehouse__archived_at=None)

    def hold(self):
        """The rows, locked to the end of the transaction in one order for everybody: nobody waits in a circle."""
        return self.order_by("pk").select_for_update(of=("self",))
