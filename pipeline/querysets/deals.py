"""Choosing deals, leads and their parts, and who may see them."""

from datetime import date
from decimal import Decimal

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    FilteredRelation,
    Func,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.querysets.accounts import COVERED, FindableQuerySet, Words, account_filter, covered_by
from salesorg.audit.past import AsRecorded
from salesorg.lib.db import IntegerKey
from salesorg.lib.querysets import DatedQuerySet, ScopedQuerySet, among
from salesorg.people.models import organisation
from salesorg.people.querysets import people_led_by
from salesorg.people.roles import LEADERS, SEE_ALL_RECORDS, Action, Role

# Who works on a deal, and on which accounts' open deals a person works.
WORKED_ON = "SELECT deal_id FROM pipeline_dealmember WHERE user_id = ANY(%s) AND during @> %s::date"
# Whoever is to decide on a handoff reads the deal, and the account it is with.
OFFERED = "SELECT deal_id FROM pipeline_handoff WHERE taker_id = ANY(%s) AND state = 'offered'"
DEALS_OF = f"""
    SELECT id FROM pipeline_deal
    WHERE owner_id = ANY(%s) OR account_id IN ({COVERED}) OR id IN ({WORKED_ON}) OR id IN ({OFFERED})
"""
ACCOUNTS_OF_OPEN_DEALS = f"""
    SELECT account_id FROM pipeline_deal WHERE owner_id = %s AND status = 'open' AND account_id IS NOT NULL
    UNION ALL SELECT account_id FROM pipeline_deal WHERE id IN ({WORKED_ON}) AND status = 'open' AND account_id IS NOT NULL
    UNION ALL SELECT account_id FROM pipeline_deal WHERE id IN ({OFFERED}) AND account_id IS NOT NULL
"""
ACCOUNTS_OF_OPEN_LEADS = "SELECT account_id FROM pipeline_lead WHERE sdr_id = %s AND outcome = 'open'"
TAKERS = frozenset({Role.SDR_INBOUND, Role.SDR_OUTBOUND, *LEADERS})


def deal_filter(user, column="pk"):
    """The rows whose deal the person may see; `column` holds the deal's id ("pk" on deals themselves)."""
    scope = user.scope
    if scope.sees_all_deals:
        return Q()
    people, day = list(scope.deal_people), user.today
    if column != "pk":
        return among(column, DEALS_OF, [people, people, day, people, day, people])
    # Narrow subqueries, not joins: a deal shared by three pod members must not come back three times.
    named = among("pk", WORKED_ON, [people, day]) | among("pk", OFFERED, [people])
    return Q(owner_id__in=people) | covered_by("account_id", people, day) | named


def accounts_of_own_open_deals(user):
    """The accounts whose open deals the person owns or works on, as SQL: they are visible too, whoever covers them."""
    return ACCOUNTS_OF_OPEN_DEALS, [user.pk, [user.pk], user.today, [user.pk]]


def deals_once_worked_by(user):
    """Deals the person owned or had a part in at some time: a summary stays readable, so that no statement line ends in a 404."""
    from pipeline.models import Deal, DealMember, DealVersion  # noqa: PLC0415 (models import this module)

    owned = DealVersion.objects.filter(owner_id=user.pk).values("deal_id")
    return Deal.objects.filter(Q(pk__in=owned) | Q(pk__in=DealMember.objects.filter(user_id=user.pk).values("deal_id")))


def deal_words():
    """The expression of the full-text index on deals; a search must use the very same."""
    return Words(F("name"))


def next_step_day():
    """The day a deal's next step is due; a deal without one comes last. The board's index has the very same."""
    return Coalesce("next_step_on", Value(date.max))


def size_of(amount="amount"):
    """The amount to order by; a deal that still owes it is the smallest. The index of the list has the very same."""
    return Coalesce(amount, Value(Decimal(-1)))


def closing_day(close_date="close_date"):
    """The close date to order by; a deal that still owes it comes last. The index of the list has the very same."""
    return Coalesce(close_date, Value(date.max))


class InStages(Func):
    """Whether a past state lay in one of the `stages` (ids), asked in the words of the index dealversion_in_stage.

    On any day few deals are open and nearly all are closed: by stage and day together those few are found at once, where by
    the day alone every deal there ever was is read.
    """

    output_field = BooleanField()

    def __init__(self, column, stages):
        super().__init__(IntegerKey(column))
        self.ranges = "{" + ",".join(f"[{stage},{stage}]" for stage in stages) + "}"

    def as_sql(self, compiler, connection):
        stage, values = compiler.compile(self.source_expressions[0])
        return f"{stage} <@ %s::int8multirange", [*values, self.ranges]


def closed_by(day):
    """The condition that a deal is won or lost by `day`, as today's record says."""
    return Q(status__in=("won", "lost"), close_date__lte=day)


def _corrected(column, day, moment):
    """What a column of a deal held at the end of `day`, with later corrections (DealQuerySet.as_of)."""
    from pipeline.models import DealVersion, Stage  # noqa: PLC0415 (models import this module)

    # Not closed by that day after all, or undone: what it was before. Few are, so only of these it is looked for.
    closed = Q(recorded_stage_id__in=Stage.objects.exclude(status="open").values("pk"))
    stood = DealVersion.objects.filter(deal=OuterRef("pk"), undone=False, stage__status="open", during__startswith__lte=moment)
    return Case(
        When(closed_by(day), then=F(column)),
        When(closed | Q(recorded_undone=True), then=Subquery(stood.order_by("-during__startswith").values(column)[:1])),
        default=F(f"recorded_{column}"),
        output_field=BigIntegerField() if column.endswith("_id") else DealVersion._meta.get_field(column),
    )


# The columns that DealVersion keeps; `as_of` brings each of them under a name with this prefix.
THEN = "then_"
KEPT = ("stage_id", "owner_id", "amount", "close_date", "forecast_category")


class DealQuerySet(FindableQuerySet):
    """Deals, and who may see them."""

    words = staticmethod(deal_words)

    def visible_to(self, user):
        return self.filter(deal_filter(user))

    def as_of(self, day, *, corrected=False):
        """The deals there were at the end of `day`, in the organisation's time zone, as recorded for that moment.

        Each carries then_stage_id, then_owner_id, then_amount, then_close_date and then_forecast_category.
        The other columns, and who may see the deal, are today's.
        With later corrections (`corrected`), what was won or lost by that day is what today's record says it is, and what was
        undone since never happened: nor did a closing that no longer stands.
        """
        moment = organisation().last_moment_of(day)
        at = FilteredRelation("versions", condition=Q(versions__during__contains=moment))
        # Filters name these columns and never the relation: naming it again would join it a second time.
        if not corrected:
            kept = {f"{THEN}{column}": F(f"state__{column}") for column in KEPT}
            return self.annotate(state=at).annotate(**kept).filter(then_stage_id__isnull=False)
        recorded = {f"recorded_{column}": F(f"state__{column}") for column in (*KEPT, "undone")}
        kept = {f"{THEN}{column}": _corrected(column, day, moment) for column in KEPT}
        return self.annotate(state=at).alias(**recorded).annotate(**kept).filter(then_stage_id__isnull=False)

    def open(self):
        return self.filter(status="open")

    def won(self):
        return self.filter(status="won")


class DealPartQuerySet(DatedQuerySet):
    """Rows that hang on a deal and are seen with it."""

    def visible_to(self, user):
        return self.filter(deal_filter(user, "deal_id"))


class DealMemberQuerySet(DealPartQuerySet):
    def to_fill(self, user):
        """Places on open deals of somebody who no longer works here: on the deals of `user`, and of those they lead."""
        people = {user.pk, *(user.scope.deal_people if not user.scope.roles.isdisjoint(LEADERS) else ())}
        left = self.on(user.today).filter(user__is_active=False, deal__status="open", deal__owner__in=people)
        return left.exclude(user=F("deal__owner")).order_by("deal__close_date", "pk")


def covered_today(column, day):
    """Whether anybody covers the account in `column`: asked of the few leads that nobody works, one by one."""
    from accounts.models import Coverage  # noqa: PLC0415 (models import querysets)

    return Exists(Coverage.objects.on(day).filter(account=OuterRef(column)))


def lead_filter(user, of=""):
    """The leads the person may see; `of` is the way to the lead ("lead__" on what hangs on one).

    A lead that nobody works, at a company that nobody covers, is there to be taken: whoever finds customers or leads
    those who do sees it.
    """
    scope = user.scope
    if scope.sees_all_deals:
        return Q()
    people = list(scope.deal_people)
    seen = Q(**{f"{of}sdr_id__in": people}) | Q(**{f"{of}seller_id__in": people}) | account_filter(user, f"{of}account_id")
    if scope.roles & TAKERS:
        seen |= Q(**{f"{of}sdr": None, f"{of}outcome": "open"}) & ~Q(covered_today(f"{of}account_id", user.today))
    return seen


def accounts_of_own_open_leads(user):
    """The accounts whose open leads the person works, as SQL: they are visible too, whoever covers them."""
    return ACCOUNTS_OF_OPEN_LEADS, [user.pk]


class LeadQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(lead_filter(user))

    def open(self):
        return self.filter(outcome="open")

    def as_of(self, day):
        """The leads there were at the end of `day`, in the organisation's time zone, as recorded for that moment.

        Each carries then_outcome, then_sdr_id, then_seller_id and then_won. What an import brings was there from its first
        contact on, and open until the day it was decided. The other columns, and who may see the lead, are today's.
        """
        from pipeline.models import DealVersion  # noqa: PLC0415 (models import this module)

        moment = organisation().last_moment_of(day)
        won = DealVersion.objects.filter(deal=OuterRef("deal_id"), during__contains=moment, stage__status="won")
        recorded = AsRecorded("outcome", moment, CharField())
        return self.filter(Q(created_at__lte=moment) | Q(external_key__isnull=False), first_contact_on__lte=day).annotate(
            then_outcome=Case(When(decided_on__gt=day, then=Value("open")), default=recorded),
            then_sdr_id=AsRecorded("sdr_id", moment, BigIntegerField()),
            then_seller_id=AsRecorded("seller_id", moment, BigIntegerField()),
            then_won=Exists(won),
        )


class LeadPartQuerySet(ScopedQuerySet):
    """Rows that hang on a lead and are seen with it."""

    def visible_to(self, user):
        return self.filter(lead_filter(user, "lead__"))


class VocabularyQuerySet(ScopedQuerySet):
    """Stages, sources, products and prices: the organisation's vocabulary, read by everybody who reads records."""

    def visible_to(self, user):
        return self if user.may(Action.READ_RECORDS) else self.none()


class StageQuerySet(ScopedQuerySet):
    """Pipelines, their stages and exit criteria: everybody reads how selling goes, administrators too, who see no deals."""

    def visible_to(self, user):
        return self if user.may(Action.SEE_PIPELINES) else self.none()

    def in_use(self):
        """Those that are not archived."""
        return self.filter(archived_at=None)


class SourcePartQuerySet(ScopedQuerySet):
    """Who takes leads of a source: for those who set sources up."""

    def visible_to(self, user):
        return self if user.may(Action.EDIT_SOURCES) else self.none()


class ForecastCallQuerySet(ScopedQuerySet):
    """What people judge a period will bring."""

    def visible_to(self, user):
        """One's own, those of the people one leads, all for operations and finance."""
        if user.scope.roles & SEE_ALL_RECORDS:
            return self
        return self.filter(Q(owner=user) | Q(owner__in=people_led_by(user)))

    def of(self, owner=None, team=None):
        """The judgements on `team`, or those of `owner` on the own deals."""
        return self.filter(team=team) if team else self.filter(team=None, owner=owner)

    def on(self, period):
        return self.filter(start=period.start, until=period.until)
