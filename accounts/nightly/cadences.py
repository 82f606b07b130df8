"""The nightly run's steps about accounts: who is due by which cadence, and planning it."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from accounts.services.cadences import AHEAD, first_contacts, plan_by_cadence, refresh_due
from accounts.services.standing_in import pass_on_plans
from salesorg.jobs.runs import register_step

JOB = "nightly"
CHUNK = 20  # people; each has some hundred accounts


def register():
    """Called once in AppConfig.ready."""
    register_step(job=JOB, order=60, name=_("Cadences"), parts=one_part, work=refresh)
    register_step(job=JOB, order=61, name=_("Plans by cadence"), parts=people_parts, work=plan)


def day_of(run):
    """The day a nightly run is for: the first ten characters of its period."""
    return date.fromisoformat(run.period[:10])


def one_part(run):
    yield "all", {}


def refresh(run, payload):
    return {"cadences": refresh_due(day=day_of(run))}


def people_parts(run):
    people = first_contacts(day_of(run))
    for start in range(0, len(people), CHUNK):
        yield str(people[start]), {"people": people[start : start + CHUNK]}


def plan(run, payload):
    people, day = payload["people"], day_of(run)
    planned = plan_by_cadence(people=people, day=day, actor=None)
    return {"planned": planned, "passed on": pass_on_plans(people=people, first=day, last=day + AHEAD, actor=None)}


def stays(keep, drop):
    """In a merge nothing moves by hand: triggers count the activities that move, and what was planned is with the dropped one."""
    return 0
