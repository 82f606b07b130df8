"""Whose accounts wait for a visit or call for too long: read from the address of the list, applied to ContactDue."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import CadenceKind, ContactDue
from accounts.querysets.accounts import covered_by
from accounts.selections.accounts import choice, one_of
from salesorg.lib.selection import Selection
from salesorg.people.models import Membership, Team, User
from salesorg.people.scope import below

LONGEST = 3650  # days without a visit that can be asked for


class DueSelection(Selection):
    """Whose accounts, and by what they count as late: their cadence, or so many days."""

    kind = choice(CadenceKind.choices, label=_lazy("What"))
    days = forms.IntegerField(required=False, min_value=1, max_value=LONGEST, label=_lazy("Days"))
    whose = choice([("mine", ""), ("all", "")])
    by = one_of(User, "people:person_lookup", label=_lazy("Covered by"))
    team = one_of(Team, "people:team_lookup", label=_lazy("Team"))

    @property
    def order(self):
        return ("seen_on" if self.get("days") else "due_on", "pk")

    def rows(self):
        """The visible rows of ContactDue that are late, the latest first by `order`."""
        today = self.user.today
        rows = ContactDue.objects.visible_to(self.user).filter(kind=self.get("kind"))
        if people := self.people():
            rows = rows.filter(covered_by("account_id", people, today))
        if days := self.get("days"):
            return rows.filter(seen_on__lt=today - timedelta(days=days)).exclude(account__lifecycle="former")
        return rows.filter(every_days__isnull=False, due_on__lt=today)

    def people(self):
        """Ids of those whose accounts are asked for; None for everybody's."""
        if person := self.get("by"):
            return [person.pk]
        if team := self.get("team"):
            teams = below([team.pk], Team.objects.only("pk", "parent_id"))
            return list(Membership.objects.on(self.user.today).filter(team__in=teams).values_list("user_id", flat=True)) or [0]
        return [self.user.pk] if self.get("whose") == "mine" else None
