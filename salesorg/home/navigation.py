"""The navigation: one table says which places there are, who has a use for each, and by which keys."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from salesorg.lib.addresses import path_of
from salesorg.people.roles import Action, only_helps, only_keeps, only_qualifies

EVERYONE = ()


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: shown to whoever may take one of the actions `needs`.

    `keys` follow a `g` (go to): one letter, and none where all are taken. `phone` orders the bar at the bottom of a phone; 0 is
    not on it.
    """

    label: str
    url_name: str
    icon: str
    needs: tuple[Action, ...] = EVERYONE
    keys: str = ""
    phone: int = 0
    query: str = ""  # of the view that it opens with
    counts: str = ""  # what of the person stands beside it as a number (people.querysets.beside_the_person)
    count: int = 0
    holds: tuple[str, ...] = ()  # pages that lie in it though their addresses do not

    def is_for(self, user):
        """True when `user` has a use for the place."""
        return not self.needs or any(user.may(action) for action in self.needs)

    @property
    def path(self):
        return path_of(self.url_name)

    @property
    def paths(self):
        """The addresses below which this place is the current one."""
        return [self.path, *(path_of(name) for name in self.holds)]

    @property
    def url(self):
        return f"{self.path}?{self.query}" if self.query else self.path


GROUPS = (
    (
        _("Work"),
        (
            Place(_("Today"), "home:today", "house", keys="t", phone=1),
            Place(
                _("Calendar"),
                "accounts:calendar",
                "calendar-week",
                (Action.LOG_ACTIVITY,),
                keys="k",
                holds=(
                    "accounts:reminders",
                    "accounts:activity_list",
                    "accounts:plan_new",
                    "accounts:not_visited_list",
                    "pipeline:sprint",
                ),
            ),
            Place(_("Board"), "pipeline:board", "kanban", (Action.EDIT_DEALS,), keys="b", phone=2),
            Place(_("Deals"), "pipeline:deal_list", "briefcase", (Action.READ_RECORDS,), keys="d", phone=4),
            Place(
                _("Proposals"),
                "pipeline:proposal_list",
                "file-earmark-text",
                (Action.READ_RECORDS,),
                holds=(
                    "pipeline:product_list",
                    "pipeline:price_list_list",
                    "pipeline:stock_list",
                    "pipeline:order_list",
                    "pipeline:invoice_list",
                ),
            ),
            Place(_("Invoices"), "pipeline:invoice_list", "receipt-cutoff", (Action.RECORD_INVOICES,)),
            Place(
                _("Handoffs"),
                "pipeline:handoff_inbox",
                "arrow-left-right",
                (Action.READ_RECORDS,),
                keys="n",
                counts="handoffs_waiting",
            ),
            Place(
                _("Leads"),
                "pipeline:lead_list",
                "funnel",
                (Action.READ_RECORDS,),
                keys="f",
                holds=("pipeline:lead_queue", "pipeline:prospect_lists"),
            ),
            Place(
                _("Book"),
                "pipeline:customer_list",
                "journal-check",
                (Action.KEEP_CUSTOMERS,),
                keys="g",
                holds=("pipeline:contract_list", "pipeline:onboarding_list", "pipeline:ticket_list", "pipeline:survey_list"),
            ),
            Place(_("Accounts"), "accounts:account_list", "building", (Action.READ_RECORDS,), keys="a", phone=3),
        ),
    ),
    (
        _("In the field"),
        (
            Place(_("Vehicle log"), "accounts:vehicle_log", "car-front", (Action.LOG_ACTIVITY, Action.SEE_ALL_PAY), keys="x"),
            Place(
                _("Documents"),
                "accounts:document_list",
                "files",
                (Action.READ_RECORDS,),
                keys="j",
                holds=("accounts:printed_list",),
            ),
            Place(_("Competitors"), "accounts:sighting_list", "eye", (Action.READ_RECORDS,), keys="m"),
        ),
    ),
    (
        _("Figures"),
        (
            Place(
                _("Pipeline review"),
                "pipeline:review",
                "bar-chart",
                (Action.REVIEW_PIPELINE,),
                keys="r",
                holds=("pipeline:override_list",),
            ),
            Place(
                _("Tiers"),
                "accounts:tier_list",
                "bar-chart-steps",
                (Action.REVIEW_PIPELINE, Action.REASSIGN),
                keys="i",
                holds=("accounts:cadence_list",),
            ),
            Place(
                _("Activity figures"),
                "accounts:activity_figures",
                "graph-up",
                (Action.LOG_ACTIVITY,),
                keys="w",
                holds=("accounts:target_list",),
            ),
            Place(_("Attainment"), "commissions:attainment", "bullseye", (Action.SEE_TEAM_ATTAINMENT,), keys="q"),
            Place(_("Pay"), "commissions:statement_list", "receipt", (Action.SEE_OWN_PAY,), keys="y", phone=6),
        ),
    ),
    (
        _("Organisation"),
        (
            Place(_("Territories"), "territories:territory_list", "map", (Action.REASSIGN,), keys="o"),
            Place(_("Duplicates"), "accounts:duplicate_list", "intersect", (Action.MERGE,), keys="v"),
            Place(_("People"), "people:people", "people", (Action.SEE_PEOPLE,), keys="p", phone=5),
            Place(_("Pipelines"), "pipeline:pipeline_list", "signpost-split", (Action.EDIT_PIPELINES,), keys="z"),
            Place(_("Teams"), "people:teams", "diagram-3", (Action.REASSIGN, Action.EDIT_PEOPLE), keys="e"),
        ),
    ),
    (
        _("System"),
        (
            Place(_("Runs"), "home:runs", "arrow-repeat", (Action.SEE_RUNS,), keys="u"),
            Place(_("Changes"), "audit:change_list", "clock-history", (Action.READ_AUDIT,), keys="c"),
            Place(_("Health"), "home:health", "heart-pulse", (Action.EDIT_SETTINGS,), keys="h"),
            Place(_("Settings"), "home:settings", "gear", (Action.EDIT_SETTINGS,), keys="s"),
        ),
    ),
)

# For whoever only finds and qualifies: the queue is where their day is, on a phone too.
FOR_QUALIFIERS = {
    "pipeline:board": {"phone": 0},
    "pipeline:lead_list": {
        "url_name": "pipeline:lead_queue",
        "phone": 2,
        "holds": ("pipeline:lead_list", "pipeline:prospect_lists"),
    },
}
# For whoever only looks after customers: the book takes the place of the board on a phone.
FOR_KEEPERS = {"pipeline:board": {"phone": 0}, "pipeline:customer_list": {"phone": 2}}

# For whoever only helps, inside sellers and technicians: tickets and orders have places of their own, on a phone before deals.
FOR_HELPERS = {
    "pipeline:deal_list": {"phone": 0},
    "pipeline:proposal_list": {"holds": ("pipeline:product_list", "pipeline:price_list_list", "pipeline:stock_list")},
}
HELPERS_PLACES = (
    Place(_("Tickets"), "pipeline:ticket_list", "chat", keys="g", phone=2),
    Place(_("Orders"), "pipeline:order_list", "cart", (Action.TAKE_ORDERS,), phone=4, holds=("pipeline:invoice_list",)),
)

# The large button in the middle of the phone's bar.
LOG = Place(_("Log a visit"), "accounts:visit_log", "plus-lg", (Action.LOG_ACTIVITY,), keys="l")


def groups_for(user):
    """The groups of places for this person, as (label, places), empty groups left out."""
    first = {view["page"]: view["query"] for view in user.kept_views if view["default"]}
    (work, places), *others = GROUPS
    groups = [(work, (*places, *HELPERS_PLACES) if only_helps(user) else places), *others]
    shown = [(label, [_of(place, user, first) for place in places if place.is_for(user)]) for label, places in groups]
    pins = [Place(view["name"], view["page"], "table", query=view["query"]) for view in user.kept_views if view["pinned"]]
    if pins and user.may(Action.READ_RECORDS):
        shown.insert(1, (_("Views"), pins))
    return [group for group in shown if group[1]]


def _of(place, user, first):
    """The place as this person has it: with the view it opens with, and the number beside it."""
    if only_qualifies(user):
        place = replace(place, **FOR_QUALIFIERS.get(place.url_name, {}))
    if only_keeps(user):
        place = replace(place, **FOR_KEEPERS.get(place.url_name, {}))
    if only_helps(user):
        place = replace(place, **FOR_HELPERS.get(place.url_name, {}))
    count = getattr(user, place.counts, 0) if place.counts else 0
    return replace(place, query=first.get(place.url_name, ""), count=count)


def phone_places(groups):
    """The three places a phone shows beside Log and the button for the rest."""
    places = [place for _label, group in groups for place in group if place.phone]
    return sorted(places, key=lambda place: place.phone)[:3]


def current_place(groups, path, query=""):
    """The place whose page, or a page below it, is shown; the longest address wins, so that the board is not "Deals".

    A place of its own wins over one that only holds the page, and a view over its page when it is the very one that is shown.
    """
    places = [place for _label, group in groups for place in group]
    if query and (exact := [place for place in places if (place.path, place.query) == (path, query)]):
        return exact[-1]
    below = [
        (len(at), at == place.paths[0], place)
        for place in places
        for at in place.paths
        if path == at or (at != "/" and path.startswith(at))
    ]
    return max(below, key=lambda found: found[:2], default=(0, False, None))[2]
