"""Stage conversion by cohort and days in each stage, counted in the database as pipeline.engine.conversion says."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from pipeline.engine.conversion import Cohort
from pipeline.models import Status
from salesorg.lib.querysets import among, keys_in_sql

WON = 32_767  # the rank of the won stage: later than any other
# The stages entered after an entry: kept with it. For a past day those by its end, counted anew where there came more.
LATER = {"later": "entry.later", "path": ""}
LATER_THEN = {
    "later": "path.later",
    "path": """CROSS JOIN LATERAL (
    SELECT CASE WHEN entry.deal_id IN (SELECT deal_id FROM pipeline_stageentry WHERE entered_at > %(known)s) THEN (
        SELECT array_agg(next.stage_id) FROM pipeline_stageentry next
        WHERE next.deal_id = entry.deal_id AND next.entered_at > entry.entered_at AND next.entered_at <= %(known)s
    ) ELSE entry.later END AS later OFFSET 0  -- counted once, however often it is asked
) path""",
}
# Of each deal and stage the first entry in the period, and whether the deal entered a later stage, or the won one, since.
# By month or quarter it is the first entry in each of them.
ENTRIES = """
WITH place(id, rank) AS (SELECT * FROM unnest(%(stages)s::bigint[], %(ranks)s::int[])),
step AS MATERIALIZED (
    SELECT id, ARRAY(SELECT id FROM place further WHERE further.rank > place.rank) AS ahead FROM place WHERE rank < {won}
), once AS (
    SELECT entry.stage_id, {key} AS key, {later} && step.ahead AS went_on, {later} && %(won)s::bigint[] AS won,
           entered_before IS NULL OR entered_before <= %(after)s AS is_first
    FROM step JOIN pipeline_stageentry entry ON entry.stage_id = step.id {join} {path}
    WHERE entered_at > %(after)s AND entered_at <= %(last)s
      AND (entered_before IS NULL OR entered_before <= %(after)s {or_again}) {owners} {among}
)
SELECT stage_id, key, count(*), count(*) FILTER (WHERE went_on), count(*) FILTER (WHERE won),
       count(*) FILTER (WHERE is_first), count(*) FILTER (WHERE is_first AND went_on), count(*) FILTER (WHERE is_first AND won)
FROM once GROUP BY stage_id, key
"""
# A stay counts where it ended within the period.
SPREAD = """
SELECT stage_id, count(*), count(DISTINCT deal_id),
       percentile_disc(ARRAY[0.1, 0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (
           ORDER BY floor(extract(epoch FROM left_at - entered_at) / 86400)::int)
FROM pipeline_stageentry entry
WHERE stage_id = ANY(%(stages)s) AND left_at > %(after)s AND left_at <= %(last)s {owners} {among} GROUP BY stage_id
"""
# The deals behind a figure.
LISTED = """
SELECT deal_id FROM pipeline_stageentry entry {path}
WHERE stage_id = %(stage)s AND entered_at > %(after)s AND entered_at <= %(last)s
  AND (entered_before IS NULL OR entered_before <= %(after)s) {owners} {reached}
"""
LEFT = """
SELECT deal_id FROM pipeline_stageentry entry
WHERE stage_id = %(stage)s AND left_at > %(after)s AND left_at <= %(last)s {owners}
"""
# How entries are grouped: by facts of the first entry, or of each month and quarter on its own, since a deal that came back
# in the next one belongs to both.
KEYS = {
    "": "NULL::int",
    "owner": "entry.owner_id",
    "product": "deal.product_id",
    "month": "date_trunc('month', entered_at AT TIME ZONE %(zone)s)::date",
    "quarter": "date_trunc('quarter', entered_at AT TIME ZONE %(zone)s)::date",
}
AGAIN = "OR date_trunc('{0}', entered_before AT TIME ZONE %(zone)s) < date_trunc('{0}', entered_at AT TIME ZONE %(zone)s)"
JOINS = {"product": "JOIN pipeline_deal deal ON deal.id = entry.deal_id"}
APART = {"month", "quarter"}
REACHED = {
    "": "",
    "yes": "AND {later} && %(ahead)s::bigint[]",
    "no": "AND ({later} && %(ahead)s::bigint[]) IS NOT TRUE",
    "won": "AND {later} && %(won)s::bigint[]",
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
    """The entries into the stages of one pipeline, and the stays there that ended, between two days.

    `owners`: ids of the people who count, as of entering; None for everybody. `day`: as recorded by the end of that day.
    `place`: the organisation, whose days they are. `deals`: a queryset, gated, of those that are counted.
    """

    def __init__(self, *, stages, first, last, place, deals=None, owners=None, day=None):
        self._ranks = {
            stage.pk: WON if stage.status == Status.WON else stage.position for stage in stages if stage.status != Status.LOST
        }
        self._params = {
            "stages": list(self._ranks),
            "ranks": list(self._ranks.values()),
            "won": [stage for stage, rank in self._ranks.items() if rank == WON],
            "after": place.last_moment_of(first - timedelta(days=1)),
            "last": place.last_moment_of(min(last, day) if day else last),
            "zone": place.time_zone,
        }
        self._parts = (LATER_THEN if day else LATER) | {"owners": "", "among": ""}
        if day:
            self._params["known"] = place.last_moment_of(day)
        if owners is not None:
            self._params["owners"], self._parts["owners"] = list(owners), "AND entry.owner_id = ANY(%(owners)s)"
        if deals is not None:
            self._only(deals)

    def _only(self, deals):
        if deals.query.where:
            within, named = keys_in_sql(deals)
            self._parts["among"], self._params = f"AND entry.deal_id IN ({within})", self._params | named

    def cohorts(self, by=""):
        """({(stage id, key): Cohort}, {stage id: Cohort of all keys together}), counted in one query."""
        grouped, whole = {}, {}
        again = AGAIN.format(by) if by in APART else ""
        parts = {"key": KEYS[by], "join": JOINS.get(by, ""), "or_again": again, "won": WON}
        for stage, key, *numbers in self._run(ENTRIES, **parts):
            grouped[stage, key] = Cohort(*numbers[:3])
            whole[stage] = whole.get(stage, Cohort(0, 0, 0)).plus(Cohort(*numbers[3:]))
        return grouped, whole

    def stays(self):
        """{stage id: Spread} of the days of the stays that ended, for their owner as of entering; in one query."""
        return {row[0]: Spread(row[1], row[2], *row[3]) for row in self._run(SPREAD)}

    def entered(self, stage, reached=""):
        """The condition that a deal entered `stage`, and went on ("yes"), did not ("no") or was won so far."""
        rank = self._ranks.get(stage.pk, WON)
        ahead = [each for each, its in self._ranks.items() if its > rank]
        return self._among(LISTED, stage, reached=REACHED[reached].format(**self._parts), ahead=ahead)

    def left(self, stage):
        """The condition that a stay of a deal in `stage` ended."""
        return self._among(LEFT, stage)

    def _among(self, query, stage, reached="", ahead=()):
        # The subquery of a condition takes its values in their order: a name is a list of one place for each of its uses.
        values = Places(self._params | {"stage": stage.pk, "ahead": list(ahead)})
        return among("pk", query.format(**self._parts, reached=reached) % values, values.asked)

    def _run(self, query, **parts):
        with connection.cursor() as cursor:
            cursor.execute(query.format(**self._parts, **parts), self._params)
            return cursor.fetchall()


class Places(dict):
    """Turns %(name)s into %s, noting the values in the order in which they are asked for."""

    def __init__(self, values):
        super().__init__(values)
        self.asked = []

    def __getitem__(self, name):
        self.asked.append(super().__getitem__(name))
        return "%s"
