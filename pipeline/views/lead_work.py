"""Working a lead: entering it, taking it, qualifying, disqualifying, opening it again."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Account
from pipeline.forms import AssignLeadForm, DisqualifyForm, NewLeadForm, QualifyForm
from pipeline.models import Lead, Source
from pipeline.services import assign_lead, disqualify_lead, qualify_lead, receive_lead, reopen_lead
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def lead_new(request):
    """Enter a lead by hand, at the account of ?account= when that is given."""
    asked = request.GET.get("account", "")
    account = Account.objects.visible_to(request.user).filter(pk=asked).first() if asked.isdecimal() and len(asked) < 19 else None
    form = NewLeadForm(request.POST or None, user=request.user, initial={"account": account and account.pk})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            received = receive_lead(actor=request.user, **form.facts())
            return toast(request, said(received), undo=undo_url(request), to=received.lead.get_absolute_url())
    context = {"form": form, "no_sources": not Source.objects.visible_to(request.user).exists()}
    return render(request, "pipeline/lead_form.html", context, status=422 if form.is_bound else 200)


def said(received):
    """What became of what was typed, in a sentence."""
    words = {"account": received.lead.account, "contact": received.lead.contact}
    if not received.is_new:
        return _("%(contact)s at %(account)s is an open lead already; what you typed was added to it") % words
    if received.new_account:
        return _("%(account)s is a new prospect with a lead") % words
    return _("The lead was added to %(account)s, which is here already") % words


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def lead_qualify(request, pk):
    """Open the deal that the lead has become."""
    lead = _lead(request, pk)
    form = QualifyForm(request.POST or None, user=request.user, lead=lead)
    if request.method == "POST" and (deal := form.saved_by(qualify_lead, lead=lead)):
        text, to = _("Qualified: %(deal)s is open") % {"deal": deal}, form.cleaned_data["hand_to"]
        if to in (None, deal.owner):
            return toast(request, text, undo=undo_url(request), to=deal.get_absolute_url())
        hand_over = reverse("pipeline:handoff_new", args=[deal.pk], query={"to": to.pk})
        return toast(request, text, undo=undo_url(request), to=hand_over)
    return _form(request, lead, form, title=_("Qualify %(account)s"), submit=_("Open deal"))


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def lead_disqualify(request, pk):
    """Close the lead without a deal."""
    lead = _lead(request, pk)
    form = DisqualifyForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            disqualify_lead(lead=lead, actor=request.user, **form.cleaned_data)
            text = _("%(account)s is disqualified") % {"account": lead.account}
            return toast(request, text, undo=undo_url(request), to=lead.get_absolute_url())
    return _form(request, lead, form, title=_("Disqualify %(account)s"), submit=_("Disqualify"))


@FORM_METHODS
@requires(Action.REASSIGN)
def lead_assign(request, pk):
    """Give the lead to somebody else."""
    lead = _lead(request, pk)
    form = AssignLeadForm(request.POST or None, user=request.user, initial={"sdr": lead.sdr_id})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            assign_lead(lead=lead, actor=request.user, **form.cleaned_data)
            text = _("%(name)s works this lead now") % {"name": form.cleaned_data["sdr"]}
            return toast(request, text, undo=undo_url(request), to=lead.get_absolute_url())
    return _form(request, lead, form, title=_("Who works %(account)s"), submit=_("Assign"))


@require_POST
@requires(Action.EDIT_DEALS)
def lead_take(request, pk):
    """Work a lead that nobody works."""
    lead = _lead(request, pk)
    if lead.sdr_id is None:
        lead = assign_lead(lead=lead, sdr=request.user, actor=request.user)
    elif lead.sdr_id != request.user.pk:
        raise DomainError(_("%(name)s has taken this lead meanwhile.") % {"name": lead.sdr})
    return toast(request, _("You work this lead now"), undo=undo_url(request), to=lead.get_absolute_url())


@require_POST
@requires(Action.EDIT_DEALS)
def lead_reopen(request, pk):
    """Take a disqualified lead up again."""
    lead = reopen_lead(lead=_lead(request, pk), actor=request.user)
    return toast(request, _("The lead is open again"), undo=undo_url(request), to=lead.get_absolute_url())


def _lead(request, pk):
    parts = ("account", "contact", "source", "sdr")
    return get_object_or_404(Lead.objects.visible_to(request.user).select_related(*parts), pk=pk)


def _form(request, lead, form, *, title, submit):
    context = {"lead": lead, "form": form, "title": title % {"account": lead.account}, "submit": submit}
    return render(request, "pipeline/lead_decide.html", context, status=422 if form.is_bound else 200)
