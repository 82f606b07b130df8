"""What the board shows: a column for each stage with its sums and the first of its cards."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.querysets.deals import next_step_day
from pipeline.reports.deals import Sums, by_stage
from pipeline.selections.deals import ANY, DealSelection, rotting
from salesorg.lib.pagination import page_of, place_of
from salesorg.people.models import User
from salesorg.people.roles import LEADERS, SELLERS

from .holders import note_holders
from .models import Handoff, Stage, Status

CARDS = 12  # in a column before it pages: as many as a screen is high; each card costs a quarter of a millisecond to draw
CARD = ("name", "stage_id", "amount", "currency", "next_step", "next_step_on", "stage_since", "gate_debt")  # columns
ORDER = ("due", "pk")  # what is due comes first
ASKING = {"offered", "returned"}  # states of a handoff in which somebody has to do something
CLOSED_DAYS = 30  # how far back the closed columns look


@dataclass(slots=True)
class Column:
    """One stage on the board. A closed one has sums and a link instead of cards."""

    stage: Stage
    sums: Sums
    query: str  # of the deal list that shows exactly these deals
    rotting_query: str = ""  # and of these, those that have been here for too long
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
    shown_open = [stage for stage in stages if stage.status == Status.OPEN]
    old = None if selection.day else rotting(shown_open)
    sums = by_stage(opened, shown_open, selection.prefix_of_columns, old)
    since = (selection.day or selection.user.today) - timedelta(days=CLOSED_DAYS)
    closing = {f"{selection.column('close_date')}__gte": since}
    found = selection.deals(leave_out={"status", "close_from", "close_to"}).filter(selection.by_status("closed"), **closing)
    sums |= by_stage(found, [stage for stage in stages if stage.status != Status.OPEN], selection.prefix_of_columns)
    shown = [Column(stage, sums[stage.pk], *_queries(selection, stage, since)) for stage in stages]
    if with_cards:
        _deal_out(selection, opened, [column for column in shown if column.is_open])
    return shown


def open_deals(selection):
    """The open deals that the filters let through."""
    return selection.deals(leave_out={"status"}).filter(selection.by_status(Status.OPEN))


def _queries(selection, stage, since):
    changes = {"stage": stage.pk, "status": stage.status, "owner": selection.get("owner"), "pipeline": None, "sort": None}
    if stage.status != Status.OPEN:
        changes |= {"close_from": since.isoformat(), "close_to": None}
    return selection.query(**changes), selection.query(**changes, age="rotting")


def _deal_out(selection, opened, shown):
    """Give each column its first cards, one more than it shows, in one query."""
    if not shown:
        return
    first = _firsts if selection.user.scope.sees_all_deals and selection.get("owner") == ANY and not selection.day else _numbered
    cards = as_cards(first(selection, _with_parts(opened), [column.stage for column in shown]), selection)
    for column in shown:
        column.cards = [deal for deal in cards if deal.stage_id == column.stage.pk]
        if len(column.cards) > CARDS:
            column.cards = column.cards[:CARDS]
            column.after = place_of(column.cards[-1], ORDER)


def _numbered(selection, deals, stages):
    """The first cards of each stage, by reading the open deals once and numbering them: for who sees a part of them."""
    stage = selection.column("stage_id")
    nth = Window(RowNumber(), partition_by=stage, order_by=[F("due").asc(), F("pk").asc()])
    there = deals.filter(**{f"{stage}__in": [each.pk for each in stages]})
    return list(there.annotate(nth=nth).filter(nth__lte=CARDS + 1).order_by(*ORDER))


def _firsts(selection, deals, stages):
    """The same, as the index of each stage brings them: for who sees all, where numbering them takes a tenth of a second."""
    first, *others = [deals.filter(selection.by_stage(stage)).order_by(*ORDER)[: CARDS + 1] for stage in stages]
    found = first.union(*others, all=True) if others else first
    return sorted(found, key=lambda deal: (deal.due, deal.pk))


def more_cards(selection, stage, after):
    """The next Column part of `stage`: cards after the place that the page before ended with."""
    deals = open_deals(selection).filter(selection.by_stage(stage))
    page = page_of(_with_parts(deals), ORDER, after, CARDS)
    return Column(stage, Sums(), "", cards=as_cards(page.rows, selection), after=page.after)


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
    return note_holders(aged(with_handoffs(deals, selection.user)), selection.user.today)


def with_handoffs(deals, user):
    """`deals` with `handed`, the last handoff of each where it asks for somebody (offered or returned), else None.

    Of an offer it says with `is_mine` whether `user` is to answer it.
    """
    shown = {deal.pk: None for deal in deals}
    rows = Handoff.objects.counted().filter(deal__in=shown).only("deal", "state").order_by("offered_at", "pk") if deals else ()
    shown |= {each.deal_id: each for each in rows}
    waiting = [each.pk for each in shown.values() if each and each.state == Handoff.State.OFFERED]
    mine = set(Handoff.objects.to_decide(user).filter(pk__in=waiting).values_list("pk", flat=True)) if waiting else ()
    for deal in deals:
        handed = shown[deal.pk]
        deal.handed = handed if handed and handed.state in ASKING else None
        if deal.handed:
            deal.handed.is_mine = handed.pk in mine
    return deals


def aged(deals):
    """`deals` with `age`, the whole days in their stage, `is_rotting`, and both in words (`age_words`)."""
    now = timezone.now()
    for deal in deals:
        pace = deal.stage.pace
        deal.age = max((now - deal.stage_since).days, 0)
        deal.is_rotting = pace.is_rotting(deal.age)
        words = ngettext("%(days)d day in %(stage)s", "%(days)d days in %(stage)s", deal.age)
        deal.age_words = words % {"days": deal.age, "stage": deal.stage.name}
        if normal := normal_words(pace):
            deal.age_words = f"{deal.age_words}; {normal}"
    return deals


def normal_words(pace):
    """What is normal in a stage, in words; "" where nobody knows."""
    if pace.most is None:
        return ""
    pattern = _("half leave within %(half)d, nine of ten within %(most)d") if pace.measured else _("expected: %(half)d")
    return pattern % {"half": pace.half, "most": pace.most}


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
