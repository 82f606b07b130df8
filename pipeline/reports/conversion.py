"""Stage conversion by cohort and days in each stage, counted in the database as pipeline.engine.conversion says."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import EmptyResultSet
from django.db import connection

from pipeline.engine.conversion import Cohort
from pipeline.models import Status

WON = 32_767  # the rank of the won stage: later than any other
# A deal's states in order, each with the stage before it and the furthest it reached after it. Only the deals that changed
# in the period are read: through the index on the beginning of a state, and then deal by deal.
ENTRIES = """
WITH step(id, rank) AS (SELECT * FROM unnest(%(stages)s::bigint[], %(ranks)s::int[])),
moved AS MATERIALIZED (
    SELECT DISTINCT deal_id FROM pipeline_dealversion
    WHERE lower(during) > %(after)s AND lower(during) <= %(last)s {among}
), history AS (
    SELECT state.*, step.rank,
           lag(state.stage_id) OVER path AS before,
           max(step.rank) OVER (path ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS furthest
    FROM moved, LATERAL (
        SELECT deal_id, stage_id, owner_id, lower(during) AS at FROM pipeline_dealversion
        WHERE deal_id = moved.deal_id AND lower(during) <= %(known)s OFFSET 0
    ) state LEFT JOIN step ON step.id = state.stage_id
    WINDOW path AS (PARTITION BY state.deal_id ORDER BY state.at)
), entered AS (
    SELECT history.*, {key} AS key FROM history {join}
    WHERE before IS DISTINCT FROM history.stage_id AND rank < {won} AND at > %(after)s AND at <= %(last)s
), once AS (
    SELECT DISTINCT ON (deal_id, stage_id{apart}) *, {is_first} AS is_first FROM entered ORDER BY deal_id, stage_id{apart}, at
)
"""
# A stay ends with the state that begins another stage; it counts where it ended within the period.
STAYS = """
WITH moved AS MATERIALIZED (
    SELECT DISTINCT deal_id FROM pipeline_dealversion
    WHERE lower(during) > %(after)s AND lower(during) <= %(last)s {among}
), history AS (
    SELECT state.*, lag(state.stage_id) OVER (PARTITION BY state.deal_id ORDER BY state.at) AS before
    FROM moved, LATERAL (
        SELECT deal_id, stage_id, owner_id, lower(during) AS at FROM pipeline_dealversion
        WHERE deal_id = moved.deal_id AND lower(during) <= %(known)s OFFSET 0
    ) state
), stays AS (
    SELECT *, lead(at) OVER (PARTITION BY deal_id ORDER BY at) AS left_at FROM history WHERE before IS DISTINCT FROM stage_id
), ended AS (
    SELECT *, floor(extract(epoch FROM left_at - at) / 86400)::int AS days FROM stays
    WHERE left_at > %(after)s AND left_at <= %(last)s {owners}
)
"""
SPREAD = """
SELECT stage_id, count(*), count(DISTINCT deal_id),
       percentile_disc(ARRAY[0.1, 0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY days)
FROM ended WHERE stage_id = ANY(%(stages)s) GROUP BY stage_id
"""
LEFT = "SELECT DISTINCT deal_id FROM ended WHERE stage_id = %(stage)s"
COUNTED = """
SELECT stage_id, key, count(*), count(*) FILTER (WHERE furthest > rank), count(*) FILTER (WHERE furthest = {won}),
       count(*) FILTER (WHERE is_first), count(*) FILTER (WHERE is_first AND furthest > rank),
       count(*) FILTER (WHERE is_first AND furthest = {won})
FROM once WHERE true {owners} GROUP BY stage_id, key
"""
LISTED = "SELECT deal_id FROM once WHERE stage_id = %(stage)s {owners} {reached}"
# How entries are grouped: by facts of the first entry, or of each month and quarter on its own, since a deal that came back
# in the next one belongs to both.
KEYS = {
    "": "NULL::int",
    "owner": "history.owner_id",
    "product": "deal.product_id",
    "month": "date_trunc('month', at AT TIME ZONE %(zone)s)::date",
    "quarter": "date_trunc('quarter', at AT TIME ZONE %(zone)s)::date",
}
JOINS = {"product": "JOIN pipeline_deal deal ON deal.id = history.deal_id"}
APART = {"month", "quarter"}
REACHED = {
    "": "",
    "yes": "AND furthest > rank",
    "no": "AND (furthest IS NULL OR furthest <= rank)",
    "won": f"AND furthest = {WON}",
}


@dataclass(frozen=True, slots=True)
class Spread:
    """Days of `stays` of so many `deals`: a tenth took at most `shortest`, a quarter `low`, half `half`, and so on."""

    stays: int
    deals: int
    shortest: int
    low: int
    half: int
    high: int
    longest: int


class Entries:
    """The entries into the stages of one pipeline, and the stays there that ended, between two days, of the deals of `deals`
    (a queryset, gated).

    `owners`: ids of the people who count, as of entering; None for everybody. `day`: as recorded by the end of that day.
    `place`: the organisation, whose days they are.
    """

    def __init__(self, *, deals, stages, first, last, place, owners=None, day=None):
        self._params = {
            "stages": [stage.pk for stage in stages if stage.status != Status.LOST],
            "ranks": [WON if stage.status == Status.WON else stage.position for stage in stages if stage.status != Status.LOST],
            "after": place.last_moment_of(first - timedelta(days=1)),
            "last": place.last_moment_of(last),
            "known": place.last_moment_of(day) if day else "infinity",
            "zone": place.time_zone,
            "owners": None if owners is None else list(owners),
        }
        self._among = ""
        gate = deals.order_by().values("pk").query
        if gate.where:
            try:
                sql, values = gate.sql_with_params()
            except EmptyResultSet:  # words of which nothing can be found, say
                sql, values = "NULL", ()
            named = {f"gate_{i}": value for i, value in enumerate(values)}
            first, *rest = sql.split("%s")
            among = first + "".join(f"%({name})s{part}" for name, part in zip(named, rest, strict=True))
            self._among, self._params = f"AND deal_id IN ({among})", self._params | named

    def cohorts(self, by=""):
        """({(stage id, key): Cohort}, {stage id: Cohort of all keys together}), counted in one query."""
        grouped, whole = {}, {}
        for stage, key, *numbers in self._run(ENTRIES + COUNTED, by):
            grouped[stage, key] = Cohort(*numbers[:3])
            whole[stage] = whole.get(stage, Cohort(0, 0, 0)).plus(Cohort(*numbers[3:]))
        return grouped, whole

    def deals(self, stage, reached=""):
        """Ids of the deals that entered `stage`, of those that went on ("yes"), did not ("no") or were won so far."""
        return [row[0] for row in self._run(ENTRIES + LISTED, "", stage=stage.pk, reached=REACHED[reached])]

    def stays(self):
        """{stage id: Spread} of the days of the stays that ended, for their owner as of entering; in one query."""
        return {row[0]: Spread(row[1], row[2], *row[3]) for row in self._run(STAYS + SPREAD)}

    def deals_that_left(self, stage):
        """Ids of the deals of which a stay in `stage` ended."""
        return [row[0] for row in self._run(STAYS + LEFT, stage=stage.pk)]

    def _run(self, query, by="", **asked):
        sql = query.format(
            among=self._among,
            key=KEYS[by],
            join=JOINS.get(by, ""),
            apart=", key" if by in APART else "",
            is_first="at = min(at) OVER (PARTITION BY deal_id, stage_id)" if by in APART else "true",
            owners="" if self._params["owners"] is None else "AND owner_id = ANY(%(owners)s)",
            reached=asked.get("reached", ""),
            won=WON,
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, self._params | asked)
            return cursor.fetchall()
