"""What was done and what is planned at an account, as pages show it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from salesorg.lib.pagination import page_of
from salesorg.lib.templatetags.salesorg import when

from .models import Activity, Meeting

SHOWN = 20
ICONS = {
    "visit": "geo-alt",
    "call": "telephone",
    "meeting": "people",
    "email": "envelope",
    "needs_analysis": "search",
    "demo": "eye",
    "proposal_meeting": "briefcase",
    "note": "chat",
    "task": "check",
}
TONES = {"well": "good", "badly": "bad", "not_there": "warn"}


@dataclass(frozen=True)
class Timeline:
    """One stretch of what was done, newest first; `after` asks for the next one."""

    rows: list
    after: str | None


def timeline(user, account, after="", kind=""):
    """The Timeline of what the person may see was done at `account`, of every kind or of one."""
    at = Activity.objects.visible_to(user).filter(account=account)
    return _stretch(at.filter(kind=kind) if kind else at, after)


def asked_kind(request):
    """The kind of activity that ?kind= asks for; "" for all, and for what is no kind."""
    kind = request.GET.get("kind", "")
    return kind if kind in Activity.Kind.values else ""


def said_with(user, contact, after=""):
    """The Timeline of what the person may see was done together with `contact`, at whichever account."""
    # Two lists joined, not two conditions parted by OR: for that the database read every activity.
    noted = Activity.objects.filter(contact=contact).order_by().values("pk")
    met = Meeting.objects.filter(contact=contact).order_by().values("activity")
    said = Activity.objects.visible_to(user).filter(pk__in=noted.union(met))
    return _stretch(said.select_related("account"), after)


def _stretch(activities, after):
    done = activities.done().select_related("user", "contact")
    page = page_of(done, ("-done_at", "-pk"), after, size=SHOWN)
    return Timeline([dressed(activity) for activity in page.rows], page.after)


def planned(user, **where):
    """What is planned `where` (account=… or contact=…), what is due first in front."""
    rows = Activity.objects.visible_to(user).planned().filter(**where).select_related("user", "contact")
    return [dressed(activity) for activity in rows.order_by("due_on", "pk")[:SHOWN]]


def dressed(activity):
    """The activity with the icon of its kind, the tone of its outcome and its words."""
    activity.icon, activity.tone = ICONS[activity.kind], TONES.get(activity.outcome, "")
    activity.words = activity.subject or activity.get_kind_display()
    if activity.contact_id and not activity.subject:
        activity.words = _("%(kind)s with %(contact)s") % {"kind": activity.words, "contact": activity.contact}
    return activity


def clock_warning(activity):
    """What to say when the phone's clock was wrong and the time was set right; "" when it was right."""
    if activity.phone_said is None:
        return ""
    words = {"said": when(activity.phone_said), "at": when(activity.done_at)}
    return _("The phone's clock was wrong: it said %(said)s, entered is %(at)s.") % words
