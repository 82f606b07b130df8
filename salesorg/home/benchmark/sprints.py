"""Weeks that are planned and gone through: generated people have committed nothing, so some do before."""

from pipeline.engine.sprints import WEEK, monday_of
from pipeline.forms.sprints import PICK
from pipeline.models import SprintItem
from pipeline.selections.sprints import candidates
from pipeline.services.sprints import Pick, commit_items
from salesorg.lib.acting import acting
from salesorg.people.models import User
from salesorg.people.querysets import people_led_by
from salesorg.people.roles import SELLERS

PEOPLE, ITEMS = 30, 12  # as many as one call shows, each with a full week


def weeks(leader):
    """The people of `leader` commit this week and the next, from what is really there."""
    people = User.objects.working().with_role(SELLERS, leader.today).filter(pk__in=people_led_by(leader)).order_by("pk")
    with acting(None, "benchmark"):
        for person in people[:PEOPLE]:
            for week in (monday_of(person.today), monday_of(person.today) + WEEK):
                if not SprintItem.objects.filter(doer=person, week=week).exists():
                    commit_items(week=week, picks=_picks(person, week), actor=person, user=person)


def _picks(person, week):
    found = candidates(person, [person.pk], week, person.today)
    offered = [(each, int(PICK.fullmatch(each.key)[2])) for each in [*found["contacts"], *found["steps"]]]
    return [Pick(each.kind, **{"deal" if each.kind == "step" else "activity": number}) for each, number in offered[:ITEMS]]
