"""New accounts of a file that are likely there already under a name a little different: named in the dry run, and still imported.

Only pairs that share a phone, an address or the web domain but for its ending are judged (accounts.engine.likeness): nothing else
lifts a name that is not the same to a score that is shown.
"""

from django.db import connection
from django.utils.translation import gettext as _

from accounts.engine import likeness
from accounts.models import Account, Import, Reason
from accounts.services.duplicates import MOST_IN_BLOCK, facts_of
from salesorg.lib.db import whole_tables

FACTS = ("name", "domain", "phone", "street", "postal_code", "city", "country")
KEYS = {
    "phone": r"""CASE WHEN length(regexp_replace({phone}, '\D', '', 'g')) >= 7
        THEN right(regexp_replace({phone}, '\D', '', 'g'), 9) END""",
    "address": r"""CASE WHEN {postal_code} <> '' AND {street} ~ '\d'
        THEN {postal_code} || ' ' || regexp_replace({street}, '\D', '', 'g')
            || left(regexp_replace(lower({street}), '[^[:alpha:]]', '', 'g'), 4) END""",
    "domain": r"CASE WHEN lower({domain}) <> ALL(%(public)s) THEN substring(lower({domain}) FROM '^(.+)\.[^.]+$') END",
}
SHARED = """
SELECT r.id, a.ids FROM (
    SELECT {account_key} AS key, array_agg(id) AS ids FROM accounts_account GROUP BY 1 HAVING count(*) <= %(most)s
) a JOIN accounts_importrow r ON {row_key} = a.key WHERE r.made_by_id = %(import)s AND r.outcome = 'new'
"""


def note_likely(imported):
    """Note on each new row the visible account it is likely the same as. Returns how many rows were noted."""
    if imported.kind != Import.Kind.ACCOUNTS:
        return 0
    found = {}
    for row, ids in _shared(imported):
        found.setdefault(row, set()).update(ids)
    visible = Account.objects.visible_to(imported.user).filter(pk__in=set().union(*found.values()))
    accounts = facts_of("accounts", set(visible.values_list("pk", flat=True)))
    noted = {}
    for row, values in imported.rows.filter(pk__in=found).values_list("pk", "values").iterator(2000):
        own = likeness.AccountFacts(pk=0, **{name: values.get(name) or "" for name in FACTS})
        like = [(likeness.like_accounts(own, accounts[pk]), accounts[pk]) for pk in found[row] if pk in accounts]
        best, account = max(like, key=lambda each: each[0].score, default=(None, None))
        if best and best.score >= likeness.SHOWN_FROM:
            why = ", ".join(str(Reason(reason).label).lower() for reason in best.reasons)
            noted[row] = _("Likely the same as “%(name)s”: %(why)s.") % {"name": account.name, "why": why}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_importrow r SET note = n.note FROM unnest(%s::bigint[], %s::text[]) n (id, note) WHERE r.id = n.id",
            [list(noted), list(noted.values())],
        )
    return len(noted)


def _shared(imported):
    """(row id, ids of accounts) for each key that they share."""
    params = {"import": imported.pk, "most": MOST_IN_BLOCK, "public": sorted(likeness.PUBLIC_DOMAINS)}
    with whole_tables(), connection.cursor() as cursor:
        for key in KEYS.values():
            of_row = key.format(**{name: f"coalesce(r.values->>'{name}', '')" for name in FACTS})
            cursor.execute(SHARED.format(account_key=key.format(**{name: name for name in FACTS}), row_key=of_row), params)
            yield from cursor.fetchall()
