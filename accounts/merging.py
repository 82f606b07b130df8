"""What points at a record, and how each of it goes over to the record that is kept in a merge.

Nothing is listed by hand: the relations are read from the models, so that a new model is moved from its first day on.
What a plain change of the foreign key would break is answered by the model's own constraints:

- where a row may stand only once (unique), the kept record's row stays and the other one goes;
- where rows of a time may not overlap (exclusion), the kept record's days stay, the other rows keep the days that are left.

A relation that needs more has a rule of its own (`register`), and what has to be brought in order at the end hangs in
`afterwards`. A test fails for every relation that none of this covers.
"""

from dataclasses import dataclass

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, UniqueConstraint

from salesorg.audit.recorded import recorded_models
from salesorg.lib.db import IntegerKey

_rules = {}  # (model label, field name) → (keep, drop) -> how many moved
afterwards = []  # (keep, day): called when everything has moved, e.g. to derive again what follows from placements


def register(label, field, rule):
    """Let `rule(keep, drop)` move what points at the dropped record by this field; it returns how many rows moved."""
    _rules[(label, field)] = rule


@dataclass(frozen=True)
class Pointer:
    """A foreign key that points at accounts or contacts."""

    model: type
    field: models.ForeignKey

    @property
    def rule(self):
        return _rules.get((self.model._meta.label, self.field.name))

    def rows(self, pk):
        return self.model._base_manager.filter(**{self.field.attname: pk})

    def unique_sets(self):
        """(names of the other columns, condition) of everything that may stand only once with this key in it."""
        if self.field.unique:
            yield (), Q()
        for names in self.model._meta.unique_together:
            if self.field.name in names:
                yield tuple(name for name in names if name != self.field.name), Q()
        for constraint in self.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and self.field.name in constraint.fields:
                yield tuple(name for name in constraint.fields if name != self.field.name), constraint.condition or Q()

    def exclusions(self):
        """(expressions of the other keys, name of the range, condition) of everything that may not overlap."""
        for constraint in self.model._meta.constraints:
            if isinstance(constraint, ExclusionConstraint):
                keys = [each.source_expressions[0] for each, _operator in constraint.expressions if isinstance(each, IntegerKey)]
                spans = [each for each, _operator in constraint.expressions if isinstance(each, str)]
                if F(self.field.attname) in keys or F(self.field.name) in keys:
                    others = [key for key in keys if key not in (F(self.field.attname), F(self.field.name))]
                    yield others, spans[0], constraint.condition or Q()

    @property
    def is_covered(self):
        """True when a merge can move it and undo can bring it back."""
        if self.rule:
            return True
        return self.model._meta.db_table in recorded_models() and not list(self._not_understood())

    def _not_understood(self):
        for constraint in self.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and constraint.expressions:
                yield constraint
            if isinstance(constraint, ExclusionConstraint):
                spans = [each for each, _operator in constraint.expressions if isinstance(each, str)]
                rest = [each for each, _operator in constraint.expressions if not isinstance(each, str | IntegerKey)]
                if len(spans) != 1 or rest:
                    yield constraint

    def move(self, keep, drop):
        """Make everything that points at `drop` point at `keep`. Returns how many rows did."""
        if self.rule:
            return self.rule(keep, drop)
        count = self.rows(drop.pk).count()
        if count:
            for names, condition in self.unique_sets():
                self._drop_twins(names, condition, keep, drop)
            for keys, span, condition in self.exclusions():
                self._leave_days(keys, span, condition, keep, drop)
            self.rows(drop.pk).update(**{self.field.attname: keep.pk})
        return count

    def _drop_twins(self, names, condition, keep, drop):
        twins = self.rows(keep.pk).filter(condition, **{name: OuterRef(name) for name in names})
        gone = self.rows(drop.pk).filter(condition).filter(Exists(twins)).values_list("pk", flat=True)
        remove(self.model, list(gone))

    def _leave_days(self, keys, span, condition, keep, drop):
        """Cut the dropped record's rows to the days that the kept one's leave free, each slot for itself."""
        slots = {f"slot_{i}": key for i, key in enumerate(keys)}
        taken = {}
        for row in self.rows(keep.pk).filter(condition).annotate(**slots):
            taken.setdefault(tuple(getattr(row, name) for name in slots), []).append(getattr(row, span))
        for row in self.rows(drop.pk).filter(condition).annotate(**slots).order_by("pk"):
            now = getattr(row, span)
            parts = days_left(now, taken.get(tuple(getattr(row, name) for name in slots), []))
            if parts == [now]:
                continue
            if not parts:
                remove(self.model, [row.pk])
                continue
            self.model._base_manager.filter(pk=row.pk).update(**{span: parts[0], self.field.attname: keep.pk})
            for part in parts[1:]:
                values = {each.attname: getattr(row, each.attname) for each in self.model._meta.concrete_fields}
                del values[self.model._meta.pk.attname]
                self.model._base_manager.create(**values | {span: part, self.field.attname: keep.pk})


def days_left(span, taken):
    """The parts of the range `span` that none of the ranges `taken` covers, in order."""
    kind = type(span)
    parts = [span]
    for other in taken:
        parts = [part for each in parts for part in _without(each, other, kind)]
    return parts


def _without(span, other, kind):
    starts_later = other.upper is not None and span.lower is not None and other.upper <= span.lower
    ends_before = span.upper is not None and other.lower is not None and span.upper <= other.lower
    if starts_later or ends_before:
        return [span]
    edges = [(span.lower, other.lower), (other.upper, span.upper)]
    before = other.lower is not None and (span.lower is None or span.lower < other.lower)
    after = other.upper is not None and (span.upper is None or other.upper < span.upper)
    return [kind(*edge) for edge, there in zip(edges, (before, after), strict=True) if there]


def remove(model, pks):
    """Delete these rows and nothing else: what still points at them stops the merge instead of vanishing with them."""
    if pks:
        rows = model._base_manager.filter(pk__in=pks)
        rows._raw_delete(rows.db)


def pointers(model):
    """Every foreign key of any model that points at `model`, many-to-many tables among them."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            found.append(Pointer(relation.related_model, relation.field))
    return sorted(found, key=lambda each: (each.model._meta.label, each.field.name))


def not_covered(model):
    """The relations to `model` that a merge would break or that undo could not restore."""
    return [f"{each.model._meta.label}.{each.field.name}" for each in pointers(model) if not each.is_covered]


def counts(model, pk):
    """[(what, how many)] of everything that would move away from the record, in one query; what is none is left out."""
    told = [each for each in pointers(model) if not each.rule]  # what has a rule of its own is worked out, not entered
    selects = [
        f'SELECT %s::int AS i, count(*) FROM "{each.model._meta.db_table}" WHERE "{each.field.column}" = %s' for each in told
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects) + " ORDER BY 1", [value for i in range(len(told)) for value in (i, pk)])
        found = cursor.fetchall()
    totals = {}
    for i, count in found:
        words = str(told[i].model._meta.verbose_name_plural)
        totals[words] = totals.get(words, 0) + count
    return [(words, count) for words, count in totals.items() if count]
