"""The steps of a proposal: approval of its discount, sending, withdrawing, its PDF; and the limits that ask for approval."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pipeline.forms.proposals import AskForm, LimitForm, ReasonForm, SendForm
from pipeline.models import Approval, DiscountLimit, IssuedDocument, Proposal, ProposalVersion
from pipeline.proposal_pdf import content_of, missing_letters
from pipeline.services.approvals import ask_approval, decide_approval, may_decide, remove_limit, save_limit
from pipeline.services.sending import send_proposal, withdraw_proposal
from pipeline.views.products import tabs
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action

SHOWN_LETTERS = 20


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def proposal_ask(request, pk):
    """Ask a leader for the discount of a draft."""
    proposal = _proposal(request, pk)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            ask_approval(proposal=proposal, note=form.cleaned_data["note"], actor=request.user)
            text = _("Asked. You are told what they say.")
            return toast(request, text, undo=undo_url(request), to=proposal.get_absolute_url())
    return _step(request, form, proposal, _("Ask for the discount"), _("Ask"))


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def approval_decide(request, pk):
    """Approve a discount (verdict=approved) or refuse it with a reason."""
    found = Approval.objects.visible_to(request.user).select_related("version__proposal__deal", "asked_by")
    approval = get_object_or_404(found, pk=pk)
    if not may_decide(approval, request.user, request.user.today):
        raise PermissionDenied
    approved = request.POST.get("verdict") == "approved"
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            decide_approval(approval=approval, approved=approved, actor=request.user, **form.cleaned_data)
            text = _("Approved") if approved else _("Refused")
            return toast(request, text, to=approval.version.proposal.get_absolute_url())
    return _step(request, form, approval.version.proposal, _("Refuse the discount"), _("Refuse"))


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def proposal_send(request, pk):
    """Send a proposal: it is frozen, has its PDF and an address of its own."""
    proposal = _proposal(request, pk)
    form = SendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            send_proposal(proposal=proposal, actor=request.user, **form.cleaned_data)
            return toast(request, _("Sent. Its address is below."), to=proposal.get_absolute_url())
    return _step(
        request,
        form,
        proposal,
        _("Send %(number)s") % {"number": proposal.number},
        _("Send"),
        notice=_letters(proposal, request.user),
    )


def _letters(proposal, user):
    """What the PDF will not show, in words; the page that the customer reads shows it."""
    found = ProposalVersion.objects.visible_to(user).latest().filter(proposal=proposal)
    missing = missing_letters(content_of(found.select_related("proposal", "deal__account", "sent_by", "author").get()))
    if not missing:
        return ""
    words = {"letters": " ".join(missing[:SHOWN_LETTERS])}
    return _("The PDF cannot show %(letters)s: a font for them is not installed. The customer's page shows them.") % words


@require_POST
@requires(Action.EDIT_DEALS)
def proposal_withdraw(request, pk):
    """Take a sent version back."""
    version = get_object_or_404(ProposalVersion.objects.visible_to(request.user).select_related("proposal"), pk=pk)
    withdraw_proposal(version=version, actor=request.user)
    return toast(request, _("Withdrawn: its address leads nowhere now"), to=version.proposal.get_absolute_url())


@require_safe
@requires(Action.READ_RECORDS)
def proposal_pdf(request, pk):
    """The PDF of a version as it was sent."""
    found = IssuedDocument.objects.visible_to(request.user).select_related("version__proposal")
    return pdf_answer(get_object_or_404(found, version=pk))


def pdf_answer(document):
    name = f"{document.version.proposal.number}-{document.version.number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(bytes(document.pdf), content_type="application/pdf", headers=headers)


@require_safe
@requires(Action.READ_RECORDS)
def limit_list(request):
    """Who may give how much discount unasked."""
    limits = DiscountLimit.objects.visible_to(request.user).select_related("team")
    context = {"tabs": tabs("limits"), "limits": limits, "may_edit": request.user.may(Action.EDIT_PRODUCTS)}
    return render(request, "pipeline/limit_list.html", context)


@FORM_METHODS
@requires(Action.EDIT_PRODUCTS)
def limit_new(request):
    """Another limit."""
    return _limit(request, DiscountLimit())


@FORM_METHODS
@requires(Action.EDIT_PRODUCTS)
def limit_edit(request, pk):
    """Change a limit; what was approved stays approved."""
    return _limit(request, get_object_or_404(DiscountLimit.objects.visible_to(request.user), pk=pk))


@require_POST
@requires(Action.EDIT_PRODUCTS)
def limit_remove(request, pk):
    """Take a limit away."""
    remove_limit(limit=get_object_or_404(DiscountLimit.objects.visible_to(request.user), pk=pk), actor=request.user)
    return toast(request, _("The limit is gone"), undo=undo_url(request), to=reverse("pipeline:limit_list"))


def _limit(request, limit):
    form = LimitForm(request.POST or None, user=request.user, instance=limit)
    back = reverse("pipeline:limit_list")
    if request.method == "POST" and form.saved_by(save_limit, limit=limit):
        return toast(request, _("Limit saved"), undo=undo_url(request), to=back)
    context = {"form": form, "title": _("Limit of discount"), "back": back}
    return render(request, "pipeline/product_form.html", context, status=422 if form.is_bound else 200)


def _proposal(request, pk):
    return get_object_or_404(Proposal.objects.visible_to(request.user).select_related("deal"), pk=pk)


def _step(request, form, proposal, title, submit, notice=""):
    context = {"form": form, "proposal": proposal, "title": title, "submit": submit, "notice": notice}
    return render(request, "pipeline/proposal_step.html", context, status=422 if form.is_bound else 200)
