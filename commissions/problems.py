"""What keeps somebody from being paid, in sentences that say what to do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SENTENCES = {
    "no_plan": gettext_noop("%(person)s has credits in %(month)s and no pay plan: assign one."),
    "no_quota": gettext_noop("%(person)s has credits in %(month)s and no quota, which the plan needs: set one."),
    "other_currency": gettext_noop(
        "%(person)s is credited in %(month)s in another currency than the plan's, and there are no rates."
    ),
    "quota_currency": gettext_noop("The quota of %(person)s for %(month)s is in another currency than the plan."),
}


def sentence(code, person, month):
    """The problem `code` of the engine for a person and a month (date)."""
    return _(SENTENCES[code]) % {"person": person, "month": f"{month:%Y-%m}"}
