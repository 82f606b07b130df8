"""The nightly run's steps after the sale: renewals that are due, and customers who have gone."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from pipeline.models import Contract, CustomerFacts
from pipeline.services.contracts import settle_lifecycles
from pipeline.services.customers import customers_cut, gather_customers, score_customers
from pipeline.services.renewals import due_renewals, open_renewal, renewal_pipeline
from pipeline.services.satisfaction import ask_what_is_due
from salesorg.jobs.runs import register_step, report_problem
from salesorg.lib.errors import DomainError

JOB = "nightly"
CHUNK = 100  # renewals that one part opens
GATHERED = 5_000  # customers of one part: two seconds on a busy machine, in which whoever changes a contract or ticket waits
SCORED = 1_000  # customers that one part scores


def register():
    """Called once in AppConfig.ready."""
    register_step(job=JOB, order=55, name=_lazy("Renewals"), parts=renewal_parts, work=renew)
    register_step(job=JOB, order=56, name=_lazy("Customers who left"), parts=one_part, work=settle)
    register_step(job=JOB, order=59, name=_lazy("Satisfaction asked"), parts=one_part, work=ask)
    register_step(job=JOB, order=57, name=_lazy("What is known of customers"), parts=gathered_parts, work=gather)
    register_step(job=JOB, order=58, name=_lazy("Health of customers"), parts=customer_parts, work=score)


def day_of(run):
    """The day a nightly run is for: the first ten characters of its period."""
    return date.fromisoformat(run.period[:10])


def one_part(run):
    yield "all", {}


def renewal_parts(run):
    pipeline = renewal_pipeline()
    if pipeline is None:
        return
    ids = list(due_renewals(pipeline, day_of(run)).values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield str(ids[start]), {"contracts": ids[start : start + CHUNK]}


def renew(run, payload):
    """Open the renewals of these contracts; one that cannot be opened is named, and keeps none of the others."""
    opened, pipeline, day = 0, renewal_pipeline(), day_of(run)
    for contract in Contract.objects.filter(pk__in=payload["contracts"], renewal=None).order_by("pk"):
        try:
            with transaction.atomic():
                open_renewal(contract=contract, day=day, actor=None, pipeline=pipeline)
                opened += 1
        except DomainError as error:
            report_problem(run, _("Renewal of %(contract)s") % {"contract": contract}, error)
    return {"renewals opened": opened}


def settle(run, payload):
    return {"customers who left": settle_lifecycles(day=day_of(run), actor=None)}


def gathered_parts(run):
    for after, up_to in customers_cut(GATHERED):
        yield f"{after}–", {"after": after, "up_to": up_to}


def gather(run, payload):
    return {"customers changed": gather_customers(day=day_of(run), **payload)}


def customer_parts(run):
    ids = list(CustomerFacts.objects.order_by("account").values_list("account", flat=True))
    for start in range(0, len(ids), SCORED):
        chunk = ids[start : start + SCORED]
        yield f"{chunk[0]}–{chunk[-1]}", {"first": chunk[0], "last": chunk[-1]}


def score(run, payload):
    # The account is the key: a range of it is no look-up of a relation, its two ends are.
    ids = CustomerFacts.objects.filter(account__gte=payload["first"], account__lte=payload["last"]).values_list("pk", flat=True)
    return {"health scores changed": score_customers(day=day_of(run), accounts=list(ids))}


def ask(run, payload):
    """After onboarding and before renewal; asked again the same night nobody is asked twice."""
    return {"customers asked": ask_what_is_due(day=day_of(run), actor=None)}
