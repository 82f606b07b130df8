"""What changed in a selection of open deals between two days, read from the states of those deals that changed at all."""

from decimal import Decimal
from functools import cached_property

from django.db.models import Count, Sum

from pipeline.engine.waterfall import Side, change_of
from pipeline.models import Status
from pipeline.reports.two_days import may_differ, states
from pipeline.selections.deals import DealSelection

ASKED_APART = {"status", "close_from", "close_to"}  # they come with the span, on each of the two days


class Changes:
    """The open deals of one selection at the end of two days, `since` before `until`, that are to close within a span.

    `span_of(selection)` is the span; `known` a ForecastSelection of the second day, of which the teams are read already.
    Who may see a deal is decided today: what is no longer the reader's counts on neither.
    """

    def __init__(self, data, *, user, since, until, span_of, known=None, **defaults):
        self.after = DealSelection(_on(data, until), user=user, **defaults)
        self.before = DealSelection(_on(data, since), user=user, **defaults)
        if known:
            self.after.stages, self.after.teams = known.stages, known.tree.teams
        self.before.stages, self.before.teams = self.after.stages, self.after.teams  # alike on both days: read once
        if self.after.get("team"):
            self.before.members = self.after.members = known.members if known else self.after.members
        self.span = span_of(self.after)
        self._statuses = {stage.pk: stage.status for stage in self.after.stages}

    @cached_property
    def _ends(self):
        """{currency: (number, sum)} of the second day."""
        rows = self._counted(self.after).order_by().values_list("currency")
        summed = rows.annotate(Count("pk"), Sum(self.after.column("amount")))
        return {currency: (count, amount or Decimal(0)) for currency, count, amount in summed}

    @cached_property
    def _changes(self):
        """{currency: [Change]}, in three queries however many deals there are."""
        before, after = self._touched(self.before), self._touched(self.after)
        elsewhere = self._elsewhere(left=before.keys() - after.keys(), came=after.keys() - before.keys())
        found = {}
        for deal in before.keys() | after.keys():
            currency = (after.get(deal) or before[deal])[0]
            sides = (
                Side(Status.OPEN, True, True, side[deal][1] or Decimal(0)) if deal in side else elsewhere.get(deal, Side())
                for side in (before, after)
            )
            if change := change_of(deal, *sides):
                found.setdefault(currency, []).append(change)
        return found

    @property
    def currencies(self):
        return sorted({*self._ends, *self._changes})

    def of(self, currency):
        """[Change] of the deals in one currency, the largest first."""
        return sorted(self._changes.get(currency, ()), key=lambda change: (-abs(change.difference), change.deal))

    def end(self, currency):
        """(number, sum) of the deals on the second day."""
        return self._ends.get(currency, (0, Decimal(0)))

    def start(self, currency):
        """(number, sum) of the deals on the first day: those of the second less all that changed."""
        count, amount = self.end(currency)
        changes = self._changes.get(currency, ())
        return count - sum(change.more for change in changes), amount - sum(change.difference for change in changes)

    def _counted(self, selection):
        deals = selection.deals(leave_out=ASKED_APART).filter(selection.by_status(Status.OPEN))
        if self.span.first:
            deals = deals.filter(selection.by_close_from(self.span.first))
        return deals.filter(selection.by_close_to(self.span.last)) if self.span.last else deals

    def _touched(self, selection):
        """{deal: (currency, amount)} of the deals that count on the day, those left out that are sure to count alike on both."""
        deals = self._counted(selection)
        if not selection.get("territory"):  # accounts change their territory, and no deal tells of it
            deals = deals.filter(may_differ(selection, self.before, self.after))
        return {deal: facts for deal, *facts in deals.order_by().values_list("pk", "currency", selection.column("amount"))}

    def _elsewhere(self, *, left, came):
        """{deal: Side} on the day on which each of these does not count, as far as there was such a deal."""
        found = {}
        for selection, deals in ((self.after, left), (self.before, came)):
            for deal, state in states(selection, deals).items():
                is_ours = self._is_ours(state.owner, selection)
                found[deal] = Side(self._statuses.get(state.stage, ""), is_ours, self._closes_in(state.close), passes=False)
        return found

    def _is_ours(self, owner, selection):
        within = selection.people is None or owner in selection.people
        return within and (selection.person is None or owner == selection.person.pk)

    def _closes_in(self, day):
        first, last = self.span.first, self.span.last
        if day is None:
            return not first and not last
        return (not first or first <= day) and (not last or day <= last)


def _on(data, day):
    """What the address says, as of the end of `day`."""
    data = data.copy()
    data["as_of"] = day.isoformat()
    return data
