"""The demo's calls: what reps, their manager and the director said every Monday of this quarter, and now and then in the last."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from pipeline.reports.forecasts import by_owner, judged, together
from pipeline.services import make_call
from salesorg.lib.money import rounded_up_to
from salesorg.lib.periods import quarter_of
from salesorg.people.models import Team, organisation

STEP = Decimal(1000)  # people call in round sums
# (key, leads): who calls, and whether on a team; each adds so much of the open commit, best case and pipeline to what closed.
CALLERS = (
    ("rita", False, ("0.8", "0.9", "0.3")),
    ("sam", False, ("1.0", "1.0", "0.6")),
    ("mia", True, ("0.9", "0.8", "0.4")),
    ("dora", True, ("0.9", "0.7", "0.3")),
)
NOTES = (
    _("Two customers wait for their budget"),
    _("As last week"),
    _("The largest deal slipped a month"),
    _("A new plant came in, not signed yet"),
)


def fill_forecasts(people, now):
    """Calls of `people` {key: User} of the demo, on the Mondays up to `now`."""
    zone, today = ZoneInfo(organisation().time_zone), organisation().today(now)
    this = quarter_of(today)
    for period, weeks in ((quarter_of(this.start - timedelta(days=1)), 4), (this, 1)):
        monday = period.start + timedelta(days=-period.start.weekday() % 7)
        while monday < min(period.until, today):
            for key, leads, parts in CALLERS:
                if key in people:
                    call(people[key], leads, parts, period, datetime.combine(monday, time(8), zone))
            monday += timedelta(weeks=weeks)


def call(user, leads, parts, period, at):
    """What the person said that morning: more than the deals did early on, closer to them late."""
    team = Team.objects.filter(pk__in=user.scope.led_teams, memberships__user=user).first() if leads else None
    said = together(by_owner(judged(user, team, at.date()), period, organisation().currency).values())
    likely, case, rest = (Decimal(part) for part in parts)
    left = Decimal((period.last_day - at.date()).days) / (period.until - period.start).days
    commit = said.closed + said.commit * likely + (said.best_case + said.pipeline) * rest * left
    best = commit + said.best_case * case + said.pipeline * rest * left
    note = str(NOTES[at.isocalendar().week % len(NOTES)])
    amounts = {"commit": rounded_up_to(commit, STEP), "best_case": rounded_up_to(best, STEP)}
    make_call(period=period, team=team, actor=user, now=at, note=note, **amounts)
