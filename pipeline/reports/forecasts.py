"""What the deals say a period will bring: closed, commit, best case and pipeline of each person, and rolled up a team's tree."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Q, Sum

from pipeline.models import ForecastCall, ForecastCategory, Status
from pipeline.reports.targets import targets
from pipeline.selections.deals import ANY, DealSelection
from salesorg.people.models import Team, User

OPEN_CATEGORIES = (ForecastCategory.COMMIT, ForecastCategory.BEST_CASE, ForecastCategory.PIPELINE)


@dataclass(slots=True)
class Forecast:
    """What a period brings in one currency. Open deals count by their forecast category; `omitted` ones are only counted."""

    closed: Decimal = Decimal(0)
    commit: Decimal = Decimal(0)
    best_case: Decimal = Decimal(0)
    pipeline: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)  # Σ open × probability of the stage
    counts: dict = field(default_factory=dict)  # category → deals
    left_out: dict = field(default_factory=dict)  # currency → deals in other currencies
    late: int = 0  # open deals that should have closed before the period
    quota: Decimal | None = None

    @property
    def rolled_commit(self):
        return self.closed + self.commit

    @property
    def rolled_best_case(self):
        return self.rolled_commit + self.best_case

    @property
    def whole(self):
        return self.rolled_best_case + self.pipeline

    @property
    def pace(self):
        """Projected: closed + Σ open × stage probability closing in the period (by definition of pace)."""
        return self.closed + self.weighted

    @property
    def attainment(self):
        return self.closed / self.quota if self.quota else None

    @property
    def gap(self):
        """What is missing of the quota; nothing once it is reached."""
        return max(self.quota - self.closed, Decimal(0)) if self.quota else None

    def plus(self, other):
        """Take in what `other` has."""
        for name in ("closed", "commit", "best_case", "pipeline", "weighted", "late"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.counts, other.counts), (self.left_out, other.left_out)):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        if other.quota is not None:
            self.quota = (self.quota or Decimal(0)) + other.quota


def by_owner(selection, period, currency):
    """{owner id: Forecast} of `period` over the deals of `selection`, in `currency`; two queries, and one for the stages."""
    prefix, found = selection.prefix_of_columns, defaultdict(Forecast)
    probability = {stage.pk: stage.probability for stage in selection.stages}
    deals = selection.deals(leave_out={"status", "close_from", "close_to", "category", "currency"})
    keys = tuple(f"{prefix}{name}" for name in ("owner_id", "forecast_category", "stage_id"))
    figures = {"number": Count("pk"), "summed": Sum(f"{prefix}amount")}
    opened = deals.filter(selection.by_status(Status.OPEN), selection.by_close_to(period.last_day))
    opened = opened.order_by().annotate(late=Q(**{f"{prefix}close_date__lt": period.start}))
    for owner, category, stage, code, late, count, amount in opened.values_list(*keys, "currency", "late").annotate(**figures):
        if late:
            found[owner].late += count
        elif code != currency:
            _leave_out(found[owner], code, count)
        else:
            _add_open(found[owner], category, count, amount or Decimal(0), probability.get(stage, 0))
    won = deals.filter(selection.by_status(Status.WON), *_closing_in(selection, period)).order_by()
    for owner, code, count, amount in won.values_list(keys[0], "currency").annotate(**figures):
        if code != currency:
            _leave_out(found[owner], code, count)
        else:
            found[owner].closed += amount or Decimal(0)
            found[owner].counts[ForecastCategory.CLOSED] = count
    return found


def _closing_in(selection, period):
    return selection.by_close_from(period.start), selection.by_close_to(period.last_day)


def _leave_out(forecast, code, count):
    forecast.left_out[code] = forecast.left_out.get(code, 0) + count


def _add_open(forecast, category, count, amount, probability):
    if category not in OPEN_CATEGORIES:
        category = ForecastCategory.OMITTED
    forecast.counts[category] = forecast.counts.get(category, 0) + count
    if category != ForecastCategory.OMITTED:
        setattr(forecast, category, getattr(forecast, category) + amount)
        forecast.weighted += amount * probability / 100


def together(forecasts):
    """One Forecast of several."""
    found = Forecast()
    for each in forecasts:
        found.plus(each)
    return found


@dataclass(slots=True)
class Part:
    """A team below, or a person in the team: what rolls up to it, and the latest call on it."""

    user: User | None
    team: Team | None
    forecast: Forecast
    call: ForecastCall | None = None


def roll_up(selection, period, currency):
    """(the whole as a Forecast, its Parts: teams right below, then people) of the unit that `selection` names."""
    found = by_owner(selection, period, currency)
    for person, amount in targets(selection.user, period, currency).items():
        if selection.people is None or person in selection.people or person in found:
            found[person].quota = amount
    user, team = selection.unit
    if user:
        return found.get(user.pk, Forecast()), []
    tree = selection.tree
    whole = together(found.values())
    parts = [Part(None, each, together(found[pk] for pk in found.keys() & tree.people_below(each))) for each in tree.below(team)]
    inside = set().union(*(tree.people_below(part.team) for part in parts))
    own = tree.people_in(team) | (found.keys() - inside)
    users = User.objects.visible_to(selection.user).in_bulk(own & found.keys())
    people = [Part(users[pk], None, found[pk]) for pk in own & found.keys() if pk in users]
    return whole, parts + sorted(people, key=lambda part: (-part.forecast.rolled_commit, part.user.name))


def with_calls(parts, user, period, until=None):
    """`parts` with the latest call on each that `user` may see (made until the moment `until`), in one query."""
    calls = ForecastCall.objects.visible_to(user).on(period)
    calls = calls.filter(at__lte=until) if until else calls
    latest = calls.order_by("team_id", "owner_id", "-at", "-pk").distinct("team_id", "owner_id").select_related("owner")
    on_team, on_own = {}, {}
    for call in latest:
        if call.team_id is None:
            on_own[call.owner_id] = call
        elif call.team_id not in on_team or on_team[call.team_id].at < call.at:
            on_team[call.team_id] = call
    for part in parts:
        part.call = on_team.get(part.team.pk) if part.team else on_own.get(part.user.pk)
    return parts


def judged(user, team, day):
    """The selection of deals that a call is made on: everybody's in `team` and below, or the person's own.

    A `day` that is past looks at them as they stood at its end: that of a call that is brought from elsewhere.
    """
    data = {"as_of": day.isoformat()} if day < user.today else {}
    return DealSelection(data, user=user, status=Status.OPEN, **({"team": team, "owner": ANY} if team else {"owner": "me"}))
