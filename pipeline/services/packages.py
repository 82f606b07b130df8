"""What a handoff between two roles must bring: the version in force, and changing it."""

from django.db import transaction
from django.utils.translation import gettext as _

from pipeline.engine.handoffs import MOST_FIELDS, unfit
from pipeline.frameworks import CONTACT_HOURS, DECIDE_HOURS, DISQUALIFY_DAYS, usual
from pipeline.models import Package, PackageVersion
from salesorg.lib.errors import DomainError


def package_between(giver_role, taker_role):
    """The PackageVersion in force between two roles; not yet stored where only the ready-made one is there."""
    found = PackageVersion.objects.filter(package__giver_role=giver_role, package__taker_role=taker_role)
    return found.select_related("package").order_by("-number").first() or ready_made(giver_role, taker_role)


def ready_made(giver_role, taker_role):
    """The version with which a pair of roles begins; it is stored with the first handoff, or when somebody changes it."""
    framework = usual(giver_role, taker_role)
    return PackageVersion(
        package=Package(giver_role=giver_role, taker_role=taker_role),
        number=1,
        framework=framework.code,
        questions=[each.stored() for each in framework.fields()],
        reasons=framework.reasons(),
        decide_hours=DECIDE_HOURS,
        contact_hours=CONTACT_HOURS,
        disqualify_days=DISQUALIFY_DAYS,
    )


def stored_package(giver_role, taker_role):
    """The version in force, stored now if it was only ready-made: what is offered points at it and never changes."""
    found = package_between(giver_role, taker_role)
    if found.pk is None:
        package, _is_new = Package.objects.get_or_create(giver_role=giver_role, taker_role=taker_role)
        facts = {name: getattr(found, name) for name in CONTENTS}
        found, _is_new = PackageVersion.objects.get_or_create(package=package, number=1, defaults=facts)
    return found


CONTENTS = ("framework", "questions", "reasons", "decide_hours", "contact_hours", "disqualify_days")


@transaction.atomic
def change_package(*, giver_role, taker_role, fields, reasons, clocks, actor, framework="", seen=None):
    """From now on a handoff between the roles asks for `fields` (handoffs.Field); what is offered keeps its own.

    `clocks` are decide_hours, contact_hours and disqualify_days; `seen` the number of the version that was on the screen.
    Returns the PackageVersion, the one in force when nothing has changed. Raises DomainError for questions that cannot be asked.
    """
    if wrong := unfit(fields):
        words = {"names": ", ".join(wrong)}
        raise DomainError(_("Cannot be asked: %(names)s. Each needs a name of its own, a choice its answers.") % words)
    if not fields or len(fields) > MOST_FIELDS:
        raise DomainError(_("Ask for at least one thing, and at most %(most)d.") % {"most": MOST_FIELDS})
    if not reasons:
        raise DomainError(_("Give at least one reason for a return."), fields=["reasons"])
    package, _is_new = Package.objects.get_or_create(giver_role=giver_role, taker_role=taker_role)
    Package.objects.select_for_update().get(pk=package.pk)
    now = package_between(giver_role, taker_role)
    if seen is not None and now.pk and seen != now.number:
        raise DomainError(_("Somebody has changed this package meanwhile. Look at it again before you save yours."))
    facts = {"framework": framework, "questions": [each.stored() for each in fields], "reasons": list(reasons), **clocks}
    if now.pk and all(getattr(now, name) == facts[name] for name in CONTENTS):
        return now
    return PackageVersion.objects.create(package=package, number=now.number + 1 if now.pk else 1, **facts)
