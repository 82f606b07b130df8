"""The nightly run's steps: bookings and credits → ledger → statements → checks."""

from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from salesorg.jobs.runs import register_due, register_step, report_problem
from salesorg.lib.periods import year_of
from salesorg.people.models import User, organisation

from .crediting import record_bookings
from .gather import open_periods, payees_by_year
from .invariants import broken
from .models import Period
from .posting import post
from .problems import sentence
from .statements import draft_statements, payees_of

JOB = "nightly"
CHUNK = 50  # people; with a year of months a part takes a few seconds, and a killed one loses little


def register():
    """Called once in AppConfig.ready."""
    register_step(job=JOB, order=10, name=_("Bookings and credits"), parts=one_part, work=credit_deals)
    register_step(job=JOB, order=20, name=_("Ledger"), parts=ledger_parts, work=post_ledger)
    register_step(job=JOB, order=30, name=_("Statements"), parts=statement_parts, work=draft)
    register_step(job=JOB, order=40, name=_("Checks"), parts=one_part, work=check)
    register_due(JOB, night_due)


def night_due(now):
    """The night that is due in the organisation's time zone: today's date once its hour has come, else None."""
    ours = organisation()
    local = now.astimezone(ZoneInfo(ours.time_zone))
    return local.date().isoformat() if local.hour >= ours.nightly_hour else None


def day_of(run):
    """The day a nightly run is for: the first ten characters of its period."""
    return date.fromisoformat(run.period[:10])


def one_part(run):
    yield "all", {}


def credit_deals(run, payload):
    counts, problems = record_bookings()
    open_periods(until=day_of(run))
    for found in problems:
        report_problem(run, f"deal {found.deal_id}", found.problem)
    return {name: count for name, count in counts.items() if name != "problems"}  # the run counts those itself


def ledger_parts(run):
    for year, payees in payees_by_year().items():
        for chunk in _chunks(payees):
            yield f"{year}: {chunk[0]}–{chunk[-1]}", {"year": year, "payees": chunk}


def post_ledger(run, payload):
    counts, problems = post(payees=payload["payees"], days=year_of(date(payload["year"], 1, 1)), run_id=run.pk)
    names = dict(User.objects.filter(pk__in={payee for payee, _month, _problem in problems}).values_list("pk", "name"))
    # One sentence for each person, month and kind: a hundred deals without a plan are one thing to do.
    for payee, month, code in Counter((payee, month, problem.code) for payee, month, problem in problems):
        report_problem(run, f"{names[payee]}, {month:%Y-%m}", sentence(code, names[payee], month))
    return counts


def statement_parts(run):
    for period in Period.objects.open():
        for chunk in _chunks(payees_of(period)):
            yield f"{period}: {chunk[0]}–{chunk[-1]}", {"period": period.pk, "payees": chunk}


def draft(run, payload):
    period = Period.objects.get(pk=payload["period"])
    # A month that was closed meanwhile has its statements.
    return draft_statements(period=period, payees=payload["payees"], run_id=run.pk) if period.is_open else {}


def check(run, payload):
    found = broken()
    for words, count, witness in found:
        report_problem(run, words, f"{witness} ({count})")
    return {"checks broken": len(found)}


def _chunks(payees):
    return [payees[start : start + CHUNK] for start in range(0, len(payees), CHUNK)]
