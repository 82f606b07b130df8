"""Counting how long deals stay in each stage, from every state they were in."""

from django.db import connection

# A stay begins with the version that enters the stage and ends with the next one in another stage; changes of amount, owner
# or date in between do not end it. Whoever comes back to a stage begins another stay; the last stay of a deal is not over.
STAYS = """
WITH entered AS (
    SELECT deal_id, stage_id, lower(during) AS since,
           lag(stage_id) OVER (PARTITION BY deal_id ORDER BY lower(during)) AS before
    FROM pipeline_dealversion
), stays AS (
    SELECT stage_id, lead(since) OVER (PARTITION BY deal_id ORDER BY since) - since AS lasted
    FROM entered WHERE before IS DISTINCT FROM stage_id
), days AS (
    SELECT stage_id, floor(extract(epoch FROM lasted) / 86400)::int AS days FROM stays WHERE lasted IS NOT NULL
), counted AS (
    SELECT stage_id, count(*) AS stays,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY days) AS half,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY days) AS most
    FROM days WHERE stage_id IN (SELECT id FROM pipeline_stage WHERE status = 'open') GROUP BY stage_id
), gone AS (
    DELETE FROM pipeline_stagestay WHERE stage_id NOT IN (SELECT stage_id FROM counted)
)
INSERT INTO pipeline_stagestay (stage_id, stays, half, most, counted_at)
SELECT stage_id, stays, half, most, now() FROM counted
ON CONFLICT (stage_id) DO UPDATE SET
    stays = excluded.stays, half = excluded.half, most = excluded.most, counted_at = excluded.counted_at
"""


def count_stays():
    """Count the completed stays of every open stage anew. Returns of how many stages there are any."""
    with connection.cursor() as cursor:
        cursor.execute(STAYS)
        return cursor.rowcount
