"""Parts of the pipeline shown on pages of other apps."""

from django.db.models import Case, IntegerField, Value, When
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.family import family_of
from accounts.models import Account
from accounts.selections.accounts import AccountSelection
from pipeline.models import Deal, Lead, Status
from pipeline.reports.deals import Sums, by_account, totals
from pipeline.selections.deals import ANY, DealSelection
from salesorg.people.access import requires
from salesorg.people.models import Team
from salesorg.people.roles import Action

SHOWN = 10


@require_safe
@requires(Action.READ_RECORDS)
def account_deals(request, pk):
    """The deals of an account, open ones first, and the lead it came from."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    deals = Deal.objects.visible_to(request.user).filter(account=account)
    first = Case(When(status=Status.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    context = {
        "account": account,
        "deals": deals.select_related("owner", "stage").order_by(first, "-close_date", "-pk")[: SHOWN + 1],
        "shown": SHOWN,
        "open": totals(deals.open()),
        "won": totals(deals.won()),
        "leads": Lead.objects.visible_to(request.user).filter(account=account).select_related("source")[:SHOWN],
        "may_edit": request.user.may(Action.EDIT_DEALS),
    }
    return render(request, "pipeline/_account_deals.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def account_family(request, pk):
    """The companies an account belongs together with, and what is open and won at each and at all."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    members = family_of(request.user, account)
    found = by_account(Deal.objects.visible_to(request.user).filter(account__in=[member.account.pk for member in members]))
    together = {status: Sums() for status in (Status.OPEN, Status.WON)}
    for (_account, status), sums in found.items():
        together[status].plus(sums)
    context = {
        "account": account,
        "rows": [(each, found.get((each.account.pk, Status.OPEN)), found.get((each.account.pk, Status.WON))) for each in members],
        "open": together[Status.OPEN],
        "won": together[Status.WON],
    }
    return render(request, "pipeline/_account_family.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def team_work(request, pk):
    """What the people of a team have open, as far as the reader sees it: deals and accounts, each figure with its rows."""
    team = get_object_or_404(Team.objects.visible_to(request.user), pk=pk)
    selection = DealSelection({"team": str(team.pk)}, user=request.user, status=Status.OPEN, owner=ANY)
    deals = selection.deals()
    covered = AccountSelection({"team": str(team.pk)}, user=request.user)
    context = {
        "open": totals(deals),
        "deals": deals.select_related("owner", "stage").order_by("-amount", "-pk")[:SHOWN],
        "deals_url": f"{reverse('pipeline:deal_list')}?{selection.query(owner=ANY)}",
        "board_url": f"{reverse('pipeline:board')}?{selection.query(owner=ANY)}",
        "accounts": covered.accounts().count(),
        "accounts_url": f"{reverse('accounts:account_list')}?{covered.query()}",
    }
    return render(request, "pipeline/_team_work.html", context)
