"""Looking for accounts and contacts that are there twice: while somebody types, and in all of them at night.

The scan compares only records that share a key (`RULES`): the same name, the same name but for one letter, web domain,
phone, address, e-mail. The database sorts them into blocks; accounts.engine.likeness judges the pairs of each block.
"""

from itertools import combinations

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.engine import likeness
from accounts.models import Account, AccountPair, Contact, ContactPair, Coverage
from accounts.querysets.accounts import PlainName
from salesorg.people.models import Membership

MOST_IN_BLOCK = 30  # records that share a key; more say something about the key and nothing about the records
MOST_APART = 12  # records whose names differ by a letter: of more it is a series, and not a slip
SLICE = 50_000  # accounts whose misspelt names one part compares
PATIENCE = "150s"  # for one statement over all accounts; a page's own limit would stop it at a million of them
LIKELY = 45  # of 100, while typing: half of the facts are not there yet
CANDIDATES = 50  # read for each kind of key while typing
OFFERED = 5  # shown below a field
SHORTEST_WORD, WORDS = 4, 6  # letters of a word, and words of a name, by which accounts are looked for while typing

# Small letters and digits without the legal form, as accounts.querysets.PlainName and its index have it.
PLAIN = PlainName.template % {"expressions": "name"}
PHONE = r"right(regexp_replace(phone, '\D', '', 'g'), 9)"
BLOCKS = """
SELECT array_agg(DISTINCT id) FROM ({keys}) keyed WHERE key <> '' GROUP BY key HAVING count(DISTINCT id) BETWEEN 2 AND %(most)s
"""

RULES = {
    "accounts": {
        "name": f"SELECT id, {PLAIN} AS key FROM accounts_account",
        "words": r"""
            SELECT id, (SELECT string_agg(word, ' ' ORDER BY word) FROM regexp_split_to_table(lower(name), '\W+') word
                        WHERE word <> ALL(%(legal)s)) AS key FROM accounts_account""",
        "domain": "SELECT id, lower(domain) AS key FROM accounts_account WHERE domain <> '' AND lower(domain) <> ALL(%(public)s)",
        "phone": f"SELECT id, {PHONE} AS key FROM accounts_account WHERE length({PHONE}) >= 7",
        "address": r"""
            SELECT id, postal_code || ' ' || regexp_replace(street, '\D', '', 'g')
                || left(regexp_replace(lower(street), '[^[:alpha:]]', '', 'g'), 4) AS key
            FROM accounts_account WHERE postal_code <> '' AND street ~ '\d'""",
    },
    "contacts": {
        "email": "SELECT id, lower(email) AS key FROM accounts_contact WHERE email <> ''",
        "name at one account": r"""
            SELECT id, account_id || ' ' || (SELECT string_agg(word, ' ' ORDER BY word)
                                             FROM regexp_split_to_table(lower(name), '\W+') word) AS key FROM accounts_contact""",
        "last name at one account": r"""
            SELECT id, account_id || ' ' || substring(lower(name) FROM '\w+\W*$') AS key FROM accounts_contact""",
        "phone": f"SELECT id, {PHONE} AS key FROM accounts_contact WHERE length({PHONE}) >= 7",
    },
}
# Two names that differ in one letter become the same when each loses a certain one: every such remainder is a key.
# A remainder is kept as its hash; `slice` of `slices` shares them among parts.
SLIPS = f"""
WITH named AS MATERIALIZED (SELECT id, {PLAIN} AS plain FROM accounts_account)  -- else each name is made plain for each letter
SELECT array_agg(DISTINCT id) FROM (
    SELECT id, hashtextextended(CASE WHEN i = 0 THEN plain ELSE left(plain, i - 1) || substr(plain, i + 1) END, 0) AS key
    FROM named, generate_series(0, length(plain)) i
    WHERE length(plain) BETWEEN %(shortest)s AND 60
) keyed WHERE abs(key %% %(slices)s) = %(slice)s GROUP BY key HAVING count(DISTINCT id) BETWEEN 2 AND %(most)s
"""
ACCOUNT_FACTS = ("id", "name", "domain", "phone", "street", "postal_code", "city", "country", "parent_id")
CONTACT_FACTS = ("id", "name", "email", "phone", "account_id")


# ── the scan ──


def slices_of_names():
    """How many parts the comparison of misspelt names is cut into."""
    return max(1, -(-Account.objects.count() // SLICE))


def find_pairs(*, what, rule, slice=0, slices=1):
    """Compare the blocks of one rule and store the pairs that are new. Returns counts."""
    params = {"most": MOST_IN_BLOCK, "legal": sorted(likeness.LEGAL_FORMS), "public": sorted(likeness.PUBLIC_DOMAINS)}
    if rule == "slip":
        sql = SLIPS
        params |= {"most": MOST_APART, "shortest": likeness.LONG_ENOUGH_FOR_A_SLIP, "slice": slice, "slices": slices}
    else:
        sql = BLOCKS.format(keys=RULES[what][rule])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
        cursor.execute(sql, params)
        pairs = {pair for (ids,) in cursor.fetchall() for pair in combinations(sorted(ids), 2)}
    found = judged(what, pairs)
    return {"pairs compared": len(pairs), "pairs found": _store_new(what, found)}


def judged(what, pairs):
    """{(first, second): Likeness} of those pairs of ids that are likely one."""
    facts = facts_of(what, {pk for pair in pairs for pk in pair})
    like = {"accounts": likeness.like_accounts, "contacts": likeness.like_contacts}[what]
    found = {}
    for first, second in pairs:
        if first in facts and second in facts:
            result = like(facts[first], facts[second])
            if result.score >= likeness.SHOWN_FROM:
                found[first, second] = result
    return found


def facts_of(what, ids):
    """{id: facts} as accounts.engine.likeness compares them."""
    model, columns, kind = {
        "accounts": (Account, ACCOUNT_FACTS, likeness.AccountFacts),
        "contacts": (Contact, CONTACT_FACTS, likeness.ContactFacts),
    }[what]
    rows = model.objects.filter(pk__in=ids) if len(ids) < 100_000 else model.objects.all()
    return {row[0]: kind(*row) for row in rows.order_by().values_list(*columns).iterator(20_000)}


def _store_new(what, found):
    model = {"accounts": AccountPair, "contacts": ContactPair}[what]
    known = set(model.objects.values_list("first_id", "second_id")) if found else set()
    rows = [
        model(first_id=first, second_id=second, score=result.score, reasons=list(result.reasons))
        for (first, second), result in sorted(found.items())
        if (first, second) not in known
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        # A candidate is worked out, not entered by somebody: its history begins with what people do about it.
        cursor.execute("SELECT set_config('salesorg.history', 'off', true)")
        model.objects.bulk_create(rows, batch_size=2_000, ignore_conflicts=True)
        cursor.execute("SELECT set_config('salesorg.history', '', true)")
    return len(rows)


def look_again(*, what, ids):
    """Judge stored pairs by today's facts and write only what differs. Returns counts.

    A pair that is no longer likely goes, unless somebody called it different: that is remembered, and the pair comes back
    only when its score has risen by likeness.RETURNS_AFTER since.
    """
    model = {"accounts": AccountPair, "contacts": ContactPair}[what]
    like = {"accounts": likeness.like_accounts, "contacts": likeness.like_contacts}[what]
    pairs = list(model.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    facts = facts_of(what, {pk for pair in pairs for pk in (pair.first_id, pair.second_id)})
    changed, gone = [], []
    for pair in pairs:
        now = like(facts[pair.first_id], facts[pair.second_id])
        if pair.dismissed_at is None and now.score < likeness.SHOWN_FROM:
            gone.append(pair.pk)
            continue
        returns = pair.dismissed_at and now.score >= pair.dismissed_score + likeness.RETURNS_AFTER
        if not returns and (now.score, list(now.reasons)) == (pair.score, pair.reasons):
            continue
        pair.score, pair.reasons = now.score, list(now.reasons)
        if returns:
            pair.dismissed_at = pair.dismissed_by = pair.dismissed_score = None
        changed.append(pair)
    model.objects.filter(pk__in=gone).delete()
    fields = ["score", "reasons", "dismissed_at", "dismissed_by", "dismissed_score"]
    model.objects.bulk_update(changed, fields, batch_size=1_000)
    return {"pairs changed": len(changed), "pairs gone": len(gone)}


# ── while somebody types ──


def likely_accounts(*, facts, user):
    """[(Account, Likeness)] of the visible accounts that the typed facts may mean, most likely first."""
    found = []
    for account in Account.objects.visible_to(user).filter(pk__in=_account_candidates(facts)):
        other = likeness.AccountFacts(*(getattr(account, name) for name in ACCOUNT_FACTS))
        result = likeness.like_accounts(facts, other)
        if result.score >= LIKELY or likeness.may_become(facts, other):
            found.append((account, result))
    return sorted(found, key=lambda each: (-each[1].score, each[0].name))[:OFFERED]


def _account_candidates(facts):
    """Ids of at most some dozens of accounts, each query on an index of its own."""
    asked = []
    if facts.plain_name or facts.host:
        asked.append(Account.objects.alike(facts.name, facts.host))
    if len(facts.plain_name) >= SHORTEST_WORD:
        # The first letters of every word: a slip behind them still finds the account.
        asked.append(Account.objects.matching(" ".join(word[:SHORTEST_WORD] for word in facts.words[:WORDS])))
    if facts.digits:
        asked.append(Account.objects.matching(facts.digits))
    return {pk for rows in asked for pk in rows.order_by().values_list("pk", flat=True)[:CANDIDATES]}


# ── what arrives by itself ──


def account_meant(name, domain="", phone=""):
    """The account, whoever may see it, that these facts mean: likely enough to be one, or of the same web domain. None without.

    For what arrives by itself: nobody is asked, and nothing of it is told to whoever sent the facts.
    """
    facts = likeness.AccountFacts(0, name, domain, phone)
    found = []
    for account in Account.objects.filter(pk__in=_account_candidates(facts)):
        like = likeness.like_accounts(facts, likeness.AccountFacts(*(getattr(account, each) for each in ACCOUNT_FACTS)))
        if like.score >= likeness.SHOWN_FROM or "same_domain" in like.reasons:
            found.append((-like.score, account.pk, account))
    return min(found, key=lambda each: each[:2])[2] if found else None


def contact_meant(name, email, phone="", account=None):
    """The contact, whoever may see them, of this very e-mail, or who beyond doubt is the same person at `account`; else None."""
    mail = email.strip().lower()
    if "@" in mail and mail.partition("@")[0] not in likeness.SHARED_MAILBOXES:
        known = Contact.objects.matching(mail).filter(email__iexact=mail).select_related("account").order_by("pk")
        if account:
            known = known.filter(account=account)
        if first := known.first():
            return first
    if account is None:
        return None
    facts = likeness.ContactFacts(0, name, mail, phone, account.pk)
    here = Contact.objects.filter(account=account).order_by("pk")
    return next(
        (each for each in here if likeness.same_person(facts, likeness.ContactFacts(*(getattr(each, f) for f in CONTACT_FACTS)))),
        None,
    )


def likely_contacts(*, facts, user):
    """[(Contact, Likeness)] of the visible contacts that the typed facts may mean, most likely first."""
    found = []
    rows = Contact.objects.visible_to(user).filter(pk__in=_contact_candidates(facts)).select_related("account")
    for contact in rows:
        result = likeness.like_contacts(facts, likeness.ContactFacts(*(getattr(contact, name) for name in CONTACT_FACTS)))
        if result.score >= LIKELY:
            found.append((contact, result))
    return sorted(found, key=lambda each: (-each[1].score, each[0].name))[:OFFERED]


def _contact_candidates(facts):
    asked = []
    if facts.words and facts.account is not None:
        asked.append(Contact.objects.filter(account_id=facts.account))
    if "@" in facts.mail:
        asked.append(Contact.objects.matching(facts.mail))
    if facts.digits:
        asked.append(Contact.objects.matching(facts.digits))
    return {pk for rows in asked for pk in rows.order_by().values_list("pk", flat=True)[:CANDIDATES]}


def hidden_account_like(*, name, domain, user):
    """The sentence about an account of this very name or domain that `user` may not see; empty when there is none."""
    twin = Account.objects.alike(name, domain).exclude(pk__in=Account.objects.visible_to(user).values("pk")).first()
    return sentence_about_hidden(twin, user) if twin else ""


def hidden_contact_like(*, email, user):
    """The sentence about a person of this very e-mail whom `user` may not see; empty when there is none."""
    if "@" not in email:
        return ""
    rows = Contact.objects.matching(email).filter(email__iexact=email.strip())
    twin = rows.exclude(pk__in=Contact.objects.visible_to(user).values("pk")).select_related("account").first()
    if twin is None:
        return ""
    if teams := teams_covering(twin.account, user.today):
        return _("This person is known, at an account covered by team %(teams)s. Ask them for access.") % {"teams": teams}
    return _("This person is known, at an account covered by nobody yet. Ask sales operations to assign it.")


def sentence_about_hidden(twin, user):
    """All that is told of an account that `user` may not see: who covers it, and whom to ask."""
    if teams := teams_covering(twin, user.today):
        return _("An account like this exists, covered by team %(teams)s. Ask them for access.") % {"teams": teams}
    return _("An account like this exists, covered by nobody yet. Ask sales operations to assign it.")


def teams_covering(account, day):
    """The names of the teams whose people cover the account on `day`, in words."""
    people = Coverage.objects.on(day).filter(account=account).values("user")
    teams = Membership.objects.on(day).filter(user__in=people).values_list("team__name", flat=True)
    return ", ".join(sorted(set(teams)))
