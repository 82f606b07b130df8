"""The one gate, a queryset that refuses to be read for a person until its model says who sees it; and rows with dates."""

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Q


class ScopedQuerySet(models.QuerySet):
    """Base of every queryset of records. A model that forgets to say who sees its rows shows none: it raises."""

    def visible_to(self, user):
        """The rows `user` may see. A hidden row and an absent one must look the same to the caller."""
        raise TypeError(f"{self.model.__name__} does not say who may see it: define visible_to on its queryset.")


def keys_in_sql(queryset):
    """(SQL of the keys of `queryset`'s rows, {name: value}), to stand in a statement with named parameters."""
    try:
        sql, values = queryset.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # words of which nothing can be found, say
        return "NULL", {}
    named = {f"gate_{i}": value for i, value in enumerate(values)}
    first, *rest = sql.split("%s")
    return first + "".join(f"%({name})s{part}" for name, part in zip(named, rest, strict=True)), named


def among(column, sql, params, *, row_by_row=False, few=False):
    """The condition, for filter(), that `column` holds one of the values that the subquery `sql` selects with `params`.

    For the conditions of the gate, which every query of a page carries: the ORM took 1.5 ms each time to build the same.
    With `row_by_row` the values are read once and each row is asked as an index brings it: for the first few of very many.
    With `few` only what concerns each row is read: for the few dozen that the other conditions leave.
    """
    form = ForEach if few else OneByOne if row_by_row else Among
    return Q(form(F(column), sql=sql, params=params))


class Among(models.Func):
    output_field = models.BooleanField()

    def __init__(self, column, *, sql, params):
        super().__init__(column)
        self.sql, self.params = sql, params

    def as_sql(self, compiler, connection):
        column, params = compiler.compile(self.source_expressions[0])
        return f"{column} IN ({self.sql})", [*params, *self.params]


class OneByOne(Among):
    """The same, kept from becoming a join: the database would compare every row with every value to keep an order."""

    def as_sql(self, compiler, connection):
        sql, params = super().as_sql(compiler, connection)
        return f"({sql}) IS TRUE", params


class ForEach(Among):
    """The same, asked anew for each row. OFFSET 0 keeps the database from reading all values after all."""

    def as_sql(self, compiler, connection):
        column, params = compiler.compile(self.source_expressions[0])
        return f"EXISTS (SELECT FROM ({self.sql}) each(value) WHERE value = {column} OFFSET 0)", [*self.params, *params]


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
