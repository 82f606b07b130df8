"""Views of lists kept by name, and how each person uses them."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_no_last_login"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "page",
                    models.CharField(
                        choices=[
                            ("accounts:account_list", "Accounts"),
                            ("accounts:contact_list", "Contacts"),
                            ("accounts:activity_list", "Activities"),
                            ("pipeline:deal_list", "Deals"),
                            ("pipeline:lead_list", "Leads"),
                        ],
                        editable=False,
                        max_length=30,
                        verbose_name="page",
                    ),
                ),
                ("query", models.CharField(blank=True, editable=False, max_length=2000, verbose_name="address")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "shared",
                    models.CharField(
                        choices=[("own", "only me"), ("team", "a team and those below it"), ("all", "everybody")],
                        default="own",
                        max_length=4,
                        verbose_name="who has it",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="saved_views",
                        to="people.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ViewUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pinned", models.BooleanField(default=False)),
                ("default", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="view_uses", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="people.savedview"),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("owner", "page", "name"), name="one_view_per_name"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="savedview",
            trigger=pgtrigger.compiler.Trigger(
                name="record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (current_setting('salesorg.history', true) IS DISTINCT FROM 'off')",
                    declare="DECLARE was jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) - ARRAY['version'] END; is_now jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) - ARRAY['version'] END; changed_from jsonb := was; changed_to jsonb := is_now;",
                    func="\nIF TG_OP = 'UPDATE' THEN\n    SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, is_now -> key) INTO changed_from, changed_to\n    FROM jsonb_each(was) WHERE value IS DISTINCT FROM is_now -> key;\n    IF changed_from IS NULL THEN RETURN NULL; END IF;\nEND IF;\nINSERT INTO audit_change (\"at\", \"table\", row_id, operation, before, after, actor_id, cause, context)\nVALUES (\n    clock_timestamp(), TG_TABLE_NAME, CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END, TG_OP, changed_from, changed_to,\n    NULLIF(current_setting('salesorg.actor', true), '')::bigint,\n    COALESCE(current_setting('salesorg.cause', true), ''),\n    NULLIF(current_setting('salesorg.context', true), '')::uuid\n);\nRETURN NULL;\n",
                    hash="a67996dcfa45f2e9873e1345a2e1c9a2cc624c6b",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_record_55ec8",
                    table="people_savedview",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="viewuse",
            constraint=models.UniqueConstraint(fields=("user", "view"), name="one_use_per_view"),
        ),
    ]
