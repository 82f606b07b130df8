"""From won deals to events and credits: what the deals say now, less what was credited before.

One query finds the deals where the two differ, on any number of deals; only those are looked at one by one. A deal
whose amount, date, currency or members changed gives back its booking and is booked again; a deal that is no longer
won gives it back. Nothing recorded is ever changed, so a second run of an unchanged world writes nothing.
"""

from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db import connection, transaction
from django.utils.translation import gettext as _

from pipeline.models import DealMember
from salesorg.lib.db import copy_rows, lock_until_commit, whole_tables
from salesorg.lib.money import DECIMALS, divided, split, to_minor

from .models import Credit, Event, Measure

# `shares` is what a booking is credited by: (user, role, measure, basis points), in one order on both sides.
DIFFERENCES = """
WITH wanted AS (
    SELECT deal.id, deal.name, deal.close_date, deal.amount, deal.currency, shares.list AS shares
    FROM pipeline_deal deal
    LEFT JOIN (
        SELECT member.deal_id, array_agg(ARRAY[user_id, role, measure, share] ORDER BY user_id, role, measure) AS list
        FROM pipeline_dealmember member
        JOIN pipeline_deal won ON won.id = member.deal_id AND won.status = 'won' AND member.during @> won.close_date
        CROSS JOIN LATERAL (VALUES (%(revenue)s, revenue_share), (%(overlay)s, overlay_share)) AS part (measure, share)
        WHERE share > 0
        GROUP BY member.deal_id
    ) shares ON shares.deal_id = deal.id
    WHERE deal.status = 'won'
), standing AS (
    SELECT event.id, event.deal_id, event.number, event.on, event.amount, event.currency, shares.list AS shares
    FROM commissions_event event
    JOIN (
        SELECT event_id, array_agg(ARRAY[payee_id, role, measure, share] ORDER BY payee_id, role, measure) AS list
        FROM commissions_credit GROUP BY event_id
    ) shares ON shares.event_id = event.id
    WHERE event.kind = 'booked' AND NOT EXISTS (SELECT FROM commissions_event back WHERE back.reverses_id = event.id)
), bookings AS (
    SELECT deal_id, max(number) AS number FROM commissions_event GROUP BY deal_id
)
SELECT wanted.id, wanted.name, wanted.close_date, wanted.amount, wanted.currency, wanted.shares,
       standing.id, standing.number, standing.on, standing.amount, standing.currency, standing.shares,
       COALESCE(wanted.id, standing.deal_id), COALESCE(bookings.number, 0)
FROM wanted
FULL JOIN standing ON standing.deal_id = wanted.id
LEFT JOIN bookings ON bookings.deal_id = COALESCE(wanted.id, standing.deal_id)
WHERE wanted.id IS NULL OR standing.id IS NULL
   OR wanted.close_date IS DISTINCT FROM standing.on
   OR wanted.currency <> standing.currency
   OR wanted.shares IS DISTINCT FROM standing.shares
   OR wanted.amount * CASE WHEN wanted.currency = ANY(%(no_decimals)s) THEN 1
                           WHEN wanted.currency = ANY(%(three_decimals)s) THEN 1000
                           ELSE 100 END IS DISTINCT FROM standing.amount
ORDER BY COALESCE(wanted.close_date, standing.on), 13
"""


@dataclass(frozen=True, slots=True)
class Booking:
    """What a won deal is worth to whom: the facts that pay is computed from."""

    on: date
    amount: int  # minor units
    currency: str
    shares: tuple  # (user id, role, measure, basis points)


@dataclass(frozen=True, slots=True)
class Difference:
    """A deal whose booking is not what it should be. `standing` is the booking in force, `wanted` the one due."""

    deal_id: int
    name: str | None  # None when the deal is gone or no longer won
    wanted: Booking | None
    standing: Booking | None
    standing_event: int | None
    standing_number: int | None
    last_number: int
    problem: str | None  # why the deal cannot be credited, in words; what was credited before then stays
    close_date: date | None

    def may_be_in(self, days):
        """True when the deal closed in `days`, or may have: it has no close date."""
        return self.close_date is None or days.covers(self.close_date)


def differences():
    """Every deal whose credits differ from what they should be, by close date."""
    parameters = {
        "revenue": Measure.REVENUE.value,
        "overlay": Measure.OVERLAY.value,
        "no_decimals": [currency for currency, decimals in DECIMALS.items() if decimals == 0],
        "three_decimals": [currency for currency, decimals in DECIMALS.items() if decimals == 3],
    }
    with whole_tables(), connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, parameters)
        rows = cursor.fetchall()
    for row in rows:
        found = _difference(*row)
        # A sum finer than the currency's smallest unit looks different to the query and is not.
        if found.wanted != found.standing or found.problem:
            yield found


def _difference(
    deal, name, on, amount, currency, shares, event, number, was_on, was_amount, was_currency, was_shares, deal_id, last
):
    standing = Booking(was_on, was_amount, was_currency, _frozen(was_shares)) if event else None
    problem = wanted = None
    if deal is not None:
        problem = _problem(name, on, amount, shares)
        wanted = None if problem else Booking(on, to_minor(amount, currency), currency, _frozen(shares))
    return Difference(deal_id, name, wanted, standing, event, number, last, problem, on)


def _frozen(shares):
    return tuple(map(tuple, shares or ()))


def _problem(name, on, amount, shares):
    """The sentence why a won deal cannot be credited, or None."""
    words = {"deal": name}
    if amount is None:
        return _("“%(deal)s” is won and has no amount: nobody is credited until it has one.") % words
    if on is None:
        return _("“%(deal)s” is won and has no close date: nobody is credited until it has one.") % words
    whole = sum(share for _user, _role, measure, share in shares or () if measure == Measure.REVENUE)
    if whole != DealMember.WHOLE:
        words["percent"] = f"{whole / 100:g}"
        return _("The revenue shares of “%(deal)s” on its close date add up to %(percent)s%%, not to 100%%.") % words
    return None


@transaction.atomic
def record_bookings():
    """Write the events and credits that are missing. Returns (counts, the Differences with a problem)."""
    lock_until_commit("commissions.crediting")
    changed, problems = [], []
    for found in differences():
        if found.problem:
            problems.append(found)
        else:
            changed.append(found)
    taken_back = [found for found in changed if found.standing]
    booked = [found for found in changed if found.wanted]
    credits = _take_back(taken_back) + _book(booked)
    return {"booked": len(booked), "taken back": len(taken_back), "credits": credits, "problems": len(problems)}, problems


EVENT = ("id", "deal", "kind", "number", "on", "amount", "currency", "reverses")
CREDIT = ("id", "event", "deal", "payee", "role", "measure", "share", "amount", "currency", "on", "reverses")


def _take_back(found):
    """One event per booking that no longer stands, and its credits with the opposite sign. Returns the number of credits."""
    events = dict(zip((each.standing_event for each in found), new_ids(Event, len(found)), strict=True))
    copy_rows(
        Event,
        EVENT,
        (
            (
                events[each.standing_event],
                each.deal_id,
                Event.Kind.UNBOOKED,
                each.standing_number,
                each.standing.on,
                -each.standing.amount,
                each.standing.currency,
                each.standing_event,
            )
            for each in found
        ),
    )
    old = list(Credit.objects.filter(event_id__in=list(events)).order_by("pk")) if events else []
    return copy_rows(
        Credit,
        CREDIT,
        (
            (
                pk,
                events[credit.event_id],
                credit.deal_id,
                credit.payee_id,
                credit.role,
                credit.measure,
                credit.share,
                -credit.amount,
                credit.currency,
                credit.on,
                credit.pk,
            )
            for pk, credit in zip(new_ids(Credit, len(old)), old, strict=True)
        ),
    )


def _book(found):
    """One event per deal and a credit per member. Returns the number of credits."""
    events = new_ids(Event, len(found))
    copy_rows(
        Event,
        EVENT,
        (
            (
                pk,
                each.deal_id,
                Event.Kind.BOOKED,
                each.last_number + 1,
                each.wanted.on,
                each.wanted.amount,
                each.wanted.currency,
                None,
            )
            for pk, each in zip(events, found, strict=True)
        ),
    )
    parts = [_parts(each.wanted) for each in found]
    ids = iter(new_ids(Credit, sum(map(len, parts))))
    return copy_rows(
        Credit,
        CREDIT,
        (
            (next(ids), event, each.deal_id, user, role, measure, share, amount, each.wanted.currency, each.wanted.on, None)
            for event, each, mine in zip(events, found, parts, strict=True)
            for user, role, measure, share, amount in mine
        ),
    )


def _parts(booking):
    """(user, role, measure, share, minor units): revenue shares add up to the amount exactly, overlays stand beside it."""
    revenue = [part for part in booking.shares if part[2] == Measure.REVENUE]
    overlay = [part for part in booking.shares if part[2] == Measure.OVERLAY]
    amounts = split(booking.amount, [part[3] for part in revenue])
    return [
        *((*part, amount) for part, amount in zip(revenue, amounts, strict=True)),
        *((*part, divided(booking.amount * part[3], DealMember.WHOLE)) for part in overlay),
    ]


def new_ids(model, count):
    """`count` ids from the model's sequence, in order: rows that refer to each other can be copied in."""
    with connection.cursor() as cursor:
        sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
        cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [count])
        return list(chain.from_iterable(cursor.fetchall()))
