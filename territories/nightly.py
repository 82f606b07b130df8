"""The territories' part of the nightly run: planned moves take effect, and coverage is checked against what decides it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from salesorg.jobs.runs import register_step, report_problem
from salesorg.people.models import User, organisation

from .placement import check_coverage_agrees
from .services import apply_moves_due

JOB = "nightly"


def register():
    """Called once in AppConfig.ready."""
    register_step(job=JOB, order=5, name=_lazy("Territories moved as planned"), parts=one_part, work=move)
    register_step(job=JOB, order=45, name=_lazy("Coverage agrees with territories"), parts=one_part, work=check)


def one_part(run):
    return [("all", {})]


def move(run, payload):
    """Territories whose planned day has come lie where they were to lie."""
    return {"territories moved": apply_moves_due(day=organisation().today())}


def check(run, payload):
    """Every account is covered by whom its placements and lead seats say; each that is not is a problem of the run."""
    found = check_coverage_agrees(day=organisation().today())
    accounts = Account.objects.in_bulk({each.account_id for each in found})
    people = User.objects.in_bulk({each.user_id for each in found})
    sentences = {
        "missing": _("%(person)s should cover this account, says its territory, and does not. Reassign it to its territory."),
        "too much": _("%(person)s covers this account for a territory that does not say so. End that coverage."),
    }
    for each in found:
        report_problem(run, accounts[each.account_id], sentences[each.says] % {"person": people[each.user_id]})
    return {}
