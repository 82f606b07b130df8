"""How deals follow what happens below: accounts that change hands, and activities that were about a deal."""

from collections import defaultdict

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import measures
from salesorg.audit.models import Change
from salesorg.lib.acting import current
from salesorg.lib.addresses import list_address
from salesorg.lib.errors import DomainError
from salesorg.people.models import User

from .models import Deal, DealMember, Lead
from .services import assign_deals, link_activity
from .services.prospects import note_activity


def count_open_deals(successions):
    """How many open deals belong to whoever gives an account away to somebody (territories.transfers.Succession)."""
    return sum(_open_deals(giver, accounts).count() for (giver, _taker), accounts in _handed(successions))


def move_open_deals(successions, *, actor):
    """The open deals of whoever gives an account away pass to whoever takes it. Returns how many."""
    moved = 0
    for (giver, taker), accounts in _handed(successions):
        moved += assign_deals(deals=_open_deals(giver, accounts), owner=taker, actor=actor)
    return moved


def _handed(successions):
    """(((giver, taker), account ids), …) where there is both somebody who gives and somebody who takes."""
    accounts = defaultdict(list)
    for each in successions:
        if each.giver_id and each.taker_id:
            accounts[each.giver_id, each.taker_id].append(each.account_id)
    people = User.objects.in_bulk({pk for pair in accounts for pk in pair})
    return [((people[giver], people[taker]), ids) for (giver, taker), ids in accounts.items()]


def _open_deals(owner, accounts):
    return Deal.objects.open().filter(owner=owner, account__in=accounts)


def keep_stages_in_use():
    """Refuse an undo that leaves an open deal in a stage which is no longer in use: no board would show it."""
    with connection.cursor() as cursor:  # whoever takes a stage out of use just now ends first
        cursor.execute("SELECT FROM pipeline_stage ORDER BY id FOR KEY SHARE")
    deal = Deal.objects.open().filter(stage__archived_at__isnull=False).select_related("stage").order_by("pk").first()
    if deal:
        raise DomainError(_("“%(stage)s” is no longer in use, so this cannot be undone.") % {"stage": deal.stage})


# Of each deal that an undo gave back an earlier state, what lay between the two is undone. An undo that is itself undone
# finds the state it took away, which then stands again.
MARK_UNDONE = """
WITH now_again AS (
    SELECT * FROM pipeline_dealversion
    WHERE upper_inf(during) AND lower(during) >= transaction_timestamp() AND deal_id IN (
        SELECT row_id FROM audit_change WHERE context = %s AND "table" = 'pipeline_deal' AND operation = 'UPDATE')
), earlier AS (
    SELECT deal_id, max(lower(was.during)) AS since FROM now_again JOIN pipeline_dealversion was USING (deal_id)
    WHERE was.id <> now_again.id
      AND (was.stage_id, was.owner_id, was.amount, was.close_date, was.forecast_category) IS NOT DISTINCT FROM
          (now_again.stage_id, now_again.owner_id, now_again.amount, now_again.close_date, now_again.forecast_category)
    GROUP BY deal_id
)
UPDATE pipeline_dealversion state SET undone = lower(during) > since FROM earlier
WHERE state.deal_id = earlier.deal_id AND lower(during) >= since AND NOT upper_inf(during)
"""


def after_undo_of_deals():
    """What an undo that changed deals asks for: no open deal out of every board, and what it took back marked as undone."""
    keep_stages_in_use()
    with connection.cursor() as cursor:
        cursor.execute(MARK_UNDONE, [current().context])


def keep_shares_settled():
    """Refuse an undo that changes who works on a won deal: they are credited, and what they earn may be paid already."""
    undone = Change.objects.filter(context=current().context, table=DealMember._meta.db_table)
    touched = {(values or {}).get("deal_id") for row in undone.values_list("before", "after") for values in row} - {None}
    if deal := Deal.objects.won().filter(pk__in=touched).order_by("pk").first():
        raise DomainError(_("“%(deal)s” was won since: who is credited for it is settled. Reopen it first.") % {"deal": deal})


def tie_activity(activity, key, actor):
    """Say that `activity` was about the deal of that key, when the actor sees it."""
    deal = Deal.objects.visible_to(actor).filter(pk=key).first()
    if deal is not None:
        link_activity(deal=deal, activity=activity, actor=actor)


def tie_to_prospect(activity, key, actor):
    """Say that `activity` was done from a list of prospects: it is worked, and the next one comes."""
    note_activity(activity=activity, key=key, actor=actor)


def deal_step(user, account):
    """(what, day) of the next step due soonest on the open deals at `account` that this person sees; None without one."""
    open_deals = Deal.objects.visible_to(user).open().filter(account=account).exclude(next_step="")
    due = open_deals.filter(next_step_on__gte=user.today).order_by("next_step_on", "pk")
    return due.values_list("next_step", "next_step_on").first()


def register_leads():
    """Leads among the activity figures. Called in AppConfig.ready."""
    measures.register(
        measures.Counted(
            measures.Measure.LEADS,
            gettext_lazy("Leads by the day of their first contact, of the SDR who works them, whatever came of them."),
            Lead.objects.visible_to,
            "sdr_id",
            "first_contact_on",
            _leads_address,
            on_is_day=True,
        )
    )


def _leads_address(first, last, whose):
    whose = {"sdr": whose["user"]} if "user" in whose else whose
    return list_address("pipeline:lead_list", whose | {"first_from": first.isoformat(), "first_to": last.isoformat()})
