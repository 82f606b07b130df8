"""The open deals that need help most (engine.needing_help), chosen in the database and weighed one by one."""

from datetime import timedelta

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from accounts.models import Activity
from pipeline.engine import needing_help as engine
from pipeline.models import DealVersion, ForecastCategory, Status
from pipeline.selections.deals import rotting

WEIGHED = 60  # deals of which the history is read: those with the largest amount × reasons that one query can count
SHOWN = 5
NOTED = (Activity.Kind.NOTE, Activity.Kind.TASK)  # what is logged without the customer


def deals_in_need(selection, period, currency, slipped=(), shown=SHOWN):
    """[(Deal, Need)] of the `shown` open deals in `currency` that close by the end of `period` and need help most.

    Those closing before it, and the ids `slipped` that left it, belong to them too. Two queries, however many deals there are.
    """
    today = selection.user.today
    deals = {deal.pk: deal for deal in _weighed(selection, period, currency, slipped, today)}
    pushes = _pushes(deals)
    facts = [_facts(deal, pushes.get(deal.pk, ()), deal.pk in slipped, selection) for deal in deals.values()]
    return [(deals[need.deal], need) for need in engine.most_in_need(facts, today, shown)]


def _weighed(selection, period, currency, slipped, today):
    """The deals that may be among them: each reason that needs no history adds the amount once more, and so does a slip."""
    now = timezone.now()
    contacts = Activity.objects.visible_to(selection.user).filter(account=OuterRef("account_id"), done_at__isnull=False)
    contacts = contacts.exclude(kind__in=NOTED)
    since = now - timedelta(days=engine.QUIET_DAYS)
    late_step = Q(next_step_on=None) | Q(next_step_on__lte=today - timedelta(days=engine.LATE_STEP_DAYS))
    reasons = (
        Q(close_date__lt=today),
        Q(pk__in=slipped),
        rotting(selection.stages),
        late_step,
        Q(forecast_category=ForecastCategory.COMMIT) & ~Q(Exists(contacts.filter(done_at__gte=since))),
    )
    weight = F("amount") * sum((_one_if(reason) for reason in reasons), Value(1))
    found = selection.deals(leave_out={"status", "close_from", "close_to", "currency"}).filter(
        selection.by_status(Status.OPEN), Q(close_date__lte=period.last_day) | Q(pk__in=slipped), currency=currency
    )
    last = Subquery(contacts.order_by("-done_at").values("done_at")[:1])
    return (
        found.annotate(weight=weight, last_contact=last)
        .order_by(F("weight").desc(nulls_last=True), "pk")
        .select_related("account", "owner")[:WEIGHED]
    )


def _one_if(condition):
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _pushes(deals):
    """{deal id: ((old close date, later one), …)} from the states of `deals` (ids that one may see)."""
    states = DealVersion.objects.filter(deal__in=list(deals)).order_by("deal_id", "during")
    found, before, deal = {}, None, None
    for pk, day in states.values_list("deal_id", "close_date"):
        if pk == deal and before and day and day > before:
            found.setdefault(pk, []).append((before, day))
        deal, before = pk, day
    return {pk: tuple(each) for pk, each in found.items()}


def _facts(deal, pushes, has_slipped, selection):
    zone = timezone.get_current_timezone()
    stage = next(stage for stage in selection.stages if stage.pk == deal.stage_id)
    return engine.Facts(
        deal=deal.pk,
        amount=deal.amount or 0,
        close_date=deal.close_date,
        age=(timezone.now() - deal.stage_since).days,
        pace=stage.pace,
        next_step_on=deal.next_step_on,
        is_commit=deal.forecast_category == ForecastCategory.COMMIT,
        last_contact=deal.last_contact and deal.last_contact.astimezone(zone).date(),
        pushes=pushes,
        has_slipped=has_slipped,
    )
