"""Competitors seen: counted, row by row, and beside one account."""

from django.db.models import Count, Max
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account, Competitor, Sighting
from accounts.sightings import SightingSelection, counted
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

MOST_OFFERED = 30  # competitors in the menu
SHOWN = 6  # beside an account


@require_safe
@requires(Action.READ_RECORDS)
def sighting_list(request):
    """Competitors by the filters of the address: counted by competitor, product, region or month, or every sighting."""
    selection = SightingSelection(request.GET, user=request.user, by="competitor")
    by = selection.get("by")
    views = (
        ("competitor", _("Competitor")),
        ("product", _("Product")),
        ("region", _("Region")),
        ("month", _("Month")),
        ("rows", _("All")),
    )
    competitors = Competitor.objects.visible_to(request.user).annotate(seen=Count("sightings")).order_by("-seen", "name")
    menu = selection.menu(_("Competitor"), "competitor", [(each.pk, each.name) for each in competitors[: MOST_OFFERED + 1]])
    if len(menu["items"]) > MOST_OFFERED + 1:  # the first one takes the filter away
        menu["items"][-1] = (_("All competitors…"), "?" + selection.query(competitor=None, by="competitor"), False)
    context = {
        "selection": selection,
        "by": by,
        "views": [{"label": label, "url": "?" + selection.query(by=name), "current": name == by} for name, label in views],
        "menus": [menu],
        "filtered": bool(selection.query(by=None)),
        "others": selection.besides("since", "until"),
        "may_log": request.user.may("log_activity"),
    }
    sightings = selection.sightings()
    context["total"] = sightings.count()
    if by == "rows":
        rows = sightings.select_related("account", "competitor", "user")
        context["page"] = page_of(rows, ("-seen_on", "-pk"), request.GET.get("after", ""))
    else:
        context["page"] = counted(selection, by, request.GET.get("after", ""))
        context["lines"] = context["page"].rows
    return render(request, "accounts/sighting_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def account_competitors(request, pk):
    """The panel of one account: who else sells there, the last seen first."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    seen = Sighting.objects.visible_to(request.user).filter(account=account)
    lines = seen.order_by().values("competitor", "competitor__name").annotate(count=Count("pk"), latest=Max("seen_on"))
    context = {
        "account": account,
        "lines": lines.order_by("-latest", "competitor__name")[:SHOWN],
        "last": seen.select_related("competitor").first(),
    }
    return render(request, "accounts/_competitors.html", context)
