"""What the board shows: a column for each stage with its sums and the first of its cards."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import ngettext

from salesorg.lib.pagination import page_of, place_of
from salesorg.people.models import User
from salesorg.people.roles import LEADERS, SELLERS

from .holders import note_holders
from .models import Handoff, Stage, Status
from .querysets import next_step_day
from .reports import Sums, by_stage
from .selection import ANY, DealSelection

CARDS = 20  # in a column before it pages: what one looks at together; each card costs a third of a millisecond to draw
CARD = ("name", "stage_id", "amount", "currency", "next_step", "next_step_on", "stage_since", "gate_debt")  # columns
ORDER = ("due", "pk")  # what is due comes first
CLOSED_DAYS = 30  # how far back the closed columns look


@dataclass(slots=True)
class Column:
    """One stage on the board. A closed one has sums and a link instead of cards."""

    stage: Stage
    sums: Sums
    query: str  # of the deal list that shows exactly these deals
    cards: list = field(default_factory=list)
    after: str | None = None

    @property
    def is_open(self):
        return self.stage.status == Status.OPEN


def selection_for(user, data):
    """The board's filters: whoever sells and does not lead begins with the own deals."""
    sells_alone = user.scope.roles & SELLERS and not user.scope.roles & LEADERS
    return DealSelection(data, user=user, status=Status.OPEN, owner="me" if sells_alone else ANY)


def stages_shown(selection):
    """The stages of the chosen pipeline, else of the first."""
    stages = selection.stages_in_use
    pipeline = pipeline_shown(selection)
    return [stage for stage in stages if stage.pipeline_id == pipeline]


def pipeline_shown(selection):
    """The key of the pipeline that the board shows: the chosen one, else the one with most stages of the reader's roles."""
    if chosen := selection.get("pipeline"):
        return chosen
    stages, roles = selection.stages_in_use, selection.user.scope.roles
    of_reader = Counter(stage.pipeline_id for stage in stages if stage.status == Status.OPEN and stage.owner_role in roles)
    return max(dict.fromkeys(stage.pipeline_id for stage in stages), key=of_reader.__getitem__, default=None)


def columns(selection, *, only=None, with_cards=True):
    """The Columns of the board, or of the stages `only` (ids), in at most five queries."""
    stages = [stage for stage in stages_shown(selection) if only is None or stage.pk in only]
    opened = open_deals(selection)
    sums = by_stage(opened, [stage for stage in stages if stage.status == Status.OPEN], selection.prefix_of_columns)
    since = (selection.day or selection.user.today) - timedelta(days=CLOSED_DAYS)
    closing = {f"{selection.column('close_date')}__gte": since}
    found = selection.deals(leave_out={"status", "close_from", "close_to"}).filter(selection.by_status("closed"), **closing)
    sums |= by_stage(found, [stage for stage in stages if stage.status != Status.OPEN], selection.prefix_of_columns)
    shown = [Column(stage, sums[stage.pk], _query(selection, stage, since)) for stage in stages]
    if with_cards:
        _deal_out(selection, opened, [column for column in shown if column.is_open])
    return shown


def open_deals(selection):
    """The open deals that the filters let through."""
    return selection.deals(leave_out={"status"}).filter(selection.by_status(Status.OPEN))


def _query(selection, stage, since):
    changes = {"stage": stage.pk, "status": stage.status, "owner": selection.get("owner"), "pipeline": None, "sort": None}
    if stage.status != Status.OPEN:
        changes |= {"close_from": since.isoformat(), "close_to": None}
    return selection.query(**changes)


def _deal_out(selection, opened, shown):
    """Give each column its first cards, one more than it shows, in one query that reads the open deals once."""
    stage = selection.column("stage_id")
    nth = Window(RowNumber(), partition_by=stage, order_by=[F("due").asc(), F("pk").asc()])
    there = _with_parts(opened.filter(**{f"{stage}__in": [column.stage.pk for column in shown]}))
    cards = as_cards(list(there.annotate(nth=nth).filter(nth__lte=CARDS + 1).order_by(*ORDER)), selection)
    for column in shown:
        column.cards = [deal for deal in cards if deal.stage_id == column.stage.pk]
        if len(column.cards) > CARDS:
            column.cards = column.cards[:CARDS]
            column.after = place_of(column.cards[-1], ORDER)


def more_cards(selection, stage, after):
    """The next Column part of `stage`: cards after the place that the page before ended with."""
    deals = open_deals(selection).filter(selection.by_stage(stage))
    page = page_of(_with_parts(deals), ORDER, after, CARDS)
    return Column(stage, Sums(), "", as_cards(page.rows, selection), page.after)


def _with_parts(deals):
    """What a card shows and no more: two hundred of them with all their columns take twice as long to read."""
    shown = deals.select_related("account", "owner").only("account__name", "owner__name", *CARD)
    return shown.annotate(due=next_step_day())


def as_cards(deals, selection):
    """`deals` as they are drawn: with the state of the day that is looked at, or with their age in the stage."""
    if selection.day:
        return as_they_stood(deals, selection)
    stages = {stage.pk: stage for stage in selection.stages}
    for deal in deals:
        deal.stage = stages[deal.stage_id]
    return note_holders(aged(with_handoffs(deals)), selection.user.today)


def with_handoffs(deals):
    """`deals` with `handed`, the state of their last handoff where it asks for somebody: waiting, or returned; else ""."""
    last = Handoff.objects.counted().filter(deal__in=[deal.pk for deal in deals]).order_by("offered_at", "pk")
    states = dict(last.values_list("deal", "state")) if deals else {}
    for deal in deals:
        deal.handed = states.get(deal.pk, "")
    return deals


def aged(deals):
    """`deals` with `age`, the whole days in their stage, its `age_words` and its `age_tone`."""
    now = timezone.now()
    for deal in deals:
        deal.age = max((now - deal.stage_since).days, 0)
        words = ngettext("%(days)d day in %(stage)s", "%(days)d days in %(stage)s", deal.age)
        deal.age_words = words % {"days": deal.age, "stage": deal.stage.name}
        deal.age_tone = tone(deal.age, deal.stage.expected_days)
    return deals


def as_they_stood(deals, selection):
    """Deals of `as_of`, wearing the state they had then. To be shown, never to be saved."""
    stages = {stage.pk: stage for stage in selection.stages}
    owners = User.objects.visible_to(selection.user).in_bulk({deal.then_owner_id for deal in deals})
    for deal in deals:
        deal.stage = stages.get(deal.then_stage_id) or deal.stage
        deal.owner = owners.get(deal.then_owner_id) or deal.owner
        deal.status = deal.stage.status
        deal.amount, deal.close_date = deal.then_amount, deal.then_close_date
        deal.forecast_category = deal.then_forecast_category
    return deals


def tone(age, expected):
    """How the age bar looks: amber past the stage's own days, red past twice as many."""
    if not expected or age <= expected:
        return ""
    return "warn" if age <= 2 * expected else "bad"
