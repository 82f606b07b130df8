"""Changes of quotas, plans and periods."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import DealMember
from salesorg.lib import periods
from salesorg.lib.db import lock_until_commit, whole_tables
from salesorg.lib.errors import DomainError
from salesorg.lib.money import rounded_up_to
from salesorg.people.models import User, organisation

from .crediting import differences, record_bookings
from .engine import PlanError, plan_of
from .gather import gather, open_periods
from .models import Measure, Period, PlanAssignment, PlanVersion, Quota, Statement
from .posting import CLOSING, moves_of, post
from .problems import sentence
from .statements import draft_statements, payees_of

LARGEST = Decimal(10) ** 15  # a quota beyond this is a typing error

STANDARD_PLAN = "Standard"
STANDARD_COMPONENTS = [
    {
        "key": "commission",
        "name": "Commission on won deals",
        "measure": "revenue",
        "unit": "period",
        "method": "marginal",
        "thresholds": "quota",
        "boundary": "upper",
        "denominator": 10_000,
        "rounding": "half_up",
        "tiers": [{"start": 0, "rate": 500}, {"start": 10_000, "rate": 800}],
    }
]


@transaction.atomic
def set_quota(*, user, amount, currency, start, until=None, measure=Measure.REVENUE, reason="", actor):
    """Give `user` a quota of `amount` a month from `start` (inclusive) until `until` (exclusive; None: from then on).

    Quotas that overlap are shortened or replaced; their history is kept. Returns the Quota.
    Raises DomainError for dates inside a month and for amounts that are not above zero.
    """
    if not 0 < amount <= LARGEST:
        raise DomainError(_("A quota is an amount above zero and at most %(largest)s.") % {"largest": LARGEST}, fields=["amount"])
    return _replace(
        Quota,
        {"user": user, "measure": measure},
        _whole_months(start, until),
        {"amount": amount, "currency": currency, "reason": reason},
    )


@transaction.atomic
def assign_plan(*, user, version, start, until=None, actor):
    """Pay `user` by the signed `version` from `start` until `until` (None: from then on), instead of what applied then.

    Returns the PlanAssignment. Raises DomainError when the version is not signed or a date lies inside a month.
    """
    if version.signed_at is None:
        raise DomainError(_("Sign %(plan)s first: a plan that may still change pays nobody.") % {"plan": version})
    return _replace(PlanAssignment, {"user": user}, _whole_months(start, until), {"plan_version": version})


def _whole_months(start, until):
    if start.day != 1 or (until and until.day != 1):
        raise DomainError(
            _("Pay terms change at the turn of a month: choose the first day of a month."), fields=["start", "until"]
        )
    if until and until <= start:
        raise DomainError(_("This ends before it begins."), fields=["until"])
    return DateRange(start, until)


def _replace(model, of, during, values):
    """Make room for `during` among the rows `of` this person, and put a row with `values` there."""
    User.objects.select_for_update().filter(pk=of["user"].pk).first()  # two changes of one person's terms: one after the other
    for row in model.objects.filter(**of, during__overlap=during):
        lower, upper = row.during.lower, row.during.upper
        fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
        same = lower == during.lower and upper == during.upper
        if same and all(getattr(row, name) == value for name, value in values.items()):
            return row  # nothing to change leaves no trace
        row.delete()
        if lower < during.lower:
            model.objects.create(**fields | {"during": DateRange(lower, during.lower)})
        if during.upper and (upper is None or upper > during.upper):
            model.objects.create(**fields | {"during": DateRange(during.upper, upper)})
    return model.objects.create(**of, during=during, **values)


@transaction.atomic
def new_plan_version(*, name, components, currency, actor):
    """The next version of the plan `name`, not yet signed. Raises DomainError naming every question left open."""
    try:
        plan_of(components)
    except PlanError as error:
        raise DomainError(" ".join(error.faults), fields=["components"]) from error
    lock_until_commit(f"commissions.plan {name}")
    last = PlanVersion.objects.filter(name=name).aggregate(last=Max("number"))["last"] or 0
    return PlanVersion.objects.create(name=name, number=last + 1, currency=currency, components=components)


@transaction.atomic
def sign_plan_version(*, version, actor, now=None):
    """From now on `version` never changes, and people can be paid by it. Signing twice changes nothing."""
    version = PlanVersion.objects.select_for_update().get(pk=version.pk)
    if version.signed_at is None:
        version.signed_at, version.signed_by = now or timezone.now(), actor
        version.save(update_fields=["signed_at", "signed_by"])
    return version


MONTHLY_WINS = """
SELECT member.user_id, sum(deal.amount * member.revenue_share) / %(whole)s
FROM pipeline_deal deal
JOIN pipeline_dealmember member ON member.deal_id = deal.id AND member.during @> deal.close_date AND member.revenue_share > 0
WHERE deal.status = 'won' AND deal.amount IS NOT NULL AND deal.currency = %(currency)s
GROUP BY member.user_id HAVING sum(deal.amount * member.revenue_share) > 0
ORDER BY member.user_id
"""
WON_BETWEEN = """
SELECT min(close_date), max(close_date) FROM pipeline_deal
WHERE status = 'won' AND amount IS NOT NULL AND currency = %(currency)s
"""


def propose_quotas(*, currency, step=Decimal(1000)):
    """Each person's mean monthly won value, rounded up to `step`: ([(user id, amount)], the days it is for, months counted).

    The mean runs over all months from the first to the last won close date of the whole organisation in `currency`,
    those without a win of the person included. Nobody without wins is proposed a quota. A quota holds from the first
    of those months to the end of the year of the last: nobody works for years to a goal taken from a history that ended.
    """
    parameters = {"currency": currency, "whole": DealMember.WHOLE}
    with whole_tables(), connection.cursor() as cursor:
        cursor.execute(WON_BETWEEN, parameters)
        first, last = cursor.fetchone()
        if first is None:
            return [], None, 0
        cursor.execute(MONTHLY_WINS, parameters)
        rows = cursor.fetchall()
    counted = len(periods.months(first, last))
    holds = periods.Period(first.replace(day=1), periods.year_of(last).until)
    return [(user, rounded_up_to(won / counted, step)) for user, won in rows], holds, counted


@transaction.atomic
def set_quotas_from_history(*, actor, plan=False):
    """Set every proposed quota; with `plan`, also pay those people by the standard plan for the same time.

    Returns what `propose_quotas` does. Run again it changes nothing.
    """
    currency = organisation().currency
    proposed, holds, counted = propose_quotas(currency=currency)
    people = User.objects.in_bulk([user for user, _amount in proposed])
    version = standard_plan(currency=currency, actor=actor) if plan and proposed else None
    reason = _("Mean of %(count)s months, rounded up") % {"count": counted}
    for user, amount in proposed:
        terms = {"user": people[user], "start": holds.start, "until": holds.until, "actor": actor}
        set_quota(amount=amount, currency=currency, reason=reason, **terms)
        if version:
            assign_plan(version=version, **terms)
    return proposed, holds, counted


def standard_plan(*, currency, actor):
    """The signed plan of 5 % up to quota and 8 % above it, made when there is none."""
    found = PlanVersion.objects.signed().filter(name=STANDARD_PLAN, currency=currency).first()
    if found:
        return found
    version = new_plan_version(name=STANDARD_PLAN, components=STANDARD_COMPONENTS, currency=currency, actor=actor)
    return sign_plan_version(version=version, actor=actor)


@transaction.atomic
def close_period(*, period, actor, accept_problems=False, now=None):
    """Post what is due, issue the statements of `period` and close it for good. Returns the number of statements.

    Raises DomainError when it is closed, not over, an earlier month is open, or there are problems not accepted:
    what they concern will be paid as adjustments in a later month.
    """
    lock_until_commit(CLOSING)
    period = Period.objects.select_for_update().get(pk=period.pk)
    if not period.is_open:
        raise DomainError(_("%(month)s is closed already.") % {"month": period})
    now = now or timezone.now()
    if organisation().today(now) < period.days.until:
        raise DomainError(_("%(month)s is not over yet: close it from the first day of the next month.") % {"month": period})
    if earlier := Period.objects.open().filter(start__lt=period.start).first():
        raise DomainError(_("Close %(month)s first: corrections go forward, month by month.") % {"month": earlier})
    _counts, uncreditable = record_bookings()
    open_periods(until=period.start)
    payees = payees_of(period)
    _counts, unpaid = post(payees=payees, days=period.days)
    problems = len(unpaid) + sum(each.may_be_in(period.days) for each in uncreditable)
    if problems and not accept_problems:
        raise DomainError(_("There are %(count)s open problems. Solve them, or accept them and close.") % {"count": problems})
    draft_statements(period=period, payees=payees)
    issued = Statement.objects.filter(period=period).update(state=Statement.State.ISSUED, issued_at=now)
    period.closed_at, period.closed_by = now, actor
    period.save(update_fields=["closed_at", "closed_by"])
    return issued


@dataclass(frozen=True)
class Preview:
    """What closing a month would do now."""

    statements: int
    not_credited: int  # deals whose credits are not what they should be yet
    not_posted: int  # lines whose ledger is not what it should be yet
    problems: list  # sentences


def preview_closing(*, period):
    """The Preview of closing `period`; changes nothing."""
    found = list(differences())
    payees = payees_of(period)
    world = gather(payees=payees, days=period.days)
    results = {key: group.earn(world.plans) for key, group in world.groups.items()}
    problems = {(payee, problem.code) for (payee, _month), result in results.items() for problem in result.problems}
    names = dict(User.objects.filter(pk__in={payee for payee, _code in problems}).values_list("pk", "name"))
    return Preview(
        statements=len(payees),
        not_credited=sum(not each.problem for each in found),
        not_posted=sum(1 for key, group in world.groups.items() for _move in moves_of(group, results[key])),
        problems=[each.problem for each in found if each.problem and each.may_be_in(period.days)]
        + sorted(sentence(code, names[payee], period.start) for payee, code in problems),
    )
