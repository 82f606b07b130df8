"""What people did beside what came of it: visits, calls, meetings and demos, wins and new pipeline, by week or month."""

from datetime import datetime, time

from django.db.models import Count, DateField, Q, Sum
from django.db.models.functions import TruncMonth, TruncWeek
from django.utils import timezone

from accounts.models import Activity
from pipeline.models import Status

KINDS = (Activity.Kind.VISIT, Activity.Kind.CALL, Activity.Kind.MEETING, Activity.Kind.DEMO)


def activities(user, people, spans, by_month, moment):
    """{(person id, kind): {first day of the week or month: how many}} of what was done in `spans`, up to `moment`; in one query.

    `people`: ids, or None for everybody. Only what `user` may see.
    """
    zone = timezone.get_current_timezone()
    since, until = (datetime.combine(day, time.min, zone) for day in (spans[0].start, spans[-1].until))
    done = (
        Activity.objects.visible_to(user)
        .done()
        .filter(done_at__gte=since, done_at__lt=until, done_at__lte=moment, kind__in=KINDS)
    )
    if people is not None:
        done = done.filter(user_id__in=people)
    trunc = (TruncMonth if by_month else TruncWeek)("done_at", output_field=DateField())
    found = {}
    rows = done.order_by().annotate(bucket=trunc).values_list("user_id", "kind", "bucket").annotate(number=Count("pk"))
    for person, kind, bucket, number in rows:
        found.setdefault((person, kind), {})[bucket] = number
    return found


def wins(deals, spans, by_month, selection):
    """{person id: {first day of the week or month: how many of `deals` were won}}; in one query."""
    trunc = (TruncMonth if by_month else TruncWeek)(selection.column("close_date"), output_field=DateField())
    won = closed_in(deals, spans, selection).filter(selection.by_status(Status.WON)).order_by().annotate(bucket=trunc)
    found = {}
    for person, bucket, number in won.values_list(selection.column("owner_id"), "bucket").annotate(Count("pk")):
        found.setdefault(person, {})[bucket] = number
    return found


def closed_in(deals, spans, selection):
    """Those of `deals` that were won or lost in `spans`."""
    first, last = selection.by_close_from(spans[0].start), selection.by_close_to(spans[-1].last_day)
    return deals.filter(selection.by_status("closed"), first, last)


def made(deals, spans, currency, selection):
    """{person id: (deals opened in `spans`, sum of those in `currency`)}, for their owner on the day looked at; in one query."""
    opened = deals.filter(opened_on__gte=spans[0].start, opened_on__lt=spans[-1].until)
    total = Sum(selection.column("amount"), filter=Q(currency=currency))
    rows = opened.order_by().values_list(selection.column("owner_id")).annotate(Count("pk"), total=total)
    return {person: (number, total or 0) for person, number, total in rows}
