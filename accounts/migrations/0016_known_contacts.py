"""When each account of today was last visited and called; from here on triggers keep it."""

from django.db import migrations

FILL = """
INSERT INTO accounts_contactdue (account_id, kind, since, last_on)
SELECT account.id, kinds.kind, account.created_at::date, done.day
FROM accounts_account account
CROSS JOIN (VALUES ('visit'), ('call')) kinds(kind)
LEFT JOIN (
    SELECT account_id, kind,
        (max(done_at) AT TIME ZONE COALESCE((SELECT time_zone FROM people_organisation WHERE id = 1), 'UTC'))::date AS day
    FROM accounts_activity
    WHERE done_at IS NOT NULL AND kind IN ('visit', 'call') AND outcome <> 'not_there'
    GROUP BY account_id, kind
) done ON done.account_id = account.id AND done.kind = kinds.kind
ON CONFLICT (account_id, kind) DO UPDATE SET last_on = EXCLUDED.last_on
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_cadences"), ("people", "0001_initial")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
