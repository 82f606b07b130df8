"""The columns of the lists of accounts, contacts and activities, and what their cells hold."""

from django.db.models import Max
from django.template.defaultfilters import truncatechars
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.querysets.accounts import known_employees, known_potential, known_revenue
from accounts.selections.accounts import names_of_coverers
from salesorg.lib.addresses import address
from salesorg.lib.lists import Column, Listing, RowAction, displayed, link, or_nothing, pill, toned
from salesorg.lib.templatetags.salesorg import due, figure, icon, money, person, when
from salesorg.people.roles import Action

from .models import Account, Activity, Contact
from .timeline import ICONS, TONES

LIFECYCLE_TONES = {"customer": "good", "prospect": "info"}


def account_link(url_name, pk, name):
    return link(address(url_name, pk), name)


def place_words(account):
    return ", ".join(part for part in (account.city, account.country) if part)


# ── accounts ──


def account_name(account, facts):
    name = account_link("accounts:account_detail", account.pk, account.name)
    return name + mark_safe(" ") + pill(_("Key"), "accent") if account.is_key_account else name


def covered_by(account, facts):
    """The first who covers it, and how many more, their names on hover."""
    names = facts["covered"].get(account.pk)
    if not names:
        return toned(_("nobody"), "warn")
    if len(names) == 1:
        return person(names[0])
    others = ", ".join(names[1:])
    more = format_html(
        '<span class="muted" title="{0}"><span aria-hidden="true">+{1}</span><span class="visually-hidden">{0}</span></span>',
        others,
        len(names) - 1,
    )
    return format_html('<div class="line">{}{}</div>', person(names[0]), more)


def last_contact(account, facts):
    last = facts["last"].get(account.pk)
    return when(last) if last else toned(_("never"), "faint")


ACCOUNT_COLUMNS = (
    Column("name", _lazy("Account"), account_name, order="name"),
    Column("place", _lazy("Place"), lambda account, _: place_words(account), "short", minor=True),
    Column(
        "lifecycle",
        _lazy("Lifecycle"),
        lambda account, facts: pill(facts["lifecycles"][account.lifecycle], LIFECYCLE_TONES.get(account.lifecycle, "")),
    ),
    Column("tier", _lazy("Tier"), lambda account, facts: facts["tiers"][account.tier], minor=True),
    Column("industry", _lazy("Industry"), lambda account, _: or_nothing(account.industry), minor=True),
    Column("covered", _lazy("Covered by"), covered_by, "short", minor=True),
    Column("last", _lazy("Last contact"), last_contact),
    Column("domain", _lazy("Web domain"), lambda account, _: or_nothing(account.domain), minor=True, default=False),
    Column("phone", _lazy("Phone"), lambda account, _: or_nothing(account.phone), minor=True, default=False),
    Column(
        "employees",
        _lazy("Employees"),
        lambda account, _: figure(account.employees),
        "number",
        minor=True,
        default=False,
        order=known_employees(),
        falling=True,
    ),
    Column(
        "revenue",
        _lazy("Yearly revenue"),
        lambda account, facts: money(account.annual_revenue, facts["currency"]),
        "number",
        minor=True,
        default=False,
        order=known_revenue(),
        falling=True,
        unit="currency",
    ),
    Column(
        "potential",
        _lazy("Potential a year"),
        lambda account, facts: money(account.potential, facts["currency"]),
        "number",
        minor=True,
        default=False,
        order=known_potential(),
        falling=True,
        unit="currency",
    ),
    Column(
        "added",
        _lazy("Added"),
        lambda account, _: when(account.created_at),
        minor=True,
        default=False,
        order="pk",
        falling=True,
    ),
)


LOG = RowAction("accounts:visit_log", "plus-lg", _lazy("Log at %(name)s"), _lazy("Log"), query="account")
EDIT = RowAction("accounts:account_edit", "pencil", _lazy("Edit %(name)s"), _lazy("Edit (E)"), edits=True)


def account_listing(selection):
    may_log, may_edit = (selection.user.may(action) for action in (Action.LOG_ACTIVITY, Action.EDIT_ACCOUNTS))
    return Listing(
        "accounts",
        ACCOUNT_COLUMNS,
        selection,
        order="name",
        page_name="accounts:account_list",
        pick=may_edit,
        actions=[action for action, may in ((LOG, may_log), (EDIT, may_edit)) if may],
    )


def account_facts(listing, accounts, user):
    """What the cells of these accounts need besides the accounts; read only for the columns shown."""
    ids, shown = [account.pk for account in accounts], {column.name for column in listing.shown}
    facts = {
        "currency": user.organisation.currency,
        "lifecycles": displayed(Account.Lifecycle),
        "tiers": displayed(Account.Tier),
    }
    if "covered" in shown:
        facts["covered"] = names_of_coverers(ids, user)
    if "last" in shown:
        done = Activity.objects.visible_to(user).done().filter(account__in=ids)
        facts["last"] = dict(done.order_by().values_list("account_id").annotate(Max("done_at")))
    return facts


# ── contacts ──


def contact_name(contact, facts):
    name = account_link("accounts:contact_detail", contact.pk, contact.name)
    if contact.left_on:
        return name + mark_safe(" ") + pill(_("left"))
    return name + mark_safe(" ") + pill(_("do not contact"), "bad") if contact.do_not_contact else name


CONTACT_COLUMNS = (
    Column("name", _lazy("Name"), contact_name, order="name"),
    Column(
        "account",
        _lazy("Account"),
        lambda contact, _: account_link("accounts:account_detail", contact.account_id, contact.account.name),
    ),
    Column("position", _lazy("Position"), lambda contact, _: or_nothing(contact.position), minor=True),
    Column("role", _lazy("Role in the decision"), lambda contact, facts: facts["roles"][contact.decision_role], minor=True),
    Column("email", _lazy("E-mail"), lambda contact, _: or_nothing(contact.email_to_write_to), minor=True),
    Column("phone", _lazy("Phone"), lambda contact, _: or_nothing(contact.phone_to_call), minor=True),
    Column(
        "added",
        _lazy("Added"),
        lambda contact, _: when(contact.created_at),
        minor=True,
        default=False,
        order="pk",
        falling=True,
    ),
)


CONTACT_ROW = (
    *("name", "position", "decision_role", "email", "phone", "created_at", "account__name"),
    *("do_not_contact", "refuses_email", "refuses_phone", "left_on"),
)


EDIT_CONTACT = RowAction("accounts:contact_edit", "pencil", _lazy("Edit %(name)s"), _lazy("Edit (E)"), edits=True)


def contact_listing(selection):
    actions = (EDIT_CONTACT,) if selection.user.may(Action.EDIT_ACCOUNTS) else ()
    return Listing("contacts", CONTACT_COLUMNS, selection, order="name", page_name="accounts:contact_list", actions=actions)


def contact_facts():
    return {"roles": displayed(Contact.DecisionRole)}


# ── activities ──


def what(activity, facts):
    words = truncatechars(activity.words, 60)
    if not activity.is_done and facts["may_log"]:
        words = link(address("accounts:plan_edit", activity.pk), words)
    return format_html("{} {}", icon(ICONS[activity.kind], "", "faint"), words)


def outcome(activity, facts):
    if activity.outcome:
        return toned(facts["outcomes"][activity.outcome], TONES.get(activity.outcome, ""))
    if not activity.is_done and facts["may_log"]:
        return link(address("accounts:activity_complete", activity.pk), _("Done…"))
    return ""


ACTIVITY_COLUMNS = (
    Column(
        "account",
        _lazy("Account"),
        lambda activity, _: account_link("accounts:account_detail", activity.account_id, activity.account.name),
    ),
    Column("what", _lazy("What"), what),
    Column("outcome", _lazy("Outcome"), outcome, minor=True),
    Column("note", _lazy("Note"), lambda activity, _: truncatechars(activity.note, 60), minor=True),
    Column("user", _lazy("By"), lambda activity, _: person(activity.user.name), minor=True),
    Column(
        "contact",
        _lazy("Met"),
        lambda activity, _: activity.contact.name if activity.contact else "",
        minor=True,
        default=False,
    ),
)
# By the state that is looked at: what was done has a moment, what is planned a day.
DONE = Column("when", _lazy("When"), lambda activity, _: when(activity.done_at), order="done_at", falling=True)
DUE = Column("when", _lazy("When"), lambda activity, _: due(activity.due_on), order="due_on")


def activity_listing(selection):
    last = DONE if selection.get("state") == "done" else DUE
    return Listing("activities", (*ACTIVITY_COLUMNS, last), selection, order="when", page_name="accounts:activity_list")
