"""Spend tiers: computed every night, in effect from one quarter to the next, and the mark of a key account above them."""

import json

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.engine.tiering import Figures, decide
from accounts.models import Account, AccountFacts, KeyAccountMark, TierPeriod, TierPolicy, tier_policy
from salesorg.lib.db import lock_until_commit, whole_tables, write
from salesorg.lib.errors import DomainError
from salesorg.lib.periods import quarter_of

BATCH = 20_000  # decisions written by one statement

WRITE_DECISIONS = """
UPDATE accounts_accountfacts facts SET computed_tier = tier, computed_why = why::jsonb, computed_on = %s
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS decided(account_id, tier, why) WHERE facts.account_id = decided.account_id
"""
BEGIN_FIRST = """
INSERT INTO accounts_tierperiod (account_id, tier, during, why)
SELECT account_id, computed_tier, daterange(%s, NULL), computed_why FROM accounts_accountfacts facts
WHERE computed_tier IS NOT NULL AND NOT EXISTS (SELECT FROM accounts_tierperiod period WHERE period.account_id = facts.account_id)
"""
CHANGE_TODAYS = """
UPDATE accounts_tierperiod period SET tier = computed_tier, why = computed_why FROM accounts_accountfacts facts
WHERE facts.account_id = period.account_id AND upper_inf(during) AND lower(during) = %s AND tier <> computed_tier
"""
END_FORMER = """
UPDATE accounts_tierperiod period SET during = daterange(lower(during), %s) FROM accounts_accountfacts facts
WHERE facts.account_id = period.account_id AND upper_inf(during) AND lower(during) < %s AND tier <> computed_tier
RETURNING period.account_id
"""
BEGIN_NEXT = """
INSERT INTO accounts_tierperiod (account_id, tier, during, why)
SELECT account_id, computed_tier, daterange(%s, NULL), computed_why FROM accounts_accountfacts WHERE account_id = ANY(%s)
"""
# A flag that came with an import, without anybody's word, counts from the night that finds it.
ADOPT_MARKS = """
INSERT INTO accounts_keyaccountmark (account_id, during, reason, marked_at)
SELECT id, daterange(%s, NULL), %s, now() FROM accounts_account account
WHERE is_key_account AND NOT EXISTS (SELECT FROM accounts_keyaccountmark mark WHERE mark.account_id = account.id)
"""
KEEP_IN_STEP = """
UPDATE accounts_account account SET tier = now.tier, is_key_account = now.is_key
FROM (
    SELECT period.account_id, mark.id IS NOT NULL AS is_key, CASE WHEN mark.id IS NULL THEN period.tier ELSE 'A' END AS tier
    FROM accounts_tierperiod period
    LEFT JOIN accounts_keyaccountmark mark ON mark.account_id = period.account_id AND mark.during @> %s::date
    WHERE period.during @> %s::date
) now
WHERE account.id = now.account_id AND (account.tier, account.is_key_account) IS DISTINCT FROM (now.tier, now.is_key)
"""


@transaction.atomic
def compute_tiers(*, day, actor=None):
    """Decide the tier by spend of every account from its facts. Returns how many decisions differ from the night before."""
    rules, written, batch = tier_policy().rules, 0, []
    columns = ("account_id", "spend", "first_order_on", "unconverted", "computed_tier", "computed_why")
    for account, spend, first, unconverted, standing, before in AccountFacts.objects.values_list(*columns).iterator(BATCH):
        decision = decide(rules, Figures(spend, first, unconverted, standing), day)
        why = {"code": decision.why, "spend": str(spend), "unconverted": unconverted}
        if (decision.tier, why) != (standing, before):
            batch.append((account, decision.tier, json.dumps(why)))
        if len(batch) == BATCH:
            written += _write_decisions(day, batch)
            batch = []
    return written + _write_decisions(day, batch)


def _write_decisions(day, batch):
    if not batch:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(WRITE_DECISIONS, [day, *(list(column) for column in zip(*batch, strict=True))])
        return cursor.rowcount


@transaction.atomic
def apply_tiers(*, day, actor=None):
    """Let computed tiers come into effect: for an account that has none at once, for all others once a quarter.

    The first run on or after the first day of a quarter does it, from its own day on: what was in effect before stays
    true. Run again on the same day it mends that day. Every night the accounts' own column is brought into step, with
    key-account marks that begin and end. Returns {what: how many}.
    """
    lock_until_commit("accounts.tiers")
    policy = tier_policy()
    is_due = policy.applied_on is None or policy.applied_on < quarter_of(day).start or policy.applied_on == day
    with whole_tables(), connection.cursor() as cursor:
        # Tiers keep their own dated history; a second copy of every night would bury what people change.
        cursor.execute("SELECT set_config('salesorg.history', 'off', true)")
        cursor.execute(BEGIN_FIRST, [day])
        changed = cursor.rowcount
        if is_due:
            cursor.execute(CHANGE_TODAYS, [day])
            cursor.execute(END_FORMER, [day, day])
            ended = [account for (account,) in cursor.fetchall()]
            cursor.execute(BEGIN_NEXT, [day, ended])
            changed += len(ended)
            TierPolicy.objects.update_or_create(pk=1, defaults={"applied_on": day})
        cursor.execute("SELECT set_config('salesorg.history', '', true)")
        cursor.execute(ADOPT_MARKS, [day, _("marked when the account was entered")])
        cursor.execute(KEEP_IN_STEP, [day, day])
    return {"tiers come into effect": changed, "accounts of another tier": cursor.rowcount}


@transaction.atomic
def change_tier_policy(*, actor, **changes):
    """Write `changes` to the policy; tonight's run decides by it, and the next quarter day brings it into effect."""
    TierPolicy.objects.get_or_create(pk=1)
    policy = TierPolicy.objects.select_for_update().get(pk=1)
    for name, value in changes.items():
        setattr(policy, name, value)
    if not policy.a_from > policy.b_from:
        raise DomainError(_("A must begin above B: give A the larger amount."), fields=["a_from"])
    if not policy.b_from > 0:
        raise DomainError(_("B must begin above nothing: everybody else is C."), fields=["b_from"])
    return write(policy, changes)


@transaction.atomic
def mark_key_account(*, account, reason, actor, until=None):
    """From today the account is served as A for its potential, `until` that day (None: until somebody ends it)."""
    if until is not None and until <= actor.today:
        raise DomainError(_("Give a day to come, or none."), fields=["until"])
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if KeyAccountMark.objects.filter(account=account).from_day(actor.today).exists():
        raise DomainError(_("%(account)s is a key account already.") % {"account": account})
    during = DateRange(actor.today, until)
    mark = KeyAccountMark.objects.create(account=account, during=during, reason=reason, marked_by=actor)
    write(account, {"is_key_account": True, "tier": Account.Tier.A})
    return mark


@transaction.atomic
def end_key_account(*, account, actor):
    """From today the account is served by its spend again."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    marks = KeyAccountMark.objects.filter(account=account).from_day(actor.today)
    if not marks.exists():
        raise DomainError(_("%(account)s is no key account any more.") % {"account": account})
    marks.end_before(actor.today)
    by_spend = TierPeriod.objects.filter(account=account).on(actor.today).first()
    return write(account, {"is_key_account": False, "tier": by_spend.tier if by_spend else Account.Tier.NEW})


def tier_on(account, day):
    """The tier in effect for `account` on `day`: A under a key-account mark, else the one by spend; None before any was."""
    if KeyAccountMark.objects.filter(account=account).on(day).exists():
        return Account.Tier.A
    return TierPeriod.objects.filter(account=account).on(day).values_list("tier", flat=True).first()
