"""The command menu: what can be gone to, created or done from any page, each with its keys."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesorg.home.navigation import LOG, Place, groups_for
from salesorg.people.roles import Action

CREATE = (
    LOG,
    Place(gettext_lazy("Plan a visit or call"), "accounts:plan_new", "plus-lg", (Action.LOG_ACTIVITY,), keys="n p"),
    Place(gettext_lazy("Enter a trip"), "accounts:trip_new", "car-front", (Action.LOG_ACTIVITY,), keys="n t"),
    Place(gettext_lazy("New deal"), "pipeline:deal_new", "plus-lg", (Action.EDIT_DEALS,), keys="n d"),
    Place(gettext_lazy("New account"), "accounts:account_new", "plus-lg", (Action.EDIT_ACCOUNTS,), keys="n a"),
    Place(
        gettext_lazy("Import a file"), "accounts:import_new", "upload", (Action.EDIT_ACCOUNTS, Action.LOG_ACTIVITY), keys="n i"
    ),
)
PAY = (
    Place(gettext_lazy("Months of pay"), "commissions:period_list", "receipt", (Action.SEE_ALL_PAY,)),
    Place(gettext_lazy("Quotas"), "commissions:quota_list", "bullseye", (Action.EDIT_QUOTAS,)),
    Place(gettext_lazy("Pay plans"), "commissions:plan_list", "receipt", (Action.SEE_OWN_PAY,)),
)
FIELD = (
    Place(gettext_lazy("Not visited for too long"), "accounts:not_visited_list", "geo-alt", (Action.LOG_ACTIVITY,)),
    Place(gettext_lazy("Pins to correct"), "accounts:pin_list", "geo-alt", (Action.EDIT_ACCOUNTS,)),
    Place(gettext_lazy("Targets for visits and calls"), "accounts:target_list", "bullseye", (Action.SET_TARGETS,)),
    Place(gettext_lazy("How often customers are visited"), "accounts:cadence_list", "arrow-repeat", (Action.EDIT_CADENCES,)),
)
ACTIVITIES = Place(gettext_lazy("Activities"), "accounts:activity_list", "calendar-check", (Action.READ_RECORDS,))
OWN = (Place(gettext_lazy("My sign-ins"), "people:sessions", "shield-lock"),)


def commands_for(user):
    """Every command that works on any page for this person, in the order shown: dicts for the menu's JSON."""
    places = [place for _label, group in groups_for(user) for place in group]
    return [
        *(command(_("Create"), place, place.keys) for place in CREATE if place.is_for(user)),
        *(command(_("Go to"), place, f"g {place.keys}" if place.keys else "") for place in places),
        *(command(_("Go to"), place, "") for place in (ACTIVITIES, *FIELD, *PAY, *OWN) if place.is_for(user)),
    ]


def command(group, place, keys):
    return {"group": group, "label": str(place.label), "url": place.url, "icon": place.icon, "keys": keys}
