"""What falls due while somebody is away: it goes to whoever stands in, else it is planned for the first day back."""

from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Activity, CadencePlan
from salesorg.lib.db import write
from salesorg.lib.working_time import first_day
from salesorg.people.models import User
from salesorg.people.roles import Action
from salesorg.people.working import calendars_of, stand_in_of


class Place(NamedTuple):
    """Whose a plan is, on which day, and what it says of that."""

    user: int
    day: date
    subject: str = ""


class Cover:
    """Who does what falls due for `people` (ids) from `day` on: asked once for all, and again only about those who are away."""

    def __init__(self, people, day):
        self.users = User.objects.in_bulk(list(people))
        self.calendars = calendars_of(self.users.values(), since=day)
        self._stand_ins = {}

    def away(self):
        """Ids of those who are absent on some day."""
        return [pk for pk, calendar in self.calendars.items() if calendar.away]

    def place(self, user, account, due_on):
        """The Place of what is due for `user` at `account` (ids): theirs, unless they are away that day."""
        calendar = self.calendars[user]
        if due_on not in calendar.away:
            return Place(user, due_on)
        stand_in = self._stand_in(user, due_on)
        if stand_in is not None and Account.objects.visible_to(stand_in).filter(pk=account).exists():
            return Place(stand_in.pk, due_on, _("For %(name)s, who is away") % {"name": self.users[user]})
        return Place(user, first_day(calendar, due_on) or due_on)

    def _stand_in(self, user, day):
        if (user, day) not in self._stand_ins:
            found = stand_in_of(self.users[user], day)
            self._stand_ins[user, day] = found if found is not None and found.may(Action.LOG_ACTIVITY) else None
        return self._stand_ins[user, day]


@transaction.atomic
def pass_on_plans(*, people, first, last, actor):
    """Pass on what cadences have planned from `first` to `last` for those of `people` (ids) who are away. Returns how many.

    What has an hour of its own was agreed with the customer: that stays, for people to move.
    """
    cover = Cover(people, first)
    if not (away := cover.away()):
        return 0
    by_cadence = CadencePlan.objects.filter(activity__user__in=away, activity__done_at=None).values("activity")
    plans = Activity.objects.planned().filter(pk__in=by_cadence, due_on__range=(first, last), starts_at=None)
    passed_on = 0
    for activity in plans.order_by("pk").select_for_update():
        place = cover.place(activity.user_id, activity.account_id, activity.due_on)
        if (place.user, place.day) != (activity.user_id, activity.due_on):
            write(activity, {"user_id": place.user, "due_on": place.day, "subject": activity.subject or place.subject})
            passed_on += 1
    return passed_on
