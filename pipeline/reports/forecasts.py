"""What the deals say a period will bring: closed, commit, best case and pipeline of each person, and rolled up a team's tree."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Case, Count, DateField, F, Q, Sum, Value, When

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


def by_owner(selection, period, currency, apart=()):
    """{owner id: Forecast} of `period` over the deals of `selection`, in `currency`; two queries, and one for the stages.

    What those in `apart` (ids) closed is not in theirs but under (owner id, day of closing).
    """
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
    is_apart = When(**{f"{keys[0]}__in": apart}, then=F(f"{prefix}close_date"))
    won = won.annotate(on=Case(is_apart, default=None, output_field=DateField()) if apart else Value(None, DateField()))
    for owner, code, day, count, amount in won.values_list(keys[0], "currency", "on").annotate(**figures):
        whose = found[(owner, day) if day else owner]
        if code != currency:
            _leave_out(whose, code, count)
        else:
            whose.closed += amount or Decimal(0)
            whose.counts[ForecastCategory.CLOSED] = count
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
    """(the whole as a Forecast, its Parts: teams right below, then people) of the unit that `selection` names.

    Open deals count where their owner is now; what is closed counts where the owner was on that day.
    """
    user, team = selection.unit
    found = by_owner(selection, period, currency, apart=() if user else selection.tree.came_or_left(period))
    for person, amount in targets(selection.user, period, currency).items():
        if selection.people is None or person in selection.people or person in found:
            found[person].quota = amount
    if user:
        return found.get(user.pk, Forecast()), []
    whole, left = together(found.values()), dict(found)
    parts = [Part(None, each, together(_take(left, found, selection.tree, each))) for each in selection.tree.below(team)]
    of_person = defaultdict(Forecast)
    for key in left.keys() | (selection.tree.people_in(team) & found.keys()):
        of_person[key[0] if isinstance(key, tuple) else key].plus(found[key])
    users = User.objects.visible_to(selection.user).in_bulk(of_person)
    people = [Part(users[pk], None, forecast) for pk, forecast in of_person.items() if pk in users]
    return whole, parts + sorted(people, key=lambda part: (-part.forecast.rolled_commit, part.user.name))


def _take(left, found, tree, team):
    """The Forecasts of `found` that roll up to a team; they are taken out of `left`."""
    people, ever = tree.people_below(team), defaultdict(list)
    for person, during in tree.ever_below(team):
        ever[person].append(during)
    for key, forecast in found.items():
        owner, day = key if isinstance(key, tuple) else (key, None)
        if any(day in during for during in ever[owner]) if day else owner in people:
            left.pop(key, None)
            yield forecast


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
