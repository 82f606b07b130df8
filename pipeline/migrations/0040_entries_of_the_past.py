"""The entries of every deal there is, made from its states."""

from django.db import migrations

DEALS = 20_000  # in a transaction: a second or two

# What a change meanwhile has written by itself is newer, and stays.
FILL = """
INSERT INTO pipeline_stageentry (deal_id, stage_id, owner_id, entered_at, left_at, entered_before, later)
SELECT deal_id, stage_id, owner_id, at, lead(at) OVER path,
       lag(at) OVER (PARTITION BY deal_id, stage_id ORDER BY at),
       coalesce(array_agg(stage_id) OVER (path ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), '{}')
FROM (
    SELECT state.*, lag(stage_id) OVER (PARTITION BY deal_id ORDER BY at) AS before
    FROM (
        SELECT DISTINCT ON (deal_id, lower(during)) deal_id, stage_id, owner_id, lower(during) AS at
        FROM pipeline_dealversion WHERE deal_id >= %s AND deal_id < %s AND NOT lower_inf(during)
        ORDER BY deal_id, lower(during), id DESC
    ) state
) step
WHERE before IS DISTINCT FROM stage_id
WINDOW path AS (PARTITION BY deal_id ORDER BY at)
ON CONFLICT (deal_id, entered_at) DO NOTHING
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT min(deal_id), max(deal_id) FROM pipeline_dealversion")
        first, last = cursor.fetchone()
        if first is None:
            return
        for start in range(first, last + 1, DEALS):
            cursor.execute(FILL, [start, start + DEALS])
        cursor.execute("ANALYZE pipeline_stageentry")


class Migration(migrations.Migration):
    atomic = False  # each part is a transaction of its own, so that nobody waits for the whole

    dependencies = [("pipeline", "0039_stage_entries")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
