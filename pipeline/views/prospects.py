"""Lists of prospects: choosing one from the accounts, what became of it, and working through it one by one."""

from django import forms
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account, Activity, Consent, Contact
from accounts.selections.accounts import AccountSelection
from accounts.timeline import dressed
from pipeline.engine.fit import fit
from pipeline.forms.prospects import MakeLeadForm, ProspectListForm, PutOffForm, RuleOutForm
from pipeline.models import Prospect, ProspectList
from pipeline.reports.lead_fit import facts_about, in_words, rules_for
from pipeline.services import prospects as services
from pipeline.views.lead_figures import lead_tabs
from salesorg.lib.bulk import chosen_rows
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.selection import Selection
from salesorg.lib.templatetags.salesorg import figure
from salesorg.people.access import requires
from salesorg.people.roles import Action

CONTACTS, ACTIVITIES = 8, 4  # shown of a prospect
FIGURES = {
    "all": (_lazy("On the list"), lambda rows: rows),
    "worked": (_lazy("Worked"), lambda rows: rows.worked()),
    "reached": (_lazy("Reached"), lambda rows: rows.reached()),
    "meetings": (_lazy("Meetings"), lambda rows: rows.with_meeting()),
    "leads": (_lazy("Leads"), lambda rows: rows.with_lead()),
}


class ProspectSelection(Selection):
    """Which rows of a list are shown: those behind one of its figures."""

    show = forms.ChoiceField(required=False, choices=[("", ""), *((name, label) for name, (label, _rows) in FIGURES.items())])


@require_safe
@requires(Action.READ_RECORDS)
def prospect_lists(request):
    """The lists one may see, open ones first, with how far each is."""
    lists = ProspectList.objects.visible_to(request.user).select_related("owner", "shared_with")
    page = page_of(lists, ("-pk",), request.GET.get("after", ""), size=30)
    counts = _progress(request.user, page.rows)
    for each in page.rows:
        each.worked, each.total = counts.get(each.pk, (0, 0))
    context = {"page": page, "tabs": lead_tabs("lists"), "may_work": request.user.may(Action.EDIT_DEALS)}
    return render(request, "pipeline/prospect_lists.html", context)


def _progress(user, lists):
    """{list id: (worked, all)} of the rows one may see, in one query."""
    rows = Prospect.objects.visible_to(user).filter(list__in=lists).order_by().values_list("list")
    return {pk: (worked, total) for pk, worked, total in rows.annotate(Count("worked_at"), Count("pk"))}


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def prospect_list_new(request):
    """Make a list of the accounts selected on their list, or of all that it shows."""

    def selected(params):
        selection = AccountSelection(params, user=request.user)
        return selection.accounts(), selection.words

    chosen = chosen_rows(request, Account.objects.visible_to(request.user), selected)
    form = ProspectListForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            made, count = services.create_list(accounts=chosen.rows, actor=request.user, **form.cleaned_data)
            text = ngettext("%(count)s prospect on the list", "%(count)s prospects on the list", count) % {"count": count}
            return toast(request, text, undo=undo_url(request), to=made.get_absolute_url())
    fit_for_it = services.wanted(chosen.rows).count() if chosen.count else 0
    context = {"form": form, "chosen": chosen, "wanted": fit_for_it, "left_out": chosen.count - fit_for_it}
    return render(request, "pipeline/prospect_list_form.html", context, status=422 if form.is_bound else 200)


@require_safe
@requires(Action.READ_RECORDS)
def prospect_list_detail(request, pk):
    """What became of the list: each figure, and the rows behind the one that is chosen."""
    record = _list(request, pk)
    selection = ProspectSelection(request.GET, user=request.user)
    rows = Prospect.objects.visible_to(request.user).filter(list=record)
    counts, show = rows.counted(), selection.get("show") or "all"
    parts = ("account", "reason", "worked_by", "held_by", "lead")
    page = page_of(FIGURES[show][1](rows).select_related(*parts), ("position", "pk"), request.GET.get("after", ""))
    context = {
        "record": record,
        "selection": selection,
        "page": page,
        "chips": [
            {"label": f"{label} {figure(counts[name])}", "url": f"?show={name}", "on": name == show}
            for name, (label, _rows) in FIGURES.items()
        ],
        "due": rows.to_work(request.user.today).exists() if record.is_open else False,
        "may_work": request.user.may(Action.EDIT_DEALS) and record.is_open,
    }
    return render(request, "pipeline/prospect_list.html", context)


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def prospect_list_edit(request, pk):
    """Another name, another person, or shared."""
    record = _list(request, pk)
    now = {"name": record.name, "owner": record.owner_id, "shared_with": record.shared_with_id}
    form = ProspectListForm(request.POST or None, user=request.user, initial=now)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.change_list(record=record, actor=request.user, **form.cleaned_data)
            return toast(request, _("Saved"), undo=undo_url(request), to=record.get_absolute_url())
    context = {"form": form, "record": record}
    return render(request, "pipeline/prospect_list_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_DEALS)
def prospect_list_close(request, pk):
    """End the list."""
    record = services.close_list(record=_list(request, pk), actor=request.user)
    return toast(request, _("%(name)s is closed") % {"name": record}, undo=undo_url(request), to=record.get_absolute_url())


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def prospect_work(request, pk):
    """The prospect one has before one; a POST gives the next."""
    record = _list(request, pk)
    if request.method == "POST":
        services.take_next(record=record, actor=request.user)
        return redirect("pipeline:prospect_work", record.pk)
    return _work_page(request, record, _held(request, record))


@require_POST
@requires(Action.EDIT_DEALS)
def prospect_put_off(request, pk):
    """Not now: again on a day."""
    prospect = _prospect(request, pk)
    form = PutOffForm(request.POST, user=request.user)
    return _decided(request, prospect, form, services.put_off, _("%(account)s comes again"), "put_off")


@require_POST
@requires(Action.EDIT_DEALS)
def prospect_rule_out(request, pk):
    """No fit, with a reason."""
    prospect = _prospect(request, pk)
    form = RuleOutForm(request.POST, user=request.user)
    return _decided(request, prospect, form, services.rule_out, _("%(account)s is no fit"), "rule_out")


@require_POST
@requires(Action.EDIT_DEALS)
def prospect_make_lead(request, pk):
    """It has become a lead of one's own."""
    prospect = _prospect(request, pk)
    form = MakeLeadForm(request.POST, user=request.user, account=prospect.account_id)
    return _decided(request, prospect, form, services.make_lead, _("%(account)s is a lead of yours now"), "make_lead")


def _decided(request, prospect, form, service, words, name):
    """Do what was decided and go on to the next; else the page again, with what is wrong."""
    if form.is_valid():
        with refusal_shown_in(form):
            service(prospect=prospect, actor=request.user, **form.cleaned_data)
            text, to = words % {"account": prospect.account}, reverse("pipeline:prospect_work", args=[prospect.list_id])
            return toast(request, text, undo=undo_url(request), to=to)
    return _work_page(request, prospect.list, prospect, status=422, **{name: form})


def _work_page(request, record, prospect, status=200, **typed):
    """One prospect with what is known of it, and what can be done; or the end of the list."""
    user = request.user
    rows = Prospect.objects.visible_to(user).filter(list=record)
    context = {"record": record, "prospect": prospect, "counts": rows.counted()}
    if prospect is None:
        context["due"] = record.is_open and rows.to_work(user.today).exists()
        context["next_day"] = (
            rows.filter(state=Prospect.State.LATER).order_by("later_on").values_list("later_on", flat=True).first()
        )
        return render(request, "pipeline/prospect_work.html", context)
    account = prospect.account
    people = list(Contact.objects.visible_to(user).here().filter(account=account).order_by("name", "pk")[:CONTACTS])
    said = Consent.objects.visible_to(user).filter(contact__in=people).order_by("contact_id", "channel", "-said_on", "-pk")
    for each in people:
        each.agreed = []
    agreed = {each.pk: each.agreed for each in people}
    for word in said.distinct("contact_id", "channel"):
        if word.given:
            agreed[word.contact_id].append(word)
    rules = rules_for(user)
    judged = fit(facts_about(account, people[0] if people else None), rules) if rules else None
    done = Activity.objects.visible_to(user).done().filter(account=account).select_related("user", "contact")
    context |= {
        "account": account,
        "people": people,
        "fit": judged,
        "fit_reasons": in_words(judged.reasons) if judged else [],
        "activities": [dressed(each) for each in done.order_by("-done_at", "-pk")[:ACTIVITIES]],
        "may_log": user.may(Action.LOG_ACTIVITY),
        "put_off": typed.get("put_off") or PutOffForm(user=user),
        "rule_out": typed.get("rule_out") or RuleOutForm(user=user),
        "make_lead": typed.get("make_lead") or MakeLeadForm(user=user, account=account),
    }
    return render(request, "pipeline/prospect_work.html", context, status=status)


def _list(request, pk):
    return get_object_or_404(ProspectList.objects.visible_to(request.user).select_related("owner", "shared_with"), pk=pk)


def _prospect(request, pk):
    return get_object_or_404(Prospect.objects.visible_to(request.user).select_related("account", "list"), pk=pk)


def _held(request, record):
    """The prospect that the person has before them on this list, or None."""
    held = Prospect.objects.visible_to(request.user).filter(list=record, held_by=request.user, list__closed_at=None)
    return held.to_work(request.user.today).select_related("account").first()
