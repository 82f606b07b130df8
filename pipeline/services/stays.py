"""Counting how long deals stay in each stage, from every entry into one."""

from django.db import connection

# Changes of amount, owner or date do not end a stay; whoever comes back to a stage begins another; the last stay of a deal is
# not over.
STAYS = """
WITH days AS (
    SELECT stage_id, floor(extract(epoch FROM left_at - entered_at) / 86400)::int AS days
    FROM pipeline_stageentry WHERE left_at IS NOT NULL
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
