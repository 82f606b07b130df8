"""The parent that a row of accounts names: found among those its person sees, and never making two belong to each other."""

from django.utils.translation import gettext as _

PARENT_ID = "parent_id"
NAMES_PARENT = ("parent.external_key", "parent.name")


def names_parents(imported):
    """Whether a column of the file names parents."""
    return any(name in NAMES_PARENT for name in imported.mapping)


def find_parents(decision, conditions):
    """Give each row the id of the parent it names; `conditions` are how an account is found, by column."""
    nobody = _("There is no such parent among the accounts you see. Does it stand in this file too? Import the file twice.")
    several = _("Several accounts go by the name of this parent. Name it by its external key.")
    for key in NAMES_PARENT:
        condition = conditions[key]
        has = f"coalesce(d.keys->>'{key}', '') <> '' AND NOT d.values ? '{PARENT_ID}'"
        decision.find(has, condition, "accounts_account", decision.visible_accounts)
        decision.refuse(f"{has} AND d.row IN (SELECT row FROM finding WHERE seen > 1)", several, f"d.keys->>'{key}'")
        decision.refuse(f"{has} AND d.row NOT IN (SELECT row FROM finding WHERE seen = 1)", nobody, f"d.keys->>'{key}'")
        decision.run(
            f"UPDATE deciding d SET values = d.values || jsonb_build_object('{PARENT_ID}', f.id) "
            "FROM finding f WHERE f.row = d.row AND f.seen = 1 AND d.outcome = ''"
        )


def refuse_circles(decision):
    """As for one account: nothing may come to belong to itself, over however many others, be they of this file or not."""
    decision.refuse(
        f"""d.target IN (
            WITH RECURSIVE named AS (
                SELECT target AS child, (values->>'{PARENT_ID}')::bigint AS parent FROM deciding
                WHERE outcome = '' AND target IS NOT NULL AND values ? '{PARENT_ID}'
            ), up AS (
                SELECT child, parent AS above FROM named
                UNION  -- without ALL, so that an old circle ends
                SELECT up.child, coalesce(n.parent, a.parent_id) FROM up JOIN accounts_account a ON a.id = up.above
                LEFT JOIN named n ON n.child = a.id WHERE up.above <> up.child
            ) SELECT child FROM up WHERE above = child)""",
        _("This parent belongs to the account itself, so it cannot be its parent."),
        "coalesce(d.keys->>'parent.external_key', d.keys->>'parent.name')",
    )
