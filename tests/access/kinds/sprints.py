"""A week of somebody, and what they committed in it."""

from datetime import date

from pipeline.engine.sprints import monday_of
from pipeline.models import Deal, Sprint, SprintItem

from .pipeline import deal
from .registry import RECORDS, kind


@kind(**RECORDS)
def sprint(person, marker):
    return SprintItem.objects.get(pk=sprint_item(person, marker)).sprint_id


@kind(**RECORDS)
def sprint_item(person, marker):
    week = monday_of(date.today())
    found, _created = Sprint.objects.get_or_create(user=person, week=week)
    committed = Deal.objects.get(pk=deal(person, marker))
    facts = {"doer": person, "deal": committed, "step": committed.next_step, "due_on": committed.next_step_on}
    return SprintItem.objects.create(sprint=found, week=week, kind="step", **facts).pk
