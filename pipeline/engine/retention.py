"""What became of customers after twelve months: NRR, GRR and logo retention. Pure; integers of minor units.

The database counts the same for a whole company (pipeline.reports.retention).

Of a cohort: the recurring value after twelve months, with expansion (NRR) and without (GRR), ÷ the value at the start.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Standing:
    """One customer: recurring value a year at the start, and twelve months later (0 for one that has gone)."""

    start: int
    after: int


@dataclass(frozen=True, slots=True)
class Retention:
    """Sums over the customers who were worth something at the start. `gross` counts no customer for more than at the start."""

    customers: int
    kept: int
    start: int
    after: int
    gross: int

    @property
    def nrr(self):
        return Fraction(self.after, self.start) if self.start else None

    @property
    def grr(self):
        return Fraction(self.gross, self.start) if self.start else None

    @property
    def logos(self):
        """Logo retention: the share of the customers who are still worth something."""
        return Fraction(self.kept, self.customers) if self.customers else None


def retention_of(standings):
    """The Retention of a cohort; whoever was worth nothing at the start does not belong to it."""
    cohort = [each for each in standings if each.start > 0]
    return Retention(
        customers=len(cohort),
        kept=sum(each.after > 0 for each in cohort),
        start=sum(each.start for each in cohort),
        after=sum(each.after for each in cohort),
        gross=sum(min(each.start, each.after) for each in cohort),
    )
