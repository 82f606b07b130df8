"""What the activity figures count: each with its definition in words, its rows, and the address that lists exactly them.

Leads live above this app: the pipeline registers them in AppConfig.ready.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, DateField, F, Value
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
    """One measure. `rows(viewer)` are those the viewer may see; `by` names their person, `on` their moment or day.

    Measures of the same rows, each of one `kind` of them, are counted together.
    """

    measure: Measure
    definition: str
    rows: Callable
    by: str
    on: str
    address: Callable  # (first day, last day, {"user": pk} or {"team": pk}) → where exactly these rows are listed
    on_is_day: bool = False
    kind: str = ""

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


def count_all(viewer, people, first, until, by_month):
    """{measure: {(person id, first day of the week or month): how many}} from `first` to the day before `until`."""
    found = {what.measure: {} for what in counted()}
    alike = {}
    for what in counted():
        alike.setdefault((what.rows, what.by, what.on, what.on_is_day), []).append(what)
    for (source, by, on, on_is_day), measures in alike.items():
        named = {what.kind: found[what.measure] for what in measures}
        rows = _in_time(source(viewer).filter(**{f"{by}__in": people}), on, on_is_day, first, until)
        if any(named):
            rows = rows.filter(kind__in=named)
        trunc = (TruncMonth if by_month else TruncWeek)(on, output_field=DateField())
        rows = rows.order_by().annotate(bucket=trunc, of_kind=F("kind") if any(named) else Value(""))
        for person, bucket, of_kind, number in rows.values_list(by, "bucket", "of_kind").annotate(number=Count("pk")):
            named[of_kind][person, bucket] = number
    return found


def _in_time(rows, on, on_is_day, first, until):
    since, end = first, until
    if not on_is_day:
        zone = timezone.get_current_timezone()
        since, end = (datetime.combine(day, time.min, zone) for day in (first, until))
    return rows.filter(**{f"{on}__gte": since, f"{on}__lt": end})


def members_of(team, day):
    """Ids of everybody who is in the team or in one below it on `day`."""
    teams = below([team.pk], Team.objects.only("pk", "parent_id"))
    return set(Membership.objects.on(day).filter(team__in=teams).values_list("user_id", flat=True))


def _listed(**filters):
    def address(first, last, whose):
        days = {"since": first.isoformat(), "until": last.isoformat()}
        return list_address("accounts:activity_list", filters | whose | days)

    return address


def _done(viewer):
    return Activity.objects.visible_to(viewer).done()


def register_activities():
    """The measures that are activities."""
    register(
        Counted(
            Measure.CALLS,
            _("Calls that were made, by the day they were made, of the person who made them, whatever came of them."),
            _done,
            "user_id",
            "done_at",
            _listed(state="done", kind="call"),
            kind="call",
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
            _done,
            "user_id",
            "done_at",
            _listed(state="done", kind="visit"),
            kind="visit",
        )
    )
    register(
        Counted(
            Measure.PROPOSALS,
            _("Proposal meetings that were held, by the day they were held, of the person who held them."),
            _done,
            "user_id",
            "done_at",
            _listed(state="done", kind="proposal_meeting"),
            kind="proposal_meeting",
        )
    )


def week_of(day):
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())
