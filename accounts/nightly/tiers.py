"""The accounts' part of the nightly run: facts from the apps above, tiers by spend, and on a quarter day their effect."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.services.facts import gather_facts, orders_without_rate
from accounts.services.tiers import apply_tiers, compute_tiers
from salesorg.jobs.runs import register_step, report_problem
from salesorg.people.models import organisation

JOB = "nightly"


def register():
    """Called once in AppConfig.ready."""
    register_step(job=JOB, order=32, name=_lazy("Account facts"), parts=one_part, work=gather)
    register_step(job=JOB, order=34, name=_lazy("Spend tiers"), parts=one_part, work=tiers)


def one_part(run):
    return [("all", {})]


def gather(run, payload):
    """Spend and open pipeline of every account; an order in a currency without a rate is a problem, never a silent nothing."""
    ours = organisation()
    day, currency = ours.today(), ours.currency
    sentence = _("%(orders)d orders of %(accounts)d accounts have no rate into %(ours)s, %(name)s among them: they are left out.")
    for theirs, orders, accounts, name in orders_without_rate(day=day, currency=currency):
        words = {"orders": orders, "accounts": accounts, "ours": currency, "name": name}
        report_problem(run, _("Spend in %(currency)s") % {"currency": theirs}, sentence % words)
    return {"account facts": gather_facts(day=day, currency=currency)}


def tiers(run, payload):
    day = organisation().today()
    return {"tiers computed": compute_tiers(day=day)} | apply_tiers(day=day)
