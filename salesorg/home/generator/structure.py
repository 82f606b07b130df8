"""Writes the organisation itself: settings, teams, people, and the territory plan with its seats."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import CoverageLine
from salesorg.people.models import Membership, Organisation, Team, User
from salesorg.people.roles import Role
from territories.models import Force
from territories.services import create_force, create_plan, create_territory, open_seat


class Structure:
    """Who works where: `people` {key: User}, `role_of` {id: Role}, `patches` {name: Territory}, `books` {pod: the CSM's}."""

    def __init__(self, shape, start):
        self.shape, self.start = shape, start
        Organisation.objects.update_or_create(
            pk=1, defaults={"name": shape.name, "time_zone": shape.time_zone, "currency": "USD"}
        )
        self.teams = {}
        for team in shape.teams:
            shared = Team.Visibility.TEAM if team.kind == Team.Kind.POD else Team.Visibility.OWN
            self.teams[team.key] = Team.objects.create(
                name=team.name,
                kind=team.kind,
                parent=self.teams.get(team.parent),
                account_visibility=shared,
                deal_visibility=shared,
            )
        self.people = self._people()
        self.role_of = {self.people[person.key].pk: person.role for person in shape.people}
        self._territories()
        self._leave()

    def _people(self):
        # One hash for all: a demo password is known anyway, and hashing takes a quarter of a second each.
        password = make_password(self.shape.password or None)
        users = [
            User(
                email=f"{person.key}@{self.shape.domain}",
                name=person.name,
                time_zone=self.shape.time_zone,
                started_on=self.start,
                ended_on=person.until and person.until - timedelta(days=1),
                password=password,
            )
            for person in self.shape.people
        ]
        User.objects.bulk_create(users)
        Membership.objects.bulk_create(
            Membership(user=user, team=self.teams[person.team], role=person.role, during=DateRange(self.start, person.until))
            for user, person in zip(users, self.shape.people, strict=True)
        )
        return {person.key: user for person, user in zip(self.shape.people, users, strict=True)}

    def _territories(self):
        """Regions, pods and patches for account executives; a book per CSM for customer success."""
        plan = create_plan(name="Territories", active_from=self.start, actor=None)
        line = {line.code: line for line in CoverageLine.objects.all()}
        self.sales = create_force(
            plan=plan,
            name="Account executives",
            division=Force.Division.GEOGRAPHIC,
            line=line[CoverageLine.NEW_BUSINESS],
            roles=[Role.AE],
            actor=None,
        )
        self.success = create_force(
            plan=plan,
            name="Customer success",
            division=Force.Division.GEOGRAPHIC,
            line=line[CoverageLine.CUSTOMER_SUCCESS],
            roles=[Role.CSM],
            actor=None,
        )
        made = {}
        for team in self.shape.teams[1:]:
            made[team.key] = create_territory(force=self.sales, name=team.name, parent=made.get(team.parent), actor=None)
        self.patches = {}
        for patch in self.shape.patches:
            territory = create_territory(force=self.sales, name=patch.name, parent=made[patch.team], actor=None)
            since = self.start
            for key, until in patch.leads:
                self._seat(territory, Role.AE, self.people[key], since, until)
                since = until
            self.patches[patch.name] = territory
        self.books = {}
        for person in self.shape.people:
            if person.role == Role.CSM:
                book = create_territory(force=self.success, name=f"Customers of {person.team}", actor=None)
                self._seat(book, Role.CSM, self.people[person.key], self.start, None)
                self.books.setdefault(person.team, book)

    def _leave(self):
        """Whoever left is gone only now: a seat is given to people who work here."""
        left = [user for user in self.people.values() if user.ended_on]
        for user in left:
            user.is_active = False
        User.objects.bulk_update(left, ["is_active"])

    @staticmethod
    def _seat(territory, role, user, since, until):
        open_seat(territory=territory, role=role, user=user, from_day=since, until=until, actor=None)

    def sdrs(self):
        """{team: the ids of its SDRs}."""
        roles = (Role.SDR_INBOUND, Role.SDR_OUTBOUND)
        return {team.key: [user.pk for role in roles for user in self.of_team(team.key, role)] for team in self.shape.teams}

    def of_team(self, team, role):
        """The people of `team` in `role`."""
        return [self.people[person.key] for person in self.shape.people if (person.team, person.role) == (team, role)]
