"""What is to be generated: the tree of teams, who works in them, whose patch is whose, and how much of everything."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from salesorg.people.models import Team
from salesorg.people.roles import Role

from . import words


@dataclass(frozen=True, slots=True)
class TeamShape:
    key: str
    name: str
    kind: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class PersonShape:
    key: str  # the part of the e-mail address before the @
    name: str
    role: Role
    team: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class PatchShape:
    """A patch of a pod, the cities in it, and who leads it in turn: ((person, until), …); the last one until None."""

    name: str
    team: str
    leads: tuple
    cities: tuple


@dataclass(frozen=True)
class Shape:
    """An organisation to be. `history_days` is how far its past reaches back; deals crowd towards today with `recency` < 1."""

    name: str
    domain: str
    time_zone: str
    teams: tuple
    people: tuple
    patches: tuple
    accounts: int
    contacts: int
    deals: int
    activities: int
    leads: int
    history_days: int
    recency: float = 1.0
    password: str = ""
    handoffs: int = 0  # none: nobody hands over, leads have no clock and stages no exit criteria, as where people begin
    tickets: int = 0  # none: nothing is kept of what comes after the sale

    @property
    def hands_over(self):
        return self.handoffs > 0

    @property
    def keeps_customers(self):
        return self.tickets > 0

    @property
    def rows(self):
        """How many rows a progress bar counts."""
        return self.accounts + self.contacts + self.deals + self.activities + self.leads + self.handoffs + self.tickets


TIME_ZONE = "America/New_York"


def today_of(now):
    """The date at `now` where the invented organisations are."""
    return now.astimezone(ZoneInfo(TIME_ZONE)).date()


SIZES = {  # regions, pods a region, account executives a pod, accounts, contacts, deals, activities, leads, handoffs, tickets
    "small": (1, 2, 3, 600, 1_500, 3_000, 6_000, 300, 100, 300),
    "medium": (4, 5, 5, 20_000, 50_000, 100_000, 200_000, 10_000, 3_000, 10_000),
    "large": (4, 25, 6, 1_000_000, 1_000_000, 250_000, 1_000_000, 50_000, 10_000, 50_000),
}
POD = [Role.MANAGER, Role.SDR_INBOUND, Role.SDR_OUTBOUND, Role.CSM]  # one each, besides the account executives
OFFICE = {  # people of the company itself
    "small": [Role.OPERATIONS, Role.FINANCE, Role.ADMINISTRATOR],
    "medium": [Role.OPERATIONS] * 6 + [Role.FINANCE] * 4 + [Role.ADMINISTRATOR] * 2,
    "large": [Role.OPERATIONS] * 20 + [Role.FINANCE] * 10 + [Role.ADMINISTRATOR] * 6,
}


def shape_of(size):
    """The Shape of a whole sales organisation: regions with a director, pods with a manager and their sellers."""
    regions, pods, executives, accounts, contacts, deals, activities, leads, handoffs, tickets = SIZES[size]
    teams = [TeamShape("company", "Northwind", Team.Kind.COMPANY)]
    people, patches = [], []

    def hire(role, team):
        number = len(people)
        first = words.FIRST[number % len(words.FIRST)]
        last = words.LAST[number // len(words.FIRST) * 7 % len(words.LAST)]
        key = f"{first}.{last}.{number}".lower()
        people.append(PersonShape(key, f"{first} {last}", role, team))
        return key

    for region in list(words.CITIES)[:regions]:
        teams.append(TeamShape(region, region, Team.Kind.REGION, "company"))
        cities = tuple(city[0] for city in words.CITIES[region])
        hire(Role.DIRECTOR, region)
        for number in range(1, pods + 1):
            pod = f"{region} {number}"
            teams.append(TeamShape(pod, pod, Team.Kind.POD, region))
            for role in POD:
                hire(role, pod)
            for patch in range(1, executives + 1):
                patches.append(PatchShape(f"{pod}-{patch}", pod, ((hire(Role.AE, pod), None),), cities))
            if size == "medium" and number == 1:  # two hundred people, and two who only read and log
                hire(Role.INSIDE, pod)
    for role in OFFICE[size]:
        hire(role, "company")
    return Shape(
        name="Northwind",
        domain="northwind.example",
        time_zone=TIME_ZONE,
        teams=tuple(teams),
        people=tuple(people),
        patches=tuple(patches),
        accounts=accounts,
        contacts=contacts,
        deals=deals,
        activities=activities,
        leads=leads,
        handoffs=handoffs,
        tickets=tickets,
        history_days=3 * 365,
    )


def cast(today, password):
    """The Shape of the demo: the people every example speaks of, in two pods of one region."""
    left = today - timedelta(days=120)
    return Shape(
        name="Northwind",
        domain="northwind.example",
        time_zone=TIME_ZONE,
        teams=(
            TeamShape("company", "Northwind", Team.Kind.COMPANY),
            TeamShape("East", "East", Team.Kind.REGION, "company"),
            TeamShape("North", "North", Team.Kind.POD, "East"),
            TeamShape("South", "South", Team.Kind.POD, "East"),
        ),
        people=(
            PersonShape("rita", "Rita Moreno", Role.AE, "North"),
            PersonShape("sam", "Sam Keller", Role.AE, "North"),
            PersonShape("gone", "Gordon Neal", Role.AE, "North", until=left),
            PersonShape("sol", "Sol Okafor", Role.SDR_OUTBOUND, "North"),
            PersonShape("cora", "Cora Lang", Role.CSM, "North"),
            PersonShape("theo", "Theo Brandt", Role.TECHNICIAN, "North"),
            PersonShape("pia", "Pia Sato", Role.SPECIALIST, "East"),
            PersonShape("mia", "Mia Tanaka", Role.MANAGER, "North"),
            PersonShape("tom", "Tom Fischer", Role.AE, "South"),
            PersonShape("nell", "Nell Haas", Role.AE, "South"),
            PersonShape("cleo", "Cleo Park", Role.CSM, "South"),
            PersonShape("max", "Max Vogel", Role.MANAGER, "South"),
            PersonShape("dora", "Dora Silva", Role.DIRECTOR, "East"),
            PersonShape("otto", "Otto Berg", Role.OPERATIONS, "company"),
            PersonShape("fay", "Fay Chen", Role.FINANCE, "company"),
            PersonShape("ada", "Ada Walsh", Role.ADMINISTRATOR, "company"),
        ),
        patches=(
            PatchShape("Boston and the coast", "North", (("rita", None),), ("Boston", "Portland", "Manchester")),
            PatchShape("Upstate and Vermont", "North", (("sam", None),), ("Albany", "Burlington")),
            PatchShape("Connecticut and Rhode Island", "North", (("gone", left), ("rita", None)), ("Hartford", "Providence")),
            PatchShape("Georgia and Florida", "South", (("tom", None),), ("Atlanta", "Savannah", "Jacksonville")),
            PatchShape("Carolinas", "South", (("nell", None),), ("Charlotte", "Raleigh", "Charleston")),
        ),
        accounts=62,
        contacts=140,
        deals=160,
        activities=420,
        leads=24,
        history_days=395,
        recency=0.45,
        password=password,
    )
