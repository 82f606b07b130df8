"""The states of a handoff, who may take which step, and what a package must hold. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

OFFERED, ACCEPTED, RETURNED, WITHDRAWN = "offered", "accepted", "returned", "withdrawn"
CHALLENGED, DISQUALIFIED = "challenged", "disqualified"
ACCEPT, RETURN, WITHDRAW, PASS_ON = "accept", "return", "withdraw", "pass_on"
CHALLENGE, UPHOLD, DISQUALIFY = "challenge", "uphold", "disqualify"

# (state, step) → state. A return exists only before acceptance: afterwards there is but a challenge, which a manager decides.
STEPS = MappingProxyType(
    {
        (OFFERED, ACCEPT): ACCEPTED,
        (OFFERED, RETURN): RETURNED,
        (OFFERED, WITHDRAW): WITHDRAWN,
        (OFFERED, PASS_ON): OFFERED,
        (ACCEPTED, CHALLENGE): CHALLENGED,
        (CHALLENGED, UPHOLD): ACCEPTED,
        (CHALLENGED, DISQUALIFY): DISQUALIFIED,
    }
)
# Who takes a step: the giver, the taker, or one who leads the taker ("leader"). Nobody judges what they have given or taken.
TAKEN_BY = MappingProxyType(
    {
        ACCEPT: frozenset({"taker"}),
        RETURN: frozenset({"taker"}),
        WITHDRAW: frozenset({"giver", "leader"}),
        PASS_ON: frozenset({"taker", "leader"}),
        CHALLENGE: frozenset({"taker"}),
        UPHOLD: frozenset({"leader"}),
        DISQUALIFY: frozenset({"leader"}),
    }
)
JUDGING = frozenset({UPHOLD, DISQUALIFY})
CREDITED = frozenset({ACCEPTED, CHALLENGED})  # the states on which the giver's credit stands


def after(state, step):
    """The state that `step` leads to, None where it is not possible."""
    return STEPS.get((state, step))


def may_take(step, parts):
    """Whether somebody who is `parts` of a handoff (giver, taker, leader) takes `step`."""
    if step in JUDGING and "giver" in parts:
        return False
    return not TAKEN_BY[step].isdisjoint(parts)


def steps_for(state, parts):
    """The steps that are open in `state` to somebody with these `parts`, in the order of the table."""
    return [step for (at, step) in STEPS if at == state and may_take(step, parts)]


# ── packages ──

KINDS = ("text", "long", "choice", "yes", "date", "number")
LONGEST = MappingProxyType({"text": 300, "long": 5000})  # characters
MOST_FIELDS = 30
LARGEST = Decimal(10) ** 15
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a package. `choices` are those of the kind "choice"."""

    key: str
    label: str
    kind: str = "text"
    required: bool = True
    help: str = ""
    choices: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored):
        """The Field from its stored dict."""
        return cls(**{**stored, "choices": tuple(stored.get("choices", ()))})

    def stored(self):
        """As JSON takes it."""
        return {name: getattr(self, name) for name in ("key", "label", "kind", "required", "help")} | {
            "choices": list(self.choices)
        }


def unfit(fields):
    """The labels of fields that cannot be asked: of no kind, a choice of nothing, a key twice or none."""
    seen, wrong = set(), []
    for each in fields:
        named = each.key and each.key not in seen and each.label.strip()
        if not named or each.kind not in KINDS or (each.kind == "choice") != bool(each.choices):
            wrong.append(each.label)
        seen.add(each.key)
    return wrong


def missing(fields, answers):
    """The fields that are required and not answered, in the order they are asked."""
    return [each for each in fields if each.required and answers.get(each.key) in (None, "", False)]


def unreadable(fields, answers):
    """The fields whose answer is not of their kind, or too long to be one."""
    return [each for each in fields if answers.get(each.key) not in (None, "") and not _readable(each, answers[each.key])]


def _readable(field, answer):
    if field.kind == "yes":
        return isinstance(answer, bool)
    if not isinstance(answer, str) or "\x00" in answer:
        return False
    if field.kind == "choice":
        return answer in field.choices
    if field.kind in LONGEST:
        return len(answer) <= LONGEST[field.kind]
    return _is_day(answer) if field.kind == "date" else _is_number(answer)


def _is_day(answer):
    try:
        return FIRST_DAY <= date.fromisoformat(answer) <= LAST_DAY
    except ValueError:
        return False


def _is_number(answer):
    try:
        number = Decimal(answer[:40])
    except InvalidOperation:
        return False
    return len(answer) < 40 and number.is_finite() and abs(number) <= LARGEST


def kept(fields, answers):
    """The answers to these fields alone, in their order; what is empty or was not asked is left out."""
    return {each.key: answers[each.key] for each in fields if answers.get(each.key) not in (None, "", False)}
