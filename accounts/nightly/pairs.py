"""The nightly search for accounts and contacts that are there twice, in parts that any number of workers share."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from accounts.models import AccountPair, ContactPair
from accounts.services.duplicates import RULES, find_pairs, look_again, slices_of_names
from salesorg.jobs.runs import register_due, register_step
from salesorg.people.models import organisation

JOB = "duplicates"
CHUNK = 5_000  # stored pairs that one part looks at again
PAIRS = {"accounts": AccountPair, "contacts": ContactPair}


def register():
    """Called once in AppConfig.ready."""
    register_step(job=JOB, order=10, name=_("Known pairs looked at again"), parts=known_parts, work=look_at_known)
    register_step(job=JOB, order=20, name=_("New pairs looked for"), parts=rule_parts, work=look_for_new)
    register_due(JOB, night_due)


def night_due(now: datetime):
    """The night that is due in the organisation's time zone: today's date once its hour has come, else None."""
    ours = organisation()
    local = now.astimezone(ZoneInfo(ours.time_zone))
    return local.date().isoformat() if local.hour >= ours.nightly_hour else None


def known_parts(run):
    for what, model in PAIRS.items():
        ids = list(model.objects.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            yield f"{what} {chunk[0]}–{chunk[-1]}", {"what": what, "first": chunk[0], "last": chunk[-1]}


def look_at_known(run, payload):
    rows = PAIRS[payload["what"]].objects.filter(pk__range=(payload["first"], payload["last"]))
    return look_again(what=payload["what"], ids=list(rows.values_list("pk", flat=True)))


def rule_parts(run):
    for what, rules in RULES.items():
        for rule in rules:
            yield f"{what}: {rule}", {"what": what, "rule": rule}
    slices = slices_of_names()
    for part in range(slices):
        yield f"accounts: misspelt names {part + 1} of {slices}", {
            "what": "accounts", "rule": "slip", "slice": part, "slices": slices,
        }  # fmt: skip


def look_for_new(run, payload):
    return find_pairs(**payload)
