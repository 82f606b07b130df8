"""The demo's handoffs: from sol to rita and sam, from rita to cora; accepted, returned, waiting, overdue and challenged."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.services import log_activity
from pipeline.models import Deal, Stage, Status
from pipeline.services import accept_handoff, challenge_handoff, create_deal, offer_handoff, return_handoff
from pipeline.services.handoff_clocks import mind_handoffs
from pipeline.services.handoffs import MAIL
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.acting import acting
from salesorg.people.models import organisation

BUDGETS = ("30,000 released for this year", "In the plan for next year", "The plant manager decides up to 50,000")
NEEDS = ("Set-up takes two hours, they want one", "Their supplier delivers late", "A second line from summer on")
# sol's offers: (days ago, hours to the answer, what came of it, hours from acceptance to the first call)
OFFERS = (
    (96, 24, "accepted", 2),
    (80, 3, "accepted", 24),
    (71, 28, "No budget", 0),
    (62, 26, "accepted", 1),
    (50, 5, "accepted", 3),
    (43, 28, "Package says too little", 0),
    (33, 25, "accepted", 4),
    (26, 48, "challenged", 2),
    (19, 6, "Too early", 0),
    (15, 0, "waiting", 0),
    (12, 4, "accepted", 0),
    (2, 0, "waiting", 0),
    (1, 0, "waiting", 0),
)
WON_SINCE = timedelta(days=220)
CUSTOMERS = 9  # won deals of rita and sam that cora was offered
HOURS = (2, 24, 26, 5)  # from the offer to cora's answer, in turn


def fill_handoffs(people, now):
    """What `people` {key: User} of the demo handed to each other up to `now`."""
    zone = ZoneInfo(organisation().time_zone)
    found(people, now, zone)
    customers(people, now, zone)
    mind_handoffs(now=now)
    OutboxMessage.objects.filter(topic=MAIL).delete()  # a demo mails nobody about what it made up


def at(now, zone, days, hour=10):
    """Ten o'clock so many days before `now`, on a working day."""
    day = (now.astimezone(zone) - timedelta(days=days)).date()
    day -= timedelta(days=max(day.weekday() - 4, 0))
    return min(datetime.combine(day, time(hour), zone), now)


def found(people, now, zone):
    """Deals that sol found and offered."""
    sol, takers = people["sol"], (people["rita"], people["sam"])
    stage = Stage.objects.filter(status=Status.OPEN).order_by("pipeline", "position").first()
    for number, (days, hours, outcome, called) in enumerate(OFFERS):
        taker = takers[number % 3 == 1]
        accounts = Account.objects.covered_by(taker, taker.today).order_by("pk")
        account = accounts[number % accounts.count()]
        offered = at(now, zone, days)
        answered = min(offered + timedelta(hours=hours), now)
        with acting(sol, "demo"):
            deal = create_deal(
                owner=sol,
                stage=stage,
                actor=sol,
                today=offered.date(),
                account=account,
                name=_("%(account)s, new line") % {"account": account},
                amount=Decimal(8_000 + 3_500 * number),
                currency=organisation().currency,
                close_date=now.date() + timedelta(days=30 + 5 * number),
                next_step=_("First meeting"),
                next_step_on=now.date() + timedelta(days=number % 5),
            )
            package = {
                "budget": _(BUDGETS[number % 3]),
                "authority": _("Head of production, met twice"),
                "need": _(NEEDS[number % 3]),
                "timing": (now.date() + timedelta(days=40)).isoformat(),
            }
            handoff = offer_handoff(deal=deal, to=taker, package=package, actor=sol, now=offered)
        with acting(taker, "demo"):
            answer(handoff, taker, outcome, answered, called, now)


def answer(handoff, taker, outcome, answered, called, now):
    """What `taker` made of it, and the first call that many hours later (0: none)."""
    if outcome == "waiting":
        return
    if outcome not in ("accepted", "challenged"):
        note = _("Call again in autumn") if outcome == "Too early" else ""
        return_handoff(handoff=handoff, reason=outcome, note=note, actor=taker, now=answered)
        return
    accept_handoff(handoff=handoff, actor=taker, now=answered)
    if called:
        done = min(answered + timedelta(hours=called), now)
        log_activity(account=handoff.deal.account, kind="call", actor=taker, done_at=done, subject=_("Introduced myself"))
    if outcome == "challenged":
        challenge_handoff(handoff=handoff, reason=_("They only compare prices for a thesis"), actor=taker, now=answered)


def customers(people, now, zone):
    """Customers that cora was offered after the sale."""
    cora, sellers = people["cora"], (people["rita"], people["sam"])
    won = Deal.objects.won().filter(owner__in=sellers, close_date__gt=now.date() - WON_SINCE, account__isnull=False)
    for number, deal in enumerate(won.order_by("close_date", "pk")[:CUSTOMERS]):
        days = max((now.date() - deal.close_date).days - 1, 1)
        offered = at(now, zone, days)
        package = {
            "promised": _("Two operators trained in the first week, spare parts within a day"),
            "success": _("Set-up time halved after three months"),
            "start_on": (offered.date() + timedelta(days=14)).isoformat(),
            "contact": _("Head of production, best before nine"),
        }
        with acting(deal.owner, "demo"):
            handoff = offer_handoff(deal=deal, to=cora, package=package, actor=deal.owner, now=offered)
        if number == CUSTOMERS - 1:
            continue
        with acting(cora, "demo"):
            answer(
                handoff, cora, "accepted", min(offered + timedelta(hours=(2, 24, 26, 5)[number % 4]), now), number % 3 + 1, now
            )
