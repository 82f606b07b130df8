"""Whom an activity was with, until now one contact, becomes the first of everybody met."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_from_the_field")]
    operations = [
        migrations.RunSQL(
            # Without history: nobody did anything, the same fact is written in another place.
            """
            SELECT set_config('salesorg.history', 'off', true);
            INSERT INTO accounts_meeting (activity_id, contact_id)
            SELECT id, contact_id FROM accounts_activity WHERE contact_id IS NOT NULL AND done_at IS NOT NULL
            ON CONFLICT DO NOTHING;
            SELECT set_config('salesorg.history', '', true);
            """,
            migrations.RunSQL.noop,
        )
    ]
