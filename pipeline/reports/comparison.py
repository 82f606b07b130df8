"""Which deals of a selection differ between the ends of two days, counted and listed by the database."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from pipeline.models import Deal
from pipeline.reports.deals import Sums, by_stage, totals
from pipeline.reports.two_days import KEPT, State, may_differ, states
from pipeline.selections.deals import DIFFERENCES

# "new" was not there on the first day, "came" was but did not pass the filters, "gone" passes no longer.
KINDS = DIFFERENCES
# What decides whether a deal passes although nothing of the deal itself has changed.
UNTOLD = ("territory", "entered_team")

DIFFER = """
WITH there (id) AS NOT MATERIALIZED ({there}), was (deal, currency, stage, owner, amount, closes) AS ({was}),
is_now (deal, currency, stage, owner, amount, closes) AS ({is_now}),
differ AS (
    SELECT coalesce(was.deal, is_now.deal) AS deal, coalesce(is_now.currency, was.currency) AS currency,
           coalesce(is_now.amount, 0) - coalesce(was.amount, 0) AS difference,
           was.deal IS NULL AS appeared, is_now.deal IS NULL AS gone,
           was.stage <> is_now.stage AS stage, was.owner <> is_now.owner AS owner,
           was.deal = is_now.deal AND was.amount IS DISTINCT FROM is_now.amount AS amount,
           was.deal = is_now.deal AND was.closes IS DISTINCT FROM is_now.closes AS close
    FROM was FULL JOIN is_now USING (deal)
    WHERE was.deal IS NULL OR is_now.deal IS NULL
       OR (was.stage, was.owner, was.amount, was.closes)
          IS DISTINCT FROM (is_now.stage, is_now.owner, is_now.amount, is_now.closes)
), known AS MATERIALIZED (  -- looked up deal by deal: as a set it would be every deal there was
    SELECT *, CASE WHEN appeared THEN (SELECT true FROM there WHERE id = differ.deal LIMIT 1) END AS existed FROM differ
), told AS (
    SELECT *, appeared AND existed IS NULL AS new, appeared AND existed IS NOT NULL AS came FROM known
)
"""
COUNTED = f"""
SELECT currency, count(*), sum(difference), count(*) FILTER (WHERE appeared) - count(*) FILTER (WHERE gone),
       {", ".join(f"count(*) FILTER (WHERE {kind})" for kind in KINDS)}
FROM told GROUP BY currency
"""
LISTED = f"SELECT deal, difference, {', '.join(KINDS)} FROM told {{chosen}} ORDER BY abs(difference) DESC, deal LIMIT %s"


@dataclass(frozen=True, slots=True)
class Difference:
    """One deal that differs: in what (names of KINDS), and its state on each day; None where there was no such deal."""

    deal: int
    amount: Decimal  # by how much the sum of the list is larger for it
    kinds: tuple
    before: State | None
    after: State | None


class Comparison:
    """The deals of `selection` at the end of the earlier and of the later day that it compares."""

    def __init__(self, selection):
        self.first, self.last = selection.compared
        self.before, self.after = selection.at(self.first), selection.at(self.last)

    @cached_property
    def _counted(self):
        return self._run(COUNTED)

    @cached_property
    def then(self):
        """Sums of the first day: those of the last one less all that differs."""
        sums = Sums(self.now.count, dict(self.now.amounts))
        for currency, _count, difference, more, *_kinds in self._counted:
            sums.add(currency, -more, -difference)
        return sums

    @cached_property
    def now(self):
        """Sums of the last day."""
        return totals(self.after.deals(), self.after.column("amount"))

    @property
    def count(self):
        return sum(row[1] for row in self._counted)

    def counts(self):
        """{name of KINDS: number of deals}; a deal may differ in several things."""
        return {kind: sum(row[4 + place] for row in self._counted) for place, kind in enumerate(KINDS)}

    def rows(self, kind, most):
        """The first Differences, of one `kind` or of all, those of the most money first."""
        found = self._run(LISTED.format(chosen=f"WHERE {kind}" if kind in KINDS else ""), most)
        deals = [row[0] for row in found]
        before, after = states(self.before, deals), states(self.after, deals)
        return [
            Difference(
                deal, difference, tuple(kind for kind, on in zip(KINDS, kinds, strict=True) if on),
                before.get(deal), after.get(deal),
            )
            for deal, difference, *kinds in found
        ]  # fmt: skip

    def by_stage(self, stages):
        """[(stage, Sums then, Sums now)] of the open `stages`."""
        sums = [
            by_stage(each.deals(leave_out={"status"}).filter(each.by_status("open")), stages, each.prefix_of_columns)
            for each in (self.before, self.after)
        ]
        return [(stage, *(each[stage.pk] for each in sums)) for stage in stages]

    def _run(self, query, *values):
        (was, first), (is_now, last) = (self._side(each) for each in (self.before, self.after))
        there, known = Deal.objects.as_of(self.first, corrected=self.before.corrected).values("pk").query.sql_with_params()
        with connection.cursor() as cursor:
            query = DIFFER.format(there=there, was=was, is_now=is_now) + query
            cursor.execute(query, [*known, *first, *last, *values])
            return cursor.fetchall()

    def _side(self, selection):
        """SQL and values of the deals that pass on the day, those left out that are sure to be alike on both."""
        rows = selection.deals().filter(self._may_differ(selection))
        try:
            return rows.order_by().values_list("pk", "currency", *map(selection.column, KEPT)).query.sql_with_params()
        except EmptyResultSet:
            return "SELECT NULL::bigint, NULL, NULL::bigint, NULL::bigint, NULL::numeric, NULL::date WHERE false", ()

    def _may_differ(self, selection):
        if any(selection.get(name) for name in UNTOLD) or selection.get("without") == "team":
            return Q()
        return may_differ(selection, self.before, self.after)
