"""What is expected next at an account, for the suggestion after a visit. Apps above add what they know of it."""

from dataclasses import replace

from django.utils.translation import gettext as _

from accounts.engine.suggestions import Facts, suggest

from .models import Activity, ContactDue

_deal_steps = []


def register_deal_step(find):
    """Called in AppConfig.ready: `find(user, account)` answers (what, day) of the next step due soonest there, or None."""
    _deal_steps.append(find)


def facts(user, account):
    """The Facts known to this person of the account (None: none)."""
    if account is None:
        return Facts()
    rhythm = ContactDue.objects.visible_to(user).filter(account=account, kind=Activity.Kind.VISIT)
    known = Facts(cadence=rhythm.values_list("every_days", flat=True).first())
    for find in _deal_steps:
        if step := find(user, account):
            known = replace(known, deal_step=step[0], deal_step_on=step[1])
    return known


def suggestions(user, account):
    """One suggestion for each outcome, "" for none yet: {outcome, kind, label, on, subject, why} as the form shows them."""
    known = facts(user, account)
    labels = dict(Activity.Kind.choices)
    reasons = {
        "not_there": _("nobody was there"),
        "deal": _("next step of the deal"),
        "badly": _("soon, to mend it"),
        "cadence": _("the account's rhythm"),
        "usual": "",
    }
    found = [(outcome, suggest(outcome, known, user.today)) for outcome in Activity.Outcome.values]
    return [
        {
            "outcome": outcome,
            "kind": each.kind,
            "label": labels[each.kind],
            "on": each.on,
            "subject": each.subject,
            "why": reasons[each.why],
        }
        for outcome, each in found
    ]
