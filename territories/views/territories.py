"""Territories as a tree and one by one, where an account lies, and what nobody covers."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.selections.accounts import coverers
from salesorg.lib.pagination import page_of
from salesorg.lib.widgets import offer, typed_words
from salesorg.people.access import requires
from salesorg.people.roles import Action
from territories.models import Force, Placement, Plan, Seat, Territory
from territories.placement import uncovered
from territories.reach import reach
from territories.reports import tree


def forces_of(user):
    """The forces of the active plan."""
    return Force.objects.visible_to(user).filter(plan__status=Plan.Status.ACTIVE).select_related("plan", "line")


@require_safe
@requires(Action.READ_RECORDS)
def territory_list(request):
    """The tree of one force: who holds what, how many accounts, what is vacant, what is a gap."""
    forces = list(forces_of(request.user))
    asked = request.GET.get("force", "")
    force = next((each for each in forces if str(each.pk) == asked), forces[0] if forces else None)
    context = {"force": force, "nodes": []}
    if force:
        context["nodes"] = tree(force=force, user=request.user, day=request.user.today)
        accounts = Account.objects.visible_to(request.user)
        context["uncovered"] = uncovered(force=force, accounts=accounts, day=request.user.today).count()
        context["gaps"] = sum(bool(node.gaps) for node in context["nodes"])
        context["vacant"] = sum(bool(node.vacant) for node in context["nodes"])
        context["tabs"] = [{"label": each.name, "url": f"?force={each.pk}", "current": each == force} for each in forces]
    return render(request, "territories/territory_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def territory_detail(request, pk):
    """One territory: its seats, what is below it, the accounts in it and why they are there."""
    user, day = request.user, request.user.today
    visible = Territory.objects.visible_to(user)
    territory = get_object_or_404(visible.select_related("force__plan", "force__line", "parent"), pk=pk)
    nodes = {node.territory.pk: node for node in tree(force=territory.force, user=user, day=day)}
    placed = Placement.objects.visible_to(user).on(day).filter(territory=territory).select_related("account")
    page = page_of(placed, ("account__name", "pk"), request.GET.get("after", ""))
    ids = [placement.account_id for placement in page.rows]
    covered = coverers(ids, user)
    leaving = Placement.objects.visible_to(user).filter(account__in=ids, force=territory.force, during__startswith__gt=day)
    later = {row.account_id: row for row in leaving.select_related("territory")}
    context = {
        "territory": territory,
        "node": nodes[territory.pk],
        "seats": Seat.objects.visible_to(user)
        .from_day(day)
        .filter(territory=territory)
        .select_related("user")
        .order_by("role", "-is_lead", "during"),
        "below": [node for node in nodes.values() if node.territory.parent_id == territory.pk],
        "page": page,
        "rows": [(row, covered.get(row.account_id, ()), later.get(row.account_id)) for row in page.rows],
        "may_reassign": nodes[territory.pk].may_reassign and territory.force.plan.status == Plan.Status.ACTIVE,
    }
    return render(request, "territories/territory_detail.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def territory_lookup(request):
    """The territories that this person may reassign and that match ?q=, as options of a combobox."""
    within = set().union(*(reach(request.user, force) for force in forces_of(request.user)))
    found = Territory.objects.visible_to(request.user).filter(pk__in=within).select_related("force", "parent")
    if words := typed_words(request):
        found = found.filter(name__icontains=words)
    return offer(request, found, lambda territory: territory.parent.name if territory.parent else territory.force.name)


@require_safe
@requires(Action.READ_RECORDS)
def account_placement(request, pk):
    """Where an account lies in each force: since when, decided by what, and why. A panel of the account's page."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    placements = Placement.objects.visible_to(request.user).filter(account=account, force__plan__status=Plan.Status.ACTIVE)
    rows = placements.select_related("territory__force", "territory__parent").order_by("force", "during")
    today = request.user.today
    context = {
        "account": account,
        "now": [row for row in rows if row.during.lower <= today and (row.during.upper is None or today < row.during.upper)],
        "later": [row for row in rows if row.during.lower > today],
        "before": [row for row in rows if row.during.upper is not None and row.during.upper <= today],
        "may_reassign": request.user.may(Action.REASSIGN),
    }
    return render(request, "territories/_account_placement.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def gap_list(request, pk):
    """The visible accounts that nobody covers for a force, and where each lies."""
    force = get_object_or_404(forces_of(request.user), pk=pk)
    accounts = uncovered(force=force, accounts=Account.objects.visible_to(request.user), day=request.user.today)
    page = page_of(accounts, ("name", "pk"), request.GET.get("after", ""))
    placed = Placement.objects.visible_to(request.user).on(request.user.today).filter(force=force, account__in=page.rows)
    where = {row.account_id: row.territory for row in placed.select_related("territory")}
    context = {
        "force": force,
        "page": page,
        "rows": [(account, where.get(account.pk)) for account in page.rows],
        "total": accounts.count(),
        "title": _("Accounts without anybody for %(line)s") % {"line": force.line},
    }
    return render(request, "territories/gap_list.html", context)
