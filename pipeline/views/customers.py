"""The book of a customer success manager, why a customer's health is what it is, and by what it is judged."""

from datetime import date

from django.db.models import Max
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.models import Account, Activity, Coverage
from pipeline.forms.customers import HealthInputForm
from pipeline.models import CustomerFacts, Deal, HealthInput, HealthScore
from pipeline.selections.customers import CustomerSelection, band_of, customer_listing, opens_with, recurring_sums
from pipeline.services.customers import CONTACTS, change_input
from salesorg.lib.addresses import address, list_address
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.lists import total_of
from salesorg.people.access import requires
from salesorg.people.roles import Action, Role

ASKED = ("q", "keeper")  # in the form of the last menu
HISTORY = 60  # past scores a page shows
DAYS = 12  # of contact or order, on the same page


@require_safe
@requires(Action.READ_RECORDS)
def customer_list(request):
    """My customers by health and renewal date."""
    selection = CustomerSelection(request.GET, user=request.user, whose=opens_with(request.user))
    customers = selection.customers()
    listing = customer_listing(selection)
    page = listing.page(customers.select_related("account"), request.GET)
    sums = recurring_sums(customers)
    context = listing.context(page, facts_of(request.user, page.rows, sums)) | {
        "selection": selection,
        "total": total_of(customers, request.GET),
        "sums": sums,
        "chips": selection.chips(),
        "tabs": book_tabs("book"),
        "fields": [selection[name] for name in ASKED],
        "hidden": selection.besides(*ASKED, "keeper__text"),
        "computed_on": max((row.computed_on for row in page.rows if row.computed_on), default=None),
        "may_set_up": request.user.may(Action.SET_UP_SUCCESS),
    }
    return render(request, "pipeline/customer_list.html", context)


def book_tabs(current):
    """The pages around the book."""
    places = (
        ("book", _("Customers"), "customer_list"),
        ("contracts", _("Contracts"), "contract_list"),
        ("onboarding", _("Onboarding"), "onboarding_list"),
        ("tickets", _("Tickets"), "ticket_list"),
        ("said", _("Satisfaction"), "survey_list"),
        ("retention", _("Retention"), "retention"),
    )
    return [{"label": label, "url": reverse(f"pipeline:{name}"), "current": key == current} for key, label, name in places]


def facts_of(user, rows, sums):
    """What the cells need besides the rows: the latest contacts, which the night has not seen, and who looks after whom."""
    accounts = [row.account_id for row in rows]
    met = Activity.objects.visible_to(user, few=True).filter(account__in=accounts, done_at__isnull=False, kind__in=CONTACTS)
    latest = met.exclude(outcome="not_there").order_by().values_list("account").annotate(Max("done_at"))
    covering = Coverage.objects.visible_to(user).on(user.today).filter(account__in=accounts, role=Role.CSM)
    return {
        "today": user.today,
        "contacts": {account: timezone.localtime(at).date() for account, at in latest},
        "keepers": {row.account_id: row.user for row in covering.select_related("user").order_by("-pk")},
        "currency": next(iter(sums)) if len(sums) == 1 else "",
        "many_currencies": len(sums) > 1,
        "silent": _("Silent"),
        "silent_words": _("Quiet for longer than is usual for them"),
    }


@require_safe
@requires(Action.READ_RECORDS)
def customer_health(request, pk):
    """Why a customer's health is what it is, today or on the past day ?on=."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    facts = CustomerFacts.objects.visible_to(request.user).filter(account=account).first()
    day = _day(request.GET.get("on", ""), request.user.today)
    scores = list(HealthScore.objects.visible_to(request.user).filter(account=account).order_by("-from_day")[:HISTORY])
    past = next((each for each in scores if each.from_day <= day), None) if day < request.user.today else None
    score, lines = (past.score, past.lines) if past else (facts.score, facts.lines) if facts else (None, [])
    context = {
        "account": account,
        "facts": facts,
        "day": day,
        "is_past": day < request.user.today,
        "score": score if facts else None,
        "band": band_of(score),
        "lines": [_line(account, *each) for each in lines],
        "days": days_of_contact(request.user, account, day),
        "scores": scores,
        "spark": [each.score for each in reversed(scores) if each.score is not None],
        "may_set_up": request.user.may(Action.SET_UP_SUCCESS),
    }
    return render(request, "pipeline/customer_health.html", context)


def _day(text, today):
    try:
        return min(date.fromisoformat(text[:10]), today)
    except ValueError:
        return today


def _line(account, code, value, points, out_of):
    where = ROWS[code](account.pk) if value is not None else ""
    return {"code": code, "words": in_words(code, value), "points": points, "out_of": out_of, "url": where}


def days_of_contact(user, account, day):
    """The latest days of contact or order up to `day`, as silence counts them: what happened, and days since the one before."""
    met = Activity.objects.visible_to(user).filter(account=account, done_at__date__lte=day, kind__in=CONTACTS)
    met = met.exclude(outcome="not_there").order_by("-done_at", "-pk")[:DAYS]
    won = Deal.objects.visible_to(user).won().filter(account=account, close_date__lte=day).order_by("-close_date", "-pk")
    found = [(timezone.localtime(each.done_at).date(), str(each), address("accounts:activity_detail", each.pk)) for each in met]
    found += [(each.close_date, _("Order: %(deal)s") % {"deal": each}, each.get_absolute_url()) for each in won[:DAYS]]
    found.sort(key=lambda row: row[0], reverse=True)
    # The last one of a full list may have one before it that was not read.
    before = [row[0] for row in found[1:]] + [None]
    return [
        {"day": on, "what": what, "url": url, "gap": (on - then).days if then else None}
        for (on, what, url), then in zip(found[:DAYS], before, strict=False)
    ]


def _rows(name, **chosen):
    return lambda account: list_address(f"pipeline:{name}", {"account": account} | chosen)


ROWS = {  # where the rows behind each input are listed
    "contact": lambda account: "#days",
    "silence": lambda account: "#days",
    "onboarding": _rows("onboarding_list", state="all"),
    "tickets": _rows("ticket_list", whose="all"),
    "satisfaction": _rows("survey_list"),
    "trend": _rows("contract_list", state="all"),
}


def in_words(code, value):
    """What is known of one input, in a sentence."""
    if value is None:
        return UNKNOWN[code]()
    return KNOWN[code](value)


KNOWN = {
    "contact": lambda n: ngettext("Last contact %(n)d day ago", "Last contact %(n)d days ago", n) % {"n": n},
    "silence": lambda n: (
        ngettext("Quiet for %(n)d day longer than is usual", "Quiet for %(n)d days longer than is usual", n) % {"n": n}
        if n
        else _("Not quiet for longer than is usual")
    ),
    "onboarding": lambda n: _("%(n)d%% of the onboarding steps due are done") % {"n": n},
    "tickets": lambda n: ngettext("%(n)d open ticket", "%(n)d open tickets", n) % {"n": n},
    "satisfaction": lambda n: _("Answered %(n)d of 10 when last asked") % {"n": n},
    "trend": lambda n: _("Recurring value %(n)+d%% against a year ago") % {"n": n},
}
UNKNOWN = {
    "contact": lambda: _("Nobody has been in contact yet"),
    "silence": lambda: _("Too little history to say what is usual for them"),
    "onboarding": lambda: _("No onboarding"),
    "tickets": lambda: _("No ticket within a year"),
    "satisfaction": lambda: _("Not asked yet, or no answer"),
    "trend": lambda: _("No contract a year ago"),
}


@require_safe
@requires(Action.READ_RECORDS)
def health_inputs(request):
    """By what the health of customers is judged, and how heavily."""
    inputs = list(HealthInput.objects.visible_to(request.user))
    whole = sum(each.weight for each in inputs)
    context = {"inputs": inputs, "whole": whole, "may_edit": request.user.may(Action.SET_UP_SUCCESS)}
    return render(request, "pipeline/health_inputs.html", context)


@FORM_METHODS
@requires(Action.SET_UP_SUCCESS)
def health_input_edit(request, pk):
    """Weigh an input otherwise."""
    record = get_object_or_404(HealthInput.objects.visible_to(request.user), pk=pk)
    form = HealthInputForm(request.POST or None, user=request.user, instance=record)
    back = reverse("pipeline:health_inputs")
    if request.method == "POST" and form.saved_by(change_input, record=record):
        return toast(request, _("Saved. Scores follow tonight."), undo=undo_url(request), to=back)
    context = {"form": form, "record": record, "back": back}
    return render(request, "pipeline/health_input_edit.html", context, status=422 if form.is_bound else 200)
