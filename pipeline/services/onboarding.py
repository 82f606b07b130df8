"""Onboarding: playbooks, beginning one for a customer, and closing its steps."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Coverage
from pipeline.models import Onboarding, OnboardingStep, Playbook, PlaybookStep
from salesorg.lib.db import lock_until_commit, write
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation
from salesorg.people.roles import Role
from salesorg.people.services.leaving import hold_colleague

STATE = OnboardingStep.State
MOST_STEPS = 40


@transaction.atomic
def save_playbook(*, record, steps, actor, **facts):
    """Keep a playbook with `steps` (name, role, day, is_required). Onboardings that run keep theirs. Returns the Playbook."""
    if not steps or len(steps) > MOST_STEPS:
        raise DomainError(_("Give at least one step, and at most %(most)d.") % {"most": MOST_STEPS})
    for name, value in facts.items():
        setattr(record, name, value)
    record.save(update_fields=list(facts) if record.pk else None)
    record.steps.all().delete()
    for each in steps:
        PlaybookStep.objects.create(playbook=record, **each)
    return record


@transaction.atomic
def start_onboarding(*, account, playbook, owner, actor, starts_on, deal=None):
    """Bring `account` on by `playbook` from `starts_on`, led by `owner`. Returns the Onboarding.

    A step goes to who covers the account in its role, else to the owner. Begun for a deal already, that one is returned.
    Raises DomainError for a playbook without steps, and while one of the same name runs there.
    """
    hold_colleague(owner, field="owner")
    lock_until_commit(f"pipeline.onboarding {account.pk}")  # two who begin it at once would each find none
    if deal is not None and (there := Onboarding.objects.filter(deal=deal).first()):
        return there
    steps = list(playbook.steps.all())
    if not steps:
        raise DomainError(_("“%(playbook)s” has no steps. Ask sales operations to fill it.") % {"playbook": playbook})
    if Onboarding.objects.open().filter(account=account, name=playbook.name).exists():
        raise DomainError(_("“%(playbook)s” runs here already.") % {"playbook": playbook}, fields=["playbook"])
    covering = Coverage.objects.on(organisation().today()).filter(account=account, user__is_active=True).order_by("-pk")
    by_role = {each.role: each.user for each in covering.select_related("user")} | {Role.CSM: owner}
    onboarding = Onboarding.objects.create(account=account, deal=deal, name=playbook.name, owner=owner, started_on=starts_on)
    for each in steps:
        facts = {"name": each.name, "is_required": each.is_required, "due_on": starts_on + timedelta(days=each.day)}
        OnboardingStep.objects.create(onboarding=onboarding, owner=by_role.get(each.role, owner), **facts)
    return onboarding


def begin_with_handoff(handoff, taker, today):
    """The playbook that begins with the handoff of a won deal begins, on the day that was promised when that lies ahead."""
    playbook = Playbook.objects.filter(with_handoff=True, steps__isnull=False).first()
    account = handoff.deal.account
    if playbook is None or account is None or not handoff.is_after_sale or handoff.taker_role != Role.CSM:
        return
    if Onboarding.objects.open().filter(account=account, name=playbook.name).exists():
        return  # a second deal of a customer who is being brought on
    starts_on = max(_day(handoff.answers.get("start_on")) or today, today)
    start_onboarding(account=account, playbook=playbook, owner=taker, starts_on=starts_on, deal=handoff.deal, actor=taker)


def _day(text):
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


@transaction.atomic
def close_step(*, step, actor, reason="", today=None):
    """The step is done, or skipped for a `reason`. With the last one the onboarding is finished. Returns the step."""
    onboarding, step = _locked(step)
    if not step.is_open:
        return step  # clicked twice
    today = today or organisation().today()
    state = STATE.SKIPPED if reason.strip() else STATE.DONE
    write(step, {"state": state, "closed_on": today, "closed_by": actor, "reason": reason.strip()})
    if not onboarding.steps.filter(state=STATE.OPEN).exists():
        write(onboarding, {"ended_on": today})
    return step


@transaction.atomic
def reopen_step(*, step, actor):
    """What was closed is to be done after all."""
    onboarding, step = _locked(step)
    write(step, {"state": STATE.OPEN, "closed_on": None, "closed_by": None, "reason": ""})
    if onboarding.ended_on is not None:
        write(onboarding, {"ended_on": None})
    return step


@transaction.atomic
def change_step(*, step, owner, due_on, actor):
    """Another person or day for a step that is open."""
    _onboarding, step = _locked(step)
    if not step.is_open:
        raise DomainError(_("This step is closed: open it again first."))
    if owner.pk != step.owner_id:
        hold_colleague(owner, field="owner")
    return write(step, {"owner": owner, "due_on": due_on})


def _locked(step):
    """(onboarding, step) as they are now: who closes two steps at once finishes the onboarding once."""
    onboarding = Onboarding.objects.select_for_update().get(pk=step.onboarding_id)
    step = OnboardingStep.objects.select_for_update().get(pk=step.pk)
    return onboarding, step


# ── what passes to a colleague when somebody leaves ──


def count_steps(user, on):
    return OnboardingStep.objects.filter(owner=user, state=STATE.OPEN).count()


def transfer_steps(*, from_user, to_user, on, actor):
    """`to_user` does the open steps of `from_user`, and leads what they led. Returns how many steps."""
    for each in Onboarding.objects.open().filter(owner=from_user):
        write(each, {"owner": to_user})
    return OnboardingStep.objects.filter(owner=from_user, state=STATE.OPEN).update(owner=to_user)
