"""What the activity figures count: each with its definition in words, its rows, and the address that lists exactly them.

Leads live above this app: the pipeline registers them in AppConfig.ready.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncMonth, TruncWeek
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesorg.lib.addresses import list_address
from salesorg.people.models import Membership, Team
from salesorg.people.scope import below

from .models import Activity
from .models.targets import Measure


@dataclass(frozen=True)
class Counted:
    """One measure. `rows(viewer)` are those the viewer may see; `by` names their person, `on` their moment or day."""

    measure: Measure
    definition: str
    rows: Callable
    by: str
    on: str
    address: Callable  # (first day, last day, {"user": pk} or {"team": pk}) → where exactly these rows are listed
    on_is_day: bool = False

    @property
    def label(self):
        return self.measure.label


_counted = {}


def register(counted):
    """Called in AppConfig.ready."""
    _counted[counted.measure] = counted


def counted():
    """Every measure that is counted, in the order in which a seller's work goes."""
    return [_counted[measure] for measure in Measure if measure in _counted]


def count(what, viewer, people, first, until, by_month):
    """{(person id, first day of the week or month): how many} from `first` to the day before `until`."""
    zone = timezone.get_current_timezone()
    since, end = first, until
    if not what.on_is_day:
        since, end = (datetime.combine(day, time.min, zone) for day in (first, until))
    rows = what.rows(viewer).filter(**{f"{what.by}__in": people, f"{what.on}__gte": since, f"{what.on}__lt": end})
    trunc = (TruncMonth if by_month else TruncWeek)(what.on)
    found = rows.order_by().annotate(bucket=trunc).values_list(what.by, "bucket").annotate(number=Count("pk"))
    return {
        (person, bucket if what.on_is_day else timezone.localtime(bucket, zone).date()): number
        for person, bucket, number in found
    }


def members_of(team, day):
    """Ids of everybody who is in the team or in one below it on `day`."""
    teams = below([team.pk], Team.objects.only("pk", "parent_id"))
    return set(Membership.objects.on(day).filter(team__in=teams).values_list("user_id", flat=True))


def _listed(**filters):
    def address(first, last, whose):
        days = {"since": first.isoformat(), "until": last.isoformat()}
        return list_address("accounts:activity_list", filters | whose | days)

    return address


def _done(kind):
    return lambda viewer: Activity.objects.visible_to(viewer).done().filter(kind=kind)


def register_activities():
    """The measures that are activities."""
    register(
        Counted(
            Measure.CALLS,
            _("Calls that were made, by the day they were made, of the person who made them, whatever came of them."),
            _done("call"),
            "user_id",
            "done_at",
            _listed(state="done", kind="call"),
        )
    )
    register(
        Counted(
            Measure.MEETINGS,
            _(
                "Meetings, demos and proposal meetings put into a calendar, by the day they were put there, of the person in "
                "whose calendar they stand; held since, or not yet. What was only noted afterwards was not booked."
            ),
            lambda viewer: Activity.objects.visible_to(viewer).booked(),
            "user_id",
            "created_at",
            _listed(state="booked"),
        )
    )
    register(
        Counted(
            Measure.VISITS,
            _("Visits that were made, by the day they were made, of the person who made them, also where nobody was there."),
            _done("visit"),
            "user_id",
            "done_at",
            _listed(state="done", kind="visit"),
        )
    )
    register(
        Counted(
            Measure.PROPOSALS,
            _("Proposal meetings that were held, by the day they were held, of the person who held them."),
            _done("proposal_meeting"),
            "user_id",
            "done_at",
            _listed(state="done", kind="proposal_meeting"),
        )
    )


def week_of(day):
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())
