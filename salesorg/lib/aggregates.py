"""Figures over many rows that PostgreSQL has and Django does not name."""

from django.db.models import Aggregate


class Median(Aggregate):
    """The middle of the values that are there; of an even number, half-way between the two in the middle.

    PostgreSQL computes it of numbers as double precision and of times as intervals: say which by `output_field`.
    """

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
