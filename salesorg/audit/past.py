"""What a column of a recorded row held at a past moment, read back from the history of its changes."""

from django.db import models
from django.db.models import F


class AsRecorded(models.Func):
    """The value of a column at the end of a moment: what the first change after it found there, else what it holds now.

    `column` is the name in the database ("owner_id"); the row's table must be recorded (salesorg.audit.triggers). Changes
    made while history was switched off, as bulk loads do, are not known.
    """

    def __init__(self, column, moment, output_field):
        super().__init__(F("pk"), F(column), output_field=output_field)
        self.column, self.moment = column, moment

    def as_sql(self, compiler, connection):
        (pk, pk_values), (now, now_values) = (compiler.compile(each) for each in self.source_expressions)
        table = self.source_expressions[0].target.model._meta.db_table
        sql = f"""(COALESCE((
            SELECT change.before -> %s FROM audit_change change
            WHERE change."table" = %s AND change.row_id = {pk} AND change."at" > %s AND jsonb_exists(change.before, %s)
            ORDER BY change.id LIMIT 1
        ), to_jsonb({now})) #>> '{{}}')::{self.output_field.db_type(connection)}"""
        return sql, [self.column, table, *pk_values, self.moment, self.column, *now_values]
