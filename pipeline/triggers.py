"""The trigger that keeps a deal's past: it alone writes DealVersion, so that no path can forget it."""

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
