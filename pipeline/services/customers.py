"""Bringing what is known of customers up to date, and scoring their health: set by set, only differences written."""

import json

from django.db import connection, transaction

from accounts import merging
from accounts.models import Account
from pipeline.engine.health import LEAST_GAPS, PERCENTILE, health_of
from pipeline.engine.terms import months_after
from pipeline.models import Contract, CustomerFacts, HealthInput, HealthScore
from salesorg.lib.db import lock_until_commit, write
from salesorg.people.models import organisation

# What counts as a contact: somebody was met, reached or written to. A note or a task is not.
CONTACTS = ("visit", "call", "meeting", "email", "needs_analysis", "demo", "proposal_meeting")
# Renewed, cancelled and lost contracts are not to be renewed; one that has ended and is still talked about is.
GATHER = """
WITH customers AS (
    SELECT id FROM accounts_account account
    WHERE (lifecycle = 'customer' OR EXISTS (SELECT FROM pipeline_contract WHERE account_id = account.id)) AND {only}
), in_force AS (
    SELECT contract.account_id, contract.currency, sum(worth.recurring) AS recurring, count(*) AS contracts
    FROM pipeline_contract contract
    JOIN LATERAL (
        SELECT recurring FROM pipeline_contractvalue WHERE contract_id = contract.id AND from_day <= %(day)s
        ORDER BY from_day DESC, id DESC LIMIT 1
    ) worth ON true
    WHERE contract.during @> %(day)s::date AND contract.account_id IN (SELECT id FROM customers) GROUP BY 1, 2
), main AS (
    SELECT DISTINCT ON (account_id) account_id, currency, recurring, contracts,
        sum(contracts) OVER (PARTITION BY account_id) - contracts AS left_out
    FROM in_force ORDER BY account_id, (currency = %(ours)s) DESC, recurring DESC, currency
), a_year_ago AS (
    SELECT contract.account_id, contract.currency, sum(worth.recurring) AS recurring
    FROM pipeline_contract contract
    JOIN LATERAL (
        SELECT recurring FROM pipeline_contractvalue WHERE contract_id = contract.id AND from_day <= %(year_ago)s
        ORDER BY from_day DESC, id DESC LIMIT 1
    ) worth ON true
    WHERE contract.during @> %(year_ago)s::date AND contract.account_id IN (SELECT id FROM customers) GROUP BY 1, 2
), renewing AS (
    SELECT contract.account_id, min(contract.renews_on) AS renews_on
    FROM pipeline_contract contract LEFT JOIN pipeline_deal renewal ON renewal.id = contract.renewal_id
    WHERE contract.cancelled_on IS NULL AND renewal.status IS DISTINCT FROM 'lost'
        AND NOT EXISTS (SELECT FROM pipeline_contract follower WHERE follower.renews_id = contract.id)
        AND contract.account_id IN (SELECT id FROM customers) GROUP BY 1
), met AS (
    SELECT account_id, (done_at AT TIME ZONE %(zone)s)::date AS day FROM accounts_activity
    WHERE done_at <= %(moment)s AND kind = ANY(%(kinds)s) AND outcome <> 'not_there' AND account_id IN (SELECT id FROM customers)
), days AS (
    SELECT account_id, day, false AS ordered FROM met
    UNION SELECT account_id, close_date, true FROM pipeline_deal
    WHERE status = 'won' AND close_date <= %(day)s AND account_id IN (SELECT id FROM customers)
), gaps AS (
    SELECT account_id, day, day - lag(day) OVER (PARTITION BY account_id ORDER BY day) AS gap
    FROM (SELECT DISTINCT account_id, day FROM days) distinct_days
), quiet AS (
    SELECT account_id, max(day) AS last_seen_on, count(gap)::int AS gaps,
        CASE WHEN count(gap) >= %(least)s THEN percentile_disc(%(share)s) WITHIN GROUP (ORDER BY gap) END AS usual_gap
    FROM gaps GROUP BY 1
), steps AS (
    SELECT onboarding.account_id, count(*)::int AS steps_due, count(*) FILTER (WHERE step.state = 'done')::int AS steps_done
    FROM pipeline_onboarding onboarding JOIN pipeline_onboardingstep step ON step.onboarding_id = onboarding.id
    WHERE onboarding.started_on > %(year_ago)s AND step.state <> 'skipped' AND (step.due_on < %(day)s OR step.state = 'done')
        AND onboarding.account_id IN (SELECT id FROM customers) GROUP BY 1
), asked AS (
    SELECT account_id, count(*) FILTER (WHERE solved_at IS NULL OR solved_at > %(moment)s)::int AS open_tickets
    FROM pipeline_ticket WHERE opened_at <= %(moment)s AND (opened_at >= %(year_ago)s OR state <> 'solved')
        AND account_id IN (SELECT id FROM customers) GROUP BY 1
), said AS (
    SELECT DISTINCT ON (account_id) account_id, score AS satisfaction FROM pipeline_survey
    WHERE answered_at <= %(moment)s AND answered_at >= %(year_ago)s AND account_id IN (SELECT id FROM customers)
    ORDER BY account_id, answered_at DESC, id DESC
), contact AS (SELECT account_id, max(day) AS last_contact_on FROM met GROUP BY 1)
INSERT INTO pipeline_customerfacts AS facts (
    account_id, currency, recurring, recurring_before, contracts, left_out, renews_on, last_contact_on, last_seen_on,
    usual_gap, gaps, silent_from, steps_due, steps_done, open_tickets, satisfaction, lines
)
SELECT customers.id, coalesce(main.currency, a_year_ago.currency, ''), coalesce(main.recurring, 0), a_year_ago.recurring,
    coalesce(main.contracts, 0), coalesce(main.left_out, 0), renews_on, last_contact_on, last_seen_on, usual_gap,
    coalesce(gaps, 0), last_seen_on + usual_gap + 1, coalesce(steps_due, 0), coalesce(steps_done, 0), open_tickets,
    satisfaction, '[]'
FROM customers
LEFT JOIN main ON main.account_id = customers.id
LEFT JOIN a_year_ago ON a_year_ago.account_id = customers.id AND a_year_ago.currency = coalesce(main.currency, %(ours)s)
LEFT JOIN renewing ON renewing.account_id = customers.id
LEFT JOIN quiet ON quiet.account_id = customers.id
LEFT JOIN steps ON steps.account_id = customers.id
LEFT JOIN asked ON asked.account_id = customers.id
LEFT JOIN said ON said.account_id = customers.id
LEFT JOIN contact ON contact.account_id = customers.id
ON CONFLICT (account_id) DO UPDATE SET ({columns}) = ROW({excluded})
WHERE ({facts}) IS DISTINCT FROM ({excluded})
"""
COLUMNS = (
    "currency", "recurring", "recurring_before", "contracts", "left_out", "renews_on", "last_contact_on", "last_seen_on",
    "usual_gap", "gaps", "silent_from", "steps_due", "steps_done", "open_tickets", "satisfaction",
)  # fmt: skip
NO_LONGER = """
DELETE FROM pipeline_customerfacts facts WHERE {only} AND NOT EXISTS (
    SELECT FROM accounts_account account WHERE account.id = facts.account_id
    AND (lifecycle = 'customer' OR EXISTS (SELECT FROM pipeline_contract WHERE account_id = account.id))
)
"""

GONE = """
DELETE FROM pipeline_healthscore WHERE {only} AND NOT EXISTS (SELECT FROM accounts_account account WHERE account.id = account_id)
"""
SCORED = """
UPDATE pipeline_customerfacts facts SET lines = scored.lines, score = scored.score, computed_on = %s
FROM unnest(%s::bigint[], %s::jsonb[], %s::smallint[]) AS scored(account_id, lines, score)
WHERE facts.account_id = scored.account_id
"""


@transaction.atomic
def gather_customers(*, day, actor=None, accounts=None, after=0, up_to=None):
    """Bring what is known of these `accounts` (ids), or of all customers, up to the end of `day`. Returns the rows written.

    Without `accounts` of those whose id lies beyond `after`, up to and with `up_to` where one is given: the night goes part
    by part, since whoever changes a contract or ticket meanwhile waits for as long as a part takes.
    """
    lock_until_commit("pipeline.customers")  # two at once would each wait for a row of the other
    ours = organisation()
    only = "account.id > %(after)s" + (" AND account.id <= %(up_to)s" if up_to else "")
    only = only if accounts is None else "account.id = ANY(%(accounts)s)"
    sql = GATHER.format(
        only=only,
        columns=", ".join(COLUMNS),
        excluded=", ".join(f"excluded.{column}" for column in COLUMNS),
        facts=", ".join(f"facts.{column}" for column in COLUMNS),
    )
    asked = {
        "day": day, "year_ago": months_after(day, -12), "ours": ours.currency, "zone": ours.time_zone,
        "moment": ours.last_moment_of(day), "kinds": list(CONTACTS), "least": LEAST_GAPS, "share": PERCENTILE / 100,
        "accounts": list(accounts or ()), "after": after, "up_to": up_to,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        written = cursor.rowcount
        cursor.execute(NO_LONGER.format(only=only.replace("account.id", "facts.account_id")), asked)
        if accounts is None:  # scores of accounts that are gone (undone, merged away) have no constraint that takes them along
            cursor.execute(GONE.format(only=only.replace("account.id", "account_id")), asked)
    return written


def customers_cut(size):
    """[(after, up to)] of all customers, and of all who were once known to be: `size` to a part, the last one open at its end."""
    there = Account.objects.filter(lifecycle=Account.Lifecycle.CUSTOMER).order_by().values_list("pk")
    ids = there.union(Contract.objects.order_by().values_list("account"), CustomerFacts.objects.order_by().values_list("pk"))
    ends = [row[0] for row in sorted(ids)][size - 1 : -1 : size]
    return list(zip([0, *ends], [*ends, None], strict=True))


@transaction.atomic
def score_customers(*, day, actor=None, accounts=None):
    """Score the health of these `accounts` (ids), or of all customers, by what is known of them on `day`.

    A score that has changed begins a row of its own; run again on the same day it replaces that day's. Returns how many
    have changed.
    """
    inputs = [each.rule for each in HealthInput.objects.all()]
    customers = CustomerFacts.objects.all() if accounts is None else CustomerFacts.objects.filter(account__in=accounts)
    changed, moved = [], []
    for facts in customers.select_for_update().iterator(chunk_size=2_000):
        scored = health_of(inputs, values_of(facts, day))
        lines = [[line.code, line.value, line.points, line.out_of] for line in scored.lines]
        if facts.computed_on is None or scored.score != facts.score:
            moved.append(HealthScore(account_id=facts.account_id, from_day=day, score=scored.score, lines=lines))
        if (lines, scored.score, day) != (facts.lines, facts.score, facts.computed_on):
            changed.append((facts.account_id, json.dumps(lines), scored.score))
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(SCORED, [day, *map(list, zip(*changed, strict=True))])
    HealthScore.objects.bulk_create(
        moved, batch_size=2_000, update_conflicts=True, unique_fields=["account", "from_day"], update_fields=["score", "lines"]
    )
    return len(moved)


def values_of(facts, day):
    """What each input of the score is worth for a customer on `day`: {code: integer, or None when it is not known}."""
    code = HealthInput.Code
    trend = None
    if facts.recurring_before:
        trend = int((facts.recurring - facts.recurring_before) * 100 / facts.recurring_before)
    silent_for = None if facts.silent_from is None else max((day - facts.silent_from).days + 1, 0)
    return {
        code.CONTACT: None if facts.last_contact_on is None else max((day - facts.last_contact_on).days, 0),
        code.SILENCE: silent_for,
        code.ONBOARDING: facts.steps_done * 100 // facts.steps_due if facts.steps_due else None,
        code.TICKETS: facts.open_tickets,
        code.SATISFACTION: facts.satisfaction,
        code.TREND: trend,
    }


def refresh_customers(accounts, day, actor):
    """What follows from a change at these `accounts` (ids), at once: the book does not wait for the night."""
    gather_customers(day=day, accounts=accounts, actor=actor)
    score_customers(day=day, accounts=accounts, actor=actor)


@transaction.atomic
def change_input(*, record, actor, **facts):
    """Weigh an input otherwise; scores follow in the next night, past ones stay what they were."""
    return write(record, facts)


def _leave(keep, drop):
    """Merged away, a customer has no facts of its own; the next night reckons with those of the one that is kept."""
    CustomerFacts.objects.filter(account=drop).delete()
    return 0


def _leave_scores(keep, drop):
    HealthScore.objects.filter(account=drop).delete()
    return 0


merging.register("pipeline.CustomerFacts", "account", _leave)
merging.register("pipeline.HealthScore", "account", _leave_scores)
