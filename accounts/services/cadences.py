"""How often accounts are contacted: setting cadences with their dates, and planning each night what falls due."""

import uuid
from datetime import timedelta

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, Exists, Max, OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts.models import Activity, Cadence, CadencePlan, Contact, ContactDue, Coverage
from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation

from .standing_in import Cover

LOCK = "accounts.cadences"  # two who end the same one at once would each make it end before it began
PLANNING = "accounts.plans by cadence"  # two that plan the same people at once would each see nothing planned
AHEAD = timedelta(days=7)  # what falls due within a week is planned, so that a week can be laid out
MOST_OPEN = 20  # plans of cadences that one person has open: beyond it more would be noise; the most overdue come first
MANY = 1_000  # rows changed at once, after which the planner has to look again
NAMES = uuid.UUID("6d3f7b1e-5f0f-4d0e-9a55-2f6b2a8e9c11")  # of the plans' client ids: the same plan has the same id


@transaction.atomic
def set_cadence(*, kind, every_days, from_day, actor, tier="", account=None):
    """From `from_day` customers of `tier`, or `account` instead of its tier, come every so many days; None: not at all.

    What held before keeps its past. Raises DomainError without a tier or account.
    """
    if bool(tier) == (account is not None):
        raise DomainError(_("Say for which tier or account."), fields=["tier"])
    lock_until_commit(LOCK)
    about = Cadence.objects.filter(kind=kind, tier=tier, account=account)
    about.end_before(from_day)
    cadence = Cadence.objects.create(
        kind=kind, tier=tier, account=account, every_days=every_days, during=DateRange(from_day, None)
    )
    refresh_due(day=actor.today, account=account)
    return cadence


@transaction.atomic
def end_cadence(*, account, kind, from_day, actor):
    """From `from_day` the account follows its tier again. Returns whether it had a cadence of its own."""
    lock_until_commit(LOCK)
    about = Cadence.objects.filter(kind=kind, account=account)
    had = about.from_day(from_day).exists()
    about.end_before(from_day)
    refresh_due(day=actor.today, account=account)
    return had


# Customers follow their tier; a cadence of the account's own goes before it, for prospects too; former customers have none.
REFRESH = """
UPDATE accounts_contactdue due SET every_days = wanted.every_days
FROM (
    SELECT due.id, CASE
        WHEN account.lifecycle = 'former' THEN NULL
        WHEN own.id IS NOT NULL THEN own.every_days
        WHEN account.lifecycle = 'customer' THEN tier.every_days
    END AS every_days
    FROM accounts_contactdue due
    JOIN accounts_account account ON account.id = due.account_id
    LEFT JOIN accounts_cadence own
        ON own.account_id = due.account_id AND own.kind = due.kind AND own.during @> %(day)s::date
    LEFT JOIN accounts_cadence tier
        ON tier.account_id IS NULL AND tier.tier = account.tier AND tier.kind = due.kind AND tier.during @> %(day)s::date
    WHERE %(account)s::bigint IS NULL OR due.account_id = %(account)s
) wanted
WHERE due.id = wanted.id AND due.every_days IS DISTINCT FROM wanted.every_days
"""


def put_right_after_undo():
    """A cadence taken back holds no longer: ContactDue follows at once, not only in the night."""
    refresh_due(day=organisation().today())


def refresh_due(*, day, account=None):
    """Write into ContactDue how often each account (or this one) is to be contacted on `day`. Returns how many rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, {"day": day, "account": account and account.pk})
        changed = cursor.rowcount
        if changed > MANY:  # statistics of before say that nothing is due, and the list of a rep took two seconds
            cursor.execute("ANALYZE accounts_contactdue")
        return changed


def first_contacts(day):
    """Ids of everybody who is the first contact of some account on `day`, in order."""
    covering = Coverage.objects.on(day).filter(is_first_contact=True, user__is_active=True)
    return list(covering.order_by("user_id").values_list("user_id", flat=True).distinct())


@transaction.atomic
def plan_by_cadence(*, people, day, actor):
    """Plan what falls due until AHEAD after `day` for these people (ids). Run again it plans nothing more. Returns how many.

    Whoever is away on that day is stood in for, or does it on the first day back (services.standing_in). One open plan per
    account and kind; cancelled, it is not planned again before the cadence comes round once more. Nothing
    where every known contact has asked not to be contacted.
    """
    lock_until_commit(PLANNING)
    covering = Coverage.objects.on(day).filter(is_first_contact=True, user_id__in=people).order_by("-role", "-pk")
    # An account with several first contacts has one plan, of whoever comes first.
    owners = dict(covering.values_list("account_id", "user_id"))
    wanted = [(row.account_id, row.kind, due_on) for row in _falling_due(owners, day) if (due_on := _due_on(row, day))]
    plans = {
        uuid.uuid5(NAMES, f"{account} {kind} {due_on}"): CadencePlan(account_id=account, kind=kind, due_on=due_on)
        for account, kind, due_on in wanted
    }
    for name in _planned_before(plans):
        del plans[name]
    cover = Cover(people, day)
    places = {name: cover.place(owners[plan.account_id], plan.account_id, plan.due_on) for name, plan in plans.items()}
    room, rows = _room({place.user for place in places.values()}), []
    for name, place in places.items():
        if room[place.user] > 0:
            room[place.user] -= 1
            facts = {"account_id": plans[name].account_id, "kind": plans[name].kind, "subject": place.subject}
            rows.append(Activity(client_id=name, user_id=place.user, due_on=place.day, **facts))
    for activity in Activity.objects.bulk_create(rows):
        plans[activity.client_id].activity = activity
    CadencePlan.objects.bulk_create(plan for plan in plans.values() if plan.activity_id)
    return len(rows)


def _due_on(row, day):
    """For when the row of _falling_due is planned; None when that is not within AHEAD."""
    due_on = max(row.due_on, row.planned_on + timedelta(days=row.every_days)) if row.planned_on else row.due_on
    return max(due_on, day) if due_on <= day + AHEAD else None


def _planned_before(plans):
    """The names of those plans ({name: CadencePlan}) that were made already, whatever has become of them."""
    accounts = {plan.account_id for plan in plans.values()}
    made = CadencePlan.objects.filter(account__in=accounts, due_on__in={plan.due_on for plan in plans.values()})
    made = set(made.values_list("account_id", "kind", "due_on"))
    stored = set(Activity.objects.filter(client_id__in=plans).values_list("client_id", flat=True))
    return [name for name, plan in plans.items() if name in stored or (plan.account_id, plan.kind, plan.due_on) in made]


def _room(people):
    """How many more plans each person may be given."""
    open_plans = CadencePlan.objects.filter(activity__done_at=None, activity__user_id__in=people)
    used = dict(open_plans.order_by().values_list("activity__user_id").annotate(Count("pk")))
    return {person: MOST_OPEN - used.get(person, 0) for person in people}


def _falling_due(owners, day):
    """Rows of ContactDue of these accounts that are due and neither planned nor unwanted, the most overdue first."""
    due = ContactDue.objects.filter(account_id__in=list(owners), due_on__lte=day + AHEAD)
    open_already = Activity.objects.planned().filter(account=OuterRef("account"), kind=OuterRef("kind"))
    contacts = Contact.objects.filter(account=OuterRef("account"))
    earlier = CadencePlan.objects.filter(account=OuterRef("account"), kind=OuterRef("kind"), due_on__gt=OuterRef("seen_on"))
    due = due.exclude(account__lifecycle="former").filter(~Exists(open_already))
    due = due.filter(~Exists(contacts) | Exists(contacts.reachable()))
    latest = earlier.order_by().values("account").annotate(latest=Max("due_on")).values("latest")
    return due.annotate(planned_on=Subquery(latest)).order_by("due_on", "pk")
