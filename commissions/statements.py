"""Statements: what a person is paid for a month, line by line, with everything needed to compute it again.

Lines and totals are what the ledger holds; the engine adds how each line came about (where it lies on the pay curve).
A draft is written only when its inputs changed, which their hash tells.
"""

import hashlib
import json
from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from pipeline.models import Deal

from . import engine
from .gather import gather
from .models import Credit, LedgerEntry, PlanAssignment, Statement
from .posting import lock_payees


@transaction.atomic
def draft_statements(*, period, payees, run_id=None):
    """Bring the drafts of `payees` (ids) for the open `period` up to date. Returns counts.

    Nobody without a plan, credits or postings in the month gets a statement.
    """
    lock_payees(payees)
    statements = statements_of(period, payees)
    known = {
        (statement.user_id, statement.currency): statement
        for statement in Statement.objects.filter(period=period, user_id__in=payees).only("user", "currency", "inputs_hash")
    }
    changed = [
        statement
        for statement in statements
        if (old := known.get((statement.user_id, statement.currency))) is None or old.inputs_hash != statement.inputs_hash
    ]
    for statement in changed:
        statement.run_id = run_id
    Statement.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["user", "period", "currency"],
        update_fields=["total", "credited", "quota", "snapshot", "inputs_hash", "run_id", "computed_at"],
        batch_size=500,
    )
    return {"statements": len(statements), "statements written": len(changed)}


def statements_of(period, payees):
    """Unsaved Statements of `payees` for `period` as the ledger stands now."""
    world = gather(payees=payees, days=period.days)
    entries = _entries_posted_in(period, payees)
    facts = _facts(period, payees, entries)
    out = []
    for payee in sorted(payees):
        group = world.groups.get((payee, period.start))
        currencies = {entry.currency for entry in entries[payee]}
        if group:
            currencies |= {group.version.currency} if group.version else {credit.currency for credit in group.credits}
        currencies |= facts.drafted[payee]
        out.extend(_statement(payee, period, currency, group, world, entries[payee], facts) for currency in sorted(currencies))
    return out


class _Facts:
    """What a statement tells about credits beyond their amount: deal, account, date, share and role."""

    def __init__(self, credits, deals, drafted):
        self.credits, self.deals, self.drafted = credits, deals, drafted

    def of(self, credit_id):
        credit = self.credits[credit_id]
        name, account = self.deals.get(credit.deal_id, ("", None))
        return {
            "credit": credit.pk,
            "deal": credit.deal_id,
            "name": name,
            "account": account or "",
            "on": credit.on.isoformat(),
            "share": credit.share,
            "role": credit.role,
            "credited": credit.amount,
            "reverses": credit.reverses_id,
        }


def _entries_posted_in(period, payees):
    found = defaultdict(list)
    rows = LedgerEntry.objects.filter(payee_id__in=payees, period_posted=period).select_related("period_earned").order_by("pk")
    for entry in rows:
        found[entry.payee_id].append(entry)
    return found


def _facts(period, payees, entries):
    corrected = {entry.credit_id for mine in entries.values() for entry in mine}
    credits = {credit.pk: credit for credit in Credit.objects.filter(payee_id__in=payees).earned_in(period.days)}
    credits.update(Credit.objects.in_bulk(list(corrected - set(credits))))
    deals = {credit.deal_id for credit in credits.values()}
    named = {
        pk: (name, account) for pk, name, account in Deal.objects.filter(pk__in=deals).values_list("pk", "name", "account__name")
    }
    drafted = defaultdict(set)
    for user, currency in Statement.objects.filter(period=period, user_id__in=payees).values_list("user_id", "currency"):
        drafted[user].add(currency)
    return _Facts(credits, named, drafted)


def _statement(payee, period, currency, group, world, entries, facts):
    entries = [entry for entry in entries if entry.currency == currency]
    version = group.version if group and group.version and group.version.currency == currency else None
    result = group.earn(world.plans) if group and (version or group.version is None) else engine.Earnings((), ())
    credits = [credit for credit in (group.credits if group else ()) if credit.currency == currency]
    quota = group.quotas.get("revenue") if group else None
    quota = quota.amount if quota and quota.currency == currency else None
    own = defaultdict(int)  # (component, credit) → posted for this month in this month
    for entry in entries:
        if entry.period_earned_id == period.pk:
            own[entry.component, entry.credit_id] += entry.amount
    plan = world.plans[version.pk] if version else None
    credited = sum(credit.amount for credit in credits if credit.measure == "revenue")
    snapshot = {
        "plan": _plan_facts(version),
        "quotas": {measure: each.amount for measure, each in sorted(group.quotas.items())} if group else {},
        "components": _components(plan, group, result, credits, own, facts),
        "adjustments": [_adjustment(entry, facts) for entry in entries if entry.period_earned_id != period.pk],
        "problems": [{"code": each.code, "component": each.component, "credit": each.credit_id} for each in result.problems],
    }
    inputs = json.dumps([snapshot, [entry.pk for entry in entries], quota], sort_keys=True).encode()
    return Statement(
        user_id=payee,
        period=period,
        currency=currency,
        total=sum(entry.amount for entry in entries),
        credited=credited,
        quota=quota,
        snapshot=snapshot,
        inputs_hash=hashlib.sha256(inputs).hexdigest(),
        computed_at=timezone.now(),
    )


def _plan_facts(version):
    if version is None:
        return None
    return {"id": version.pk, "name": version.name, "number": version.number, "components": version.components}


def _components(plan, group, result, credits, own, facts):
    """One block per component of the plan, and one for each component that only the ledger still knows."""
    lines = {(line.component, line.credit_id): line for line in result.lines}
    by_key = {component.key: component for component in plan.components} if plan else {}
    forgotten = sorted({key for (key, _credit), amount in own.items() if amount and key not in by_key})
    out = []
    for key in [*by_key, *forgotten]:
        component = by_key.get(key)
        counted = [credit for credit in credits if (component and credit.measure == component.measure) or (key, credit.id) in own]
        quota = group.quotas.get(component.measure) if component and component.thresholds == "quota" else None
        block = {
            "key": key,
            "name": component.name if component else key,
            "measure": component.measure if component else None,
            "credited": sum(credit.amount for credit in counted),
            "amount": sum(own.get((key, credit.id), 0) for credit in counted),
            "tiers": _tiers(component, quota, counted) if component and (quota or component.thresholds == "amount") else [],
            "lines": [
                {
                    **facts.of(credit.id),
                    "amount": own.get((key, credit.id), 0),
                    **_way(component, quota, lines.get((key, credit.id))),
                }
                for credit in counted
            ],
        }
        out.append(block)
    return out


def _way(component, quota, line):
    """How a line came about: where it lies on the curve and, where it spans tiers, what each of them pays."""
    if line is None:
        return {}
    way = {"before": line.before, "after": line.after}
    amount = quota.amount if quota else None
    parts = defaultdict(lambda: [0, 0])
    for sign, total in ((1, line.after), (-1, line.before)):
        for leg in engine.legs(component, amount, total):
            parts[leg.tier][0] += sign * leg.credited
            parts[leg.tier][1] += sign * leg.amount
    parts = {tier: part for tier, part in parts.items() if any(part)}
    if len(parts) > 1:
        way["legs"] = [{"tier": tier, "credited": int(part[0]), "amount": part[1]} for tier, part in sorted(parts.items())]
    elif parts:
        way["tier"] = next(iter(parts))
    return way


def _tiers(component, quota, credits):
    """Each tier with its start in money and, where the month is rated as a whole, what it pays so far."""
    amount = quota.amount if quota else None
    paid = {}
    if component.unit == "period":
        paid = {leg.tier: leg for leg in engine.legs(component, amount, sum(credit.amount for credit in credits))}
    tiers = []
    for number, tier in enumerate(component.tiers):
        start = tier.start * amount // component.denominator if quota else tier.start
        row = {"start": start, "rate": tier.rate, "denominator": component.denominator}
        if component.unit == "period":
            leg = paid.get(number)
            row |= {"credited": int(leg.credited) if leg else 0, "amount": leg.amount if leg else 0}
        tiers.append(row)
    return tiers


def _adjustment(entry, facts):
    return {
        **facts.of(entry.credit_id),
        "entry": entry.pk,
        "earned": entry.period_earned.start.isoformat(),
        "component": entry.component,
        "amount": entry.amount,
        "corrects": entry.corrects_id,
    }


def payees_of(period):
    """Ids of everybody who may have a statement in `period`."""
    found = set(Credit.objects.earned_in(period.days).values_list("payee_id", flat=True))
    found |= set(PlanAssignment.objects.on(period.start).values_list("user_id", flat=True))
    found |= set(LedgerEntry.objects.filter(period_posted=period).values_list("payee_id", flat=True))
    found |= set(Statement.objects.filter(period=period).values_list("user_id", flat=True))
    return sorted(found)
