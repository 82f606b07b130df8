"""The triggers that keep a deal's past: they alone write DealVersion and StageEntry, so that no path can forget it."""

import pgtrigger

VERSIONED = ("stage_id", "owner_id", "amount", "close_date", "forecast_category")

# An importer of history sets salesorg.effective_at (transaction-local) to the moment its change took effect.
EFFECTIVE = "timestamptz := NULLIF(current_setting('salesorg.effective_at', true), '')::timestamptz"
# The clock and not the start of the transaction: of two who waited for each other, the later one is later.
MOMENT = "timestamptz := COALESCE(effective, clock_timestamp())"

KEEP_VERSION = """
IF TG_OP <> 'INSERT' THEN
    IF TG_OP = 'UPDATE' AND ({same}) THEN RETURN NULL; END IF;
    SELECT lower(during) INTO since FROM pipeline_dealversion WHERE deal_id = OLD.id AND upper_inf(during);
    IF since > moment THEN
        IF effective IS NOT NULL THEN
            RAISE EXCEPTION 'Deal %% has a version that begins later than %%', OLD.id, moment;
        END IF;
        moment := since;  -- the clock was set back: a person's change must not fail for it
    END IF;
    IF since = moment THEN
        DELETE FROM pipeline_dealversion WHERE deal_id = OLD.id AND upper_inf(during);
    ELSE
        UPDATE pipeline_dealversion SET during = tstzrange(since, moment) WHERE deal_id = OLD.id AND upper_inf(during);
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN NULL; END IF;
END IF;
INSERT INTO pipeline_dealversion (deal_id, {columns}, during, actor_id, cause)
VALUES (
    NEW.id, {new}, tstzrange(moment, NULL),
    NULLIF(current_setting('salesorg.actor', true), '')::bigint, COALESCE(current_setting('salesorg.cause', true), '')
);
RETURN NULL;
""".format(
    same=" AND ".join(f"OLD.{column} IS NOT DISTINCT FROM NEW.{column}" for column in VERSIONED),
    columns=", ".join(VERSIONED),
    new=", ".join(f"NEW.{column}" for column in VERSIONED),
).replace("%%", "%")


def keeps_versions():
    """Triggers for Deal's `Meta.triggers`."""
    return [
        pgtrigger.Trigger(
            name="keep_version",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            # Bulk loads write the versions themselves (salesorg.lib.db.copy_rows with history=False).
            condition=pgtrigger.Condition("current_setting('salesorg.history', true) IS DISTINCT FROM 'off'"),
            declare=[("effective", EFFECTIVE), ("moment", MOMENT), ("since", "timestamptz")],
            func=KEEP_VERSION,
        )
    ]


# The entries of the deals whose states changed, made anew from all their states; of those only what differs is written.
KEEP_ENTRIES = """
WITH changed AS MATERIALIZED (%(changed)s),
fresh AS MATERIALIZED (
    SELECT deal_id, stage_id, owner_id, at, lead(at) OVER path AS left_at,
           lag(at) OVER (PARTITION BY deal_id, stage_id ORDER BY at) AS entered_before,
           coalesce(array_agg(stage_id) OVER (path ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), '{}') AS later
    FROM (
        SELECT state.*, lag(stage_id) OVER (PARTITION BY deal_id ORDER BY at) AS before
        FROM (
            SELECT DISTINCT ON (deal_id, lower(during)) deal_id, stage_id, owner_id, lower(during) AS at
            FROM pipeline_dealversion WHERE deal_id IN (SELECT deal_id FROM changed) AND NOT lower_inf(during)
            ORDER BY deal_id, lower(during), id DESC
        ) state
    ) step
    WHERE before IS DISTINCT FROM stage_id
    WINDOW path AS (PARTITION BY deal_id ORDER BY at)
), gone AS (
    DELETE FROM pipeline_stageentry entry USING changed
    WHERE entry.deal_id = changed.deal_id
      AND NOT EXISTS (SELECT FROM fresh WHERE fresh.deal_id = entry.deal_id AND fresh.at = entry.entered_at)
)
INSERT INTO pipeline_stageentry AS entry (deal_id, stage_id, owner_id, entered_at, left_at, entered_before, later)
SELECT deal_id, stage_id, owner_id, at, left_at, entered_before, later FROM fresh
ON CONFLICT (deal_id, entered_at) DO UPDATE SET
    stage_id = excluded.stage_id, owner_id = excluded.owner_id, left_at = excluded.left_at,
    entered_before = excluded.entered_before, later = excluded.later
WHERE (entry.stage_id, entry.owner_id, entry.left_at, entry.entered_before, entry.later)
   IS DISTINCT FROM (excluded.stage_id, excluded.owner_id, excluded.left_at, excluded.entered_before, excluded.later);
RETURN NULL;
"""
# A state that only ends, as each does when the next one begins, changes no entry.
CHANGED = """
SELECT is_now.deal_id FROM new_states is_now JOIN old_states was USING (id)
WHERE (lower(is_now.during), is_now.stage_id, is_now.owner_id, is_now.deal_id)
   IS DISTINCT FROM (lower(was.during), was.stage_id, was.owner_id, was.deal_id)
"""
STATEMENTS = {
    pgtrigger.Insert: ("keep_entries_of_new", {"new": "new_states"}, "SELECT DISTINCT deal_id FROM new_states"),
    pgtrigger.Update: ("keep_entries_of_changed", {"old": "old_states", "new": "new_states"}, CHANGED),
    pgtrigger.Delete: ("keep_entries_of_removed", {"old": "old_states"}, "SELECT DISTINCT deal_id FROM old_states"),
}


def keeps_entries():
    """Triggers for DealVersion's `Meta.triggers`: once a statement, so that a COPY of a million states is one step."""
    return [
        pgtrigger.Trigger(
            name=name,
            when=pgtrigger.After,
            operation=operation,
            level=pgtrigger.Statement,
            referencing=pgtrigger.Referencing(**tables),
            func=KEEP_ENTRIES.replace("%(changed)s", changed.strip()),
        )
        for operation, (name, tables, changed) in STATEMENTS.items()
    ]
