"""Which record each row is about, and what it would change there: decided for thousands of rows by a few statements.

Both the dry run and the real one decide here, so that what was shown is what happens unless the records changed meanwhile.
The decision is made in a temporary table, which costs no log, and written to the rows by `keep`.
"""

from contextlib import contextmanager, nullcontext

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, Import
from accounts.querysets.accounts import PlainName
from salesorg.lib.db import by_index
from salesorg.people.roles import Action

from .columns import KINDS
from .parents import NAMES_PARENT, find_parents, names_parents, refuse_circles


def plain_of(expression):
    """SQL of a company's name for comparing; the very expression of the index."""
    return PlainName.template % {"expressions": expression}


SAME_PLAIN = f"{plain_of('t.name')} = d.plain"
TABLES = {
    Import.Kind.ACCOUNTS: "accounts_account",
    Import.Kind.CONTACTS: "accounts_contact",
    Import.Kind.ACTIVITIES: "accounts_activity",
}
HAS = "coalesce(d.values->>'{0}', '') <> ''"
SAME_EMAIL = "lower(t.email) = lower(d.values->>'email')"
AT_ACCOUNT = "t.account_id = (d.values->>'account_id')::bigint"
# (what a row must have, when it is about the record t); the first that a row has decides.
FINDS = {
    ("accounts", "external_key"): (HAS.format("external_key"), "t.external_key = d.values->>'external_key'"),
    ("accounts", "domain"): (HAS.format("domain"), "upper(t.domain) = upper(d.values->>'domain')"),
    ("accounts", "name_city"): ("d.plain <> ''", f"{SAME_PLAIN} AND lower(t.city) = lower(coalesce(d.values->>'city', ''))"),
    ("contacts", "email"): (HAS.format("email"), f"{SAME_EMAIL} AND (NOT d.values ? 'account_id' OR {AT_ACCOUNT})"),
    ("contacts", "name"): (
        HAS.format("name") + " AND d.values ? 'account_id'",
        f"{AT_ACCOUNT} AND lower(t.name) = lower(d.values->>'name')",
    ),
    ("activities", "whole"): ("d.values ? 'client_id'", "t.client_id = (d.values->>'client_id')::uuid"),
}
# A row without the chosen key is found by what every row has, else the same file would create it again each time.
OTHERWISE = {"accounts": "name_city", "contacts": "name", "activities": "whole"}
KNOWN = {"name_city": ["name", "city"], "whole": []}  # columns a match goes by, where it is not called like its column
NAMES_ACCOUNT = (
    ("account.external_key", "t.external_key = d.keys->>'account.external_key'"),
    ("account.domain", "upper(t.domain) = upper(d.keys->>'account.domain')"),
    ("account.name", plain_of("t.name") + " = " + plain_of("d.keys->>'account.name'")),
)

FINDS_PARENT = {key: dict(NAMES_ACCOUNT)[f"account.{key[7:]}"].replace("'account.", "'parent.") for key in NAMES_PARENT}


def visible_sql(queryset, column="t.id"):
    """A condition: `column` is the key of a row of `queryset`. As text, to stand inside longer statements."""
    if not queryset.query.where:
        return "TRUE"
    try:
        sql, params = queryset.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "FALSE"
    with connection.cursor() as cursor:
        return f"{column} IN ({cursor.mogrify(sql, params).decode()})".replace("%", "%%")


@contextmanager
def deciding(imported, first, last, *, lock=False):
    """A Deciding over the rows from `first` to `last`, decided; `keep` it, or write by it first.

    With `lock` the records it found are locked before they are compared, and stay as compared to the commit.
    """
    with connection.cursor() as cursor:
        decision = Deciding(cursor, imported, first, last)
        decision.begin()
        decision.find_and_judge()
        if lock:
            decision.lock_targets()
        decision.compare()
        yield decision
        cursor.execute("DROP TABLE deciding, finding, pairs")


class Deciding:
    """The decision over some rows of one import, for its person."""

    def __init__(self, cursor, imported, first, last):
        self.cursor, self.imported, self.user = cursor, imported, imported.user
        self.kind, self.about = imported.kind, KINDS[imported.kind]
        self.table = TABLES[imported.kind]
        self.range = {"import": imported.pk, "first": first, "last": last}
        self.visible_accounts = visible_sql(Account.objects.visible_to(self.user))
        self.visible = (
            self.visible_accounts
            if self.kind == Import.Kind.ACCOUNTS
            else visible_sql(Contact.objects.visible_to(self.user), "t.id")
            if self.kind == Import.Kind.CONTACTS
            else visible_sql(Account.objects.visible_to(self.user), "t.account_id")
        )

    def run(self, sql, **params):
        self.cursor.execute(sql, self.range | params)
        return self.cursor.rowcount

    def begin(self):
        self.run("DROP TABLE IF EXISTS deciding")
        values, note = "r.values", "''::text"
        if self.kind == Import.Kind.ACCOUNTS and not self.user.may(Action.REASSIGN):  # who marks none by hand marks none so
            values, note = "r.values - 'is_key_account'", "CASE WHEN r.values ? 'is_key_account' THEN %(unmarked)s ELSE '' END"
        plain = plain_of("coalesce(r.values->>'name', '')")
        self.run(
            f"""
            CREATE TEMP TABLE deciding ON COMMIT DROP AS
            SELECT r.id AS row, r.number, {values} AS values, r.keys, r.repeats, r.alike, {plain} AS plain,
                NULL::bigint AS target, ''::text AS outcome, ''::text AS reason, ''::text AS found, {note} AS note,
                NULL::jsonb AS changes
            FROM accounts_importrow r
            WHERE r.made_by_id = %(import)s AND r.number BETWEEN %(first)s AND %(last)s AND r.values IS NOT NULL
            """,
            unmarked=_("Key account stays as it is: whoever reassigns accounts marks them."),
        )
        self.run("ANALYZE deciding")

    def find_and_judge(self):
        self.refuse("d.repeats IS NOT NULL", _("The same record stands in an earlier row."), "'row ' || d.repeats")
        if self.about.about_account:
            self.find_account()
        if names_parents(self.imported):
            find_parents(self, FINDS_PARENT)
        if self.kind == Import.Kind.ACTIVITIES:
            self.complete_activities()
        self.find_targets()
        self.judge_mode()
        if self.kind == Import.Kind.ACCOUNTS:
            self.refuse_keys_of_others()
            if names_parents(self.imported):
                refuse_circles(self)
            self.judge_alike()

    def lock_targets(self):
        self.run(
            f"SELECT t.id FROM {self.table} t WHERE t.id IN (SELECT target FROM deciding WHERE outcome = '') "
            "ORDER BY t.id FOR NO KEY UPDATE"
        )

    def refuse(self, where, reason, found="''"):
        """Refuse the undecided rows for which `where` holds; `found` is SQL for what stands there."""
        self.run(
            f"UPDATE deciding d SET outcome = 'refused', reason = %(reason)s, found = coalesce({found}, '') "
            f"WHERE d.outcome = '' AND ({where})",
            reason=reason,
        )

    # ── the account that a contact or an activity belongs to ──

    def find_account(self):
        nobody = _("There is no account like this among those you see.")
        several = _("Several accounts go by this. Name it by its external key or web domain.")
        for key, condition in NAMES_ACCOUNT:
            has = f"coalesce(d.keys->>'{key}', '') <> '' AND NOT d.values ? 'account_id'"
            self.find(has, condition, "accounts_account", self.visible_accounts)
            self.refuse(f"{has} AND d.row IN (SELECT row FROM finding WHERE seen > 1)", several, f"d.keys->>'{key}'")
            self.refuse(f"{has} AND d.row NOT IN (SELECT row FROM finding WHERE seen = 1)", nobody, f"d.keys->>'{key}'")
            self.run(
                "UPDATE deciding d SET values = d.values || jsonb_build_object('account_id', f.id) "
                "FROM finding f WHERE f.row = d.row AND f.seen = 1 AND d.outcome = ''"
            )
        if self.kind == Import.Kind.ACTIVITIES:
            self.refuse("NOT d.values ? 'account_id'", _("The row names no account."))

    def find(self, has, condition, table, visible):
        """Fill `finding` with what each undecided row finds: the one it is, and how many are seen."""
        pairs = f"SELECT d.row, t.* FROM deciding d JOIN {table} t ON {condition} WHERE d.outcome = '' AND {has}"
        self.note_found(pairs, visible, indexed=table == "accounts_account")

    def note_found(self, pairs, visible, *, indexed):
        """What is found is gathered first and then asked who sees it: far less than asking it of every record."""
        self.run("DROP TABLE IF EXISTS finding, pairs")
        with by_index(self.cursor) if indexed else nullcontext():
            found = self.run(f"CREATE TEMP TABLE pairs ON COMMIT DROP AS {pairs}")
        seen = visible if found else "FALSE"  # else PostgreSQL gathers all that the person sees, for nothing
        self.run(
            f"""
            CREATE TEMP TABLE finding ON COMMIT DROP AS
            SELECT p.row, min(v.id) AS id, count(v.id) AS seen
            FROM pairs p LEFT JOIN (SELECT DISTINCT t.id FROM pairs t WHERE {seen}) v ON v.id = p.id GROUP BY p.row
            """
        )

    # ── activities: whose, and what makes one the same ──

    def complete_activities(self):
        self.run(
            """
            UPDATE deciding d SET values = d.values || jsonb_build_object('user_id', u.id)
            FROM people_user u WHERE lower(u.email) = lower(d.keys->>'user.email') AND d.outcome = ''
            """
        )
        who = "d.keys->>'user.email'"
        self.refuse("d.keys ? 'user.email' AND NOT d.values ? 'user_id'", _("Nobody signs in with this e-mail."), who)
        if not self.user.may(Action.REASSIGN):
            self.refuse(f"(d.values->>'user_id')::bigint <> {self.user.pk}", _("You may import your own activities only."), who)
        self.refuse("NOT d.values ? 'kind'", _("The row does not say what kind it is."))
        self.refuse("NOT d.values ?| ARRAY['done_at', 'due_on']", _("The row says neither when it was done nor when it is due."))
        # Of the same words is the same activity: its id follows from them, and the database stores an id once.
        self.run(
            """
            UPDATE deciding d SET values = said || jsonb_build_object('client_id', md5('import ' || (
                    said || jsonb_build_object('done_at', extract(epoch FROM (said->>'done_at')::timestamptz)))::text)::uuid)
            FROM (SELECT row AS same, jsonb_build_object('user_id', %(user)s) || values AS said FROM deciding) s
            WHERE s.same = d.row AND d.outcome = ''
            """,
            user=self.user.pk,
        )
        self.run(
            """
            UPDATE deciding d SET outcome = 'refused', reason = %(reason)s, found = 'row ' || first FROM (
                SELECT row, first_value(number) OVER (PARTITION BY values->>'client_id' ORDER BY number) AS first FROM deciding
                WHERE outcome = ''
            ) s WHERE s.row = d.row AND s.first < d.number
            """,
            reason=_("The same record stands in an earlier row."),
        )

    # ── which record ──

    def find_targets(self):
        tried = ""
        for name in dict.fromkeys([self.imported.match, OTHERWISE[self.kind]]):
            has, condition = FINDS[self.kind, name]
            has = f"({has}){tried} AND d.target IS NULL"
            self.find(has, condition, self.table, self.visible)
            self.refuse(
                "d.row IN (SELECT row FROM finding WHERE seen > 1)", _("Several records match this row. Choose another key.")
            )
            if self.kind == Import.Kind.ACCOUNTS:  # of other records a hidden one is as good as none
                self.refuse("d.row IN (SELECT row FROM finding WHERE seen = 0)", self.hidden_words())
            # What a record was found by is known, perhaps in other letters: it finds and does not change.
            self.run(
                "UPDATE deciding d SET target = f.id, values = d.values - %(known)s::text[] "
                "FROM finding f WHERE f.row = d.row AND f.seen = 1 AND d.outcome = ''",
                known=KNOWN.get(name, [name]),
            )
            tried += f" AND NOT ({has})"

    @staticmethod
    def hidden_words():
        return _("A record like this exists, but not among those you see. Ask sales operations for access.")

    def judge_mode(self):
        mode = self.imported.mode
        if mode == Import.Mode.UPDATE:
            self.refuse("d.target IS NULL", _("No record matches this row, and none is to be created."))
        if mode == Import.Mode.CREATE and self.kind != Import.Kind.ACTIVITIES:
            self.refuse("d.target IS NOT NULL", _("This record exists already, and none is to be updated."))
        for name in self.about.required:
            missing = _("A new record needs: %(column)s.") % {"column": self.about.columns[name].label}
            self.refuse(f"d.target IS NULL AND NOT ({HAS.format(name)})", missing)
        if self.about.about_account:
            self.refuse("d.target IS NULL AND NOT d.values ? 'account_id'", _("The row names no account."))

    def refuse_keys_of_others(self):
        self.refuse(
            "EXISTS (SELECT FROM accounts_account t WHERE t.external_key = d.values->>'external_key' "
            "AND t.id IS DISTINCT FROM d.target)",
            _("Another account has this external key."),
            "d.values->>'external_key'",
        )

    def judge_alike(self):
        """New accounts meet those of the same name or domain, as a typed one does."""
        alike = f"({SAME_PLAIN} AND d.plain <> '')"
        domain = f"(upper(t.domain) = upper(d.values->>'domain') AND {HAS.format('domain')})"
        # Two narrow joins, each by its own index; one with OR would compare every row with every account.
        new = "d.outcome = '' AND d.target IS NULL"
        self.note_found(
            f"SELECT d.row, t.* FROM deciding d JOIN accounts_account t ON {alike} WHERE {new} UNION "
            f"SELECT d.row, t.* FROM deciding d JOIN accounts_account t ON {domain} WHERE {new}",
            self.visible_accounts,
            indexed=True,
        )
        name = "(SELECT t.name FROM finding f JOIN accounts_account t ON t.id = f.id WHERE f.row = d.row)"
        if self.imported.allow_alike:
            self.run(
                f"UPDATE deciding d SET note = replace(%(words)s, '@', {name}) "
                "WHERE d.row IN (SELECT row FROM finding WHERE seen > 0) AND d.outcome = ''",
                words=_("Created although “%(name)s” looks alike.") % {"name": "@"},
            )
            return
        self.refuse(
            "d.target IS NULL AND d.alike IS NOT NULL",
            _("An earlier row has the same name or web domain."),
            "'row ' || d.alike",
        )
        self.refuse(
            "d.row IN (SELECT row FROM finding WHERE seen > 0)",
            _("An account of this name or web domain exists already."),
            name,
        )
        self.refuse("d.row IN (SELECT row FROM finding)", self.hidden_words(), "d.values->>'name'")

    # ── what would change ──

    def compare(self):
        """Rows without a record are new; of the others, the columns that would change, with both values."""
        self.run("UPDATE deciding SET outcome = 'new' WHERE outcome = '' AND target IS NULL")
        if self.kind == Import.Kind.ACTIVITIES:
            self.run("UPDATE deciding SET outcome = 'same' WHERE outcome = ''")
            return
        self.run(
            f"""
            UPDATE deciding d SET changes = c.changes FROM (
                SELECT d.row, jsonb_object_agg(e.key, jsonb_build_array(was -> e.key, is_now -> e.key)) AS changes
                FROM deciding d JOIN {self.table} t ON t.id = d.target,
                    -- OFFSET 0: else both are computed again for every column
                    LATERAL (
                        SELECT to_jsonb(t) AS was, to_jsonb(jsonb_populate_record(t, d.values)) AS is_now OFFSET 0
                    ) both_values,
                    LATERAL jsonb_object_keys(d.values) AS e(key)
                WHERE d.outcome = '' AND was -> e.key IS DISTINCT FROM is_now -> e.key GROUP BY d.row
            ) c WHERE c.row = d.row
            """
        )
        self.run("UPDATE deciding SET outcome = CASE WHEN changes IS NULL THEN 'same' ELSE 'changed' END WHERE outcome = ''")

    def keep(self):
        """Write the decision to the rows. Returns {outcome: how many}."""
        self.run(
            """
            UPDATE accounts_importrow r SET outcome = d.outcome, reason = d.reason, found = d.found,
                note = coalesce(nullif(d.note, ''), CASE WHEN d.outcome = 'new' THEN r.note ELSE '' END),
                target = d.target, changes = d.changes
            FROM deciding d WHERE r.id = d.row
            """
        )
        self.cursor.execute("SELECT outcome, count(*) FROM deciding GROUP BY 1")
        return dict(self.cursor.fetchall())


def mark_repeated(imported):
    """Note on each row the first earlier row about the same record, and the first that looks like it."""
    key, alike = _row_keys(imported)
    earlier = "CASE WHEN {0} IS NOT NULL THEN nullif(min(number) OVER (PARTITION BY {0}), number) END"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE accounts_importrow r SET repeats = s.repeats, alike = s.alike FROM (
                SELECT id, {earlier.format("key")} AS repeats,
                    least({", ".join(earlier.format(f"alike{i}") for i in range(len(alike)))}) AS alike
                FROM (
                    SELECT id, number, {key} AS key, {", ".join(f"{sql} AS alike{i}" for i, sql in enumerate(alike))}
                    FROM accounts_importrow WHERE made_by_id = %s AND values IS NOT NULL
                ) named
            ) s WHERE s.id = r.id AND (s.repeats IS NOT NULL OR s.alike IS NOT NULL)
            """,
            [imported.pk],
        )


def _row_keys(imported):
    """SQL of what makes two rows of a file the same record, and of what makes them look alike."""
    if imported.kind == Import.Kind.ACTIVITIES:
        return "md5(values::text || keys::text)", ["NULL::text"]
    if imported.kind == Import.Kind.CONTACTS:
        by_email = "'mail ' || lower(nullif(values->>'email', '')) || keys::text"
        by_name = "'name ' || lower(values->>'name') || keys::text"
        return (f"coalesce({by_email}, {by_name})" if imported.match == "email" else by_name), ["NULL::text"]
    name = "values->>'name'"
    plain = f"nullif({plain_of(name)}, '')"
    domain = "upper(nullif(values->>'domain', ''))"
    by_name = f"'name ' || {plain} || ' ' || lower(coalesce(values->>'city', ''))"
    chosen = {"external_key": "nullif(values->>'external_key', '')", "domain": domain, "name_city": "NULL"}[imported.match]
    return f"coalesce('key ' || {chosen}, {by_name})", [plain, domain]
