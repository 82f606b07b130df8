"""The nightly run's step about stages: how long deals stay in each."""

from django.utils.translation import gettext_lazy as _

from pipeline.services.stays import count_stays
from salesorg.jobs.runs import register_step


def register():
    """Called once in AppConfig.ready."""
    register_step(job="nightly", order=50, name=_("Days in each stage"), parts=one_part, work=count)


def one_part(run):
    yield "all", {}


def count(run, payload):
    return {"stages": count_stays()}
