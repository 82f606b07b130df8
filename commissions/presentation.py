"""What a statement's snapshot says, in major units and words, for its page."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from pipeline.models import Deal, DealMember
from salesorg.lib.money import from_minor
from salesorg.people.roles import Role

from .curve import curve_of
from .engine import plan_of
from .problems import sentence

WHOLE = Decimal(DealMember.WHOLE)


@dataclass
class Block:
    """A component on the page."""

    name: str
    amount: Decimal
    credited: Decimal
    tiers: list
    lines: list
    curve: object  # commissions.curve.Curve; None where deals are rated one by one
    missing: Decimal | None  # won value to the next tier
    next_rate: object


def components_of(statement, user):
    """The components of `statement` as Blocks; a line says whether `user` may open its deal."""
    snapshot = statement.snapshot
    plan = plan_of(snapshot["plan"]["components"]) if snapshot["plan"] else None
    rules = {component.key: component for component in plan.components} if plan else {}
    opened = visible_deals(statement, user)
    return [_block(data, rules.get(data["key"]), statement, opened) for data in snapshot["components"]]


def visible_deals(statement, user):
    """Ids of the deals in the snapshot that `user` may open; of the others the snapshot's facts are all there is to see."""
    snapshot = statement.snapshot
    named = {line["deal"] for block in snapshot["components"] for line in block["lines"]}
    named |= {line["deal"] for line in snapshot["adjustments"]}
    return set(Deal.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True))


def _block(data, rule, statement, opened):
    currency = statement.currency
    quota = statement.snapshot["quotas"].get(data["measure"])
    drawn = rule and rule.unit == "period" and (quota or rule.thresholds == "amount")
    curve = curve_of(rule, quota if rule.thresholds == "quota" else None, data["credited"]) if drawn else None
    return Block(
        name=data["name"],
        amount=from_minor(data["amount"], currency),
        credited=from_minor(data["credited"], currency),
        tiers=_tiers(data["tiers"], currency),
        lines=[line_of(line, currency, opened, data["tiers"]) for line in data["lines"]],
        curve=curve,
        missing=from_minor(curve.missing, currency) if curve and curve.missing is not None else None,
        next_rate=_rate(curve.next_rate) if curve and curve.next_rate is not None else None,
    )


def _tiers(tiers, currency):
    out = []
    for tier, following in zip(tiers, [*tiers[1:], None], strict=True):
        out.append(
            {
                "start": from_minor(tier["start"], currency),
                "end": from_minor(following["start"], currency) if following else None,
                "rate": Decimal(tier["rate"]) / tier["denominator"],
                "credited": from_minor(tier["credited"], currency) if "credited" in tier else None,
                "amount": from_minor(tier["amount"], currency) if "amount" in tier else None,
            }
        )
    return out


def line_of(line, currency, opened, tiers=()):
    """A line or adjustment of a snapshot for the page."""
    rates = [Decimal(tier["rate"]) / tier["denominator"] for tier in tiers]
    return {
        **line,
        "on": date.fromisoformat(line["on"]),
        "may_open": line["deal"] in opened,
        "role": Role(line["role"]).label,
        "share": line["share"] / WHOLE,
        "is_split": line["share"] != WHOLE,
        "credited": from_minor(line["credited"], currency),
        "amount": from_minor(line["amount"], currency),
        "rate": rates[line["tier"]] if rates and "tier" in line else None,
        "legs": [
            {
                "rate": rates[leg["tier"]],
                "credited": from_minor(leg["credited"], currency),
                "amount": from_minor(leg["amount"], currency),
            }
            for leg in line.get("legs", [])
        ],
        "earned": date.fromisoformat(line["earned"]) if "earned" in line else None,
    }


def adjustments_of(statement, user):
    opened = visible_deals(statement, user)
    return [line_of(line, statement.currency, opened) for line in statement.snapshot["adjustments"]]


def problems_of(statement):
    """The statement's problems in sentences, each once."""
    found = {
        problem["code"]: sentence(problem["code"], statement.user.name, statement.period.start)
        for problem in statement.snapshot["problems"]
    }
    return list(found.values())


def formula_of(block):
    """How a component's sum comes about, in one line of words."""
    parts = [
        _("%(credited)s × %(rate)s") % {"credited": f"{tier['credited']:,.2f}", "rate": f"{(tier['rate'] * 100).normalize():f} %"}
        for tier in block.tiers
        if tier["credited"]
    ]
    return " + ".join(parts)


def _rate(fraction):
    return Decimal(fraction.numerator) / fraction.denominator
