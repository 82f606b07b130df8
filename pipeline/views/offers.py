"""What the customer sees of a proposal, at an address that nobody guesses: reading, accepting, rejecting, its PDF.

Being opened is counted by a request that the page itself sends: programs that look at links in mails send none, and neither
do colleagues who are signed in.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from pipeline.forms.proposals import AnswerForm
from pipeline.forms.public import stamp
from pipeline.proposal_pdf import sums_of
from pipeline.services.sending import accept_proposal, note_opened, reject_proposal, version_at
from pipeline.views.proposal_steps import pdf_answer
from pipeline.views.public import gone, one_moment, too_many, too_many_looks
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS
from salesorg.people.models import organisation


@login_not_required
@csrf_exempt  # no session has a say here: the address is the key, and the stamp says that the form was opened here
@FORM_METHODS
def offer(request, token):
    """A proposal as the customer reads and answers it."""
    if wait := too_many(request, token):
        return one_moment(request, wait)
    version = version_at(token)
    if version is None:
        return gone(request)
    consent = _("I accept this proposal for %(company)s.") % {"company": version.deal.account or version.proposal.name}
    asked = request.POST.get("answer") if request.method == "POST" else ""
    forms = {
        each: AnswerForm(
            request.POST if asked == each else None, answer=each, token=token, consent=consent, prefix=None,
            auto_id=f"{each}_%s", initial={"stamp": stamp(token), "answer": each},
        )
        for each in (AnswerForm.ACCEPT, AnswerForm.REJECT)
    }  # fmt: skip
    form = forms.get(asked)
    if form and not form.seems_a_program() and form.is_valid():
        with refusal_shown_in(form):
            _answered(form, version, consent)
            return redirect(request.path)
    return _page(request, version, forms, bool(form and form.errors))


def _answered(form, version, consent):
    name = form.cleaned_data["person"]
    if form.cleaned_data["answer"] == AnswerForm.ACCEPT:
        accept_proposal(version=version, name=name, consent=consent)
    else:
        reject_proposal(version=version, name=name, reason=form.cleaned_data["reason"])


def _page(request, version, forms, refused):
    code, _words = version.state_on(organisation().today())
    context = {
        "version": version,
        "code": code,
        "lines": version.lines.order_by("position"),
        "sums": sums_of(version),
        "accept": forms[AnswerForm.ACCEPT],
        "reject": forms[AnswerForm.REJECT],
        "may_answer": code in {"sent", "opened"},
        "counts": not request.user.is_authenticated,
    }
    if code in {"expired", "replaced", "not_chosen"}:
        context["lines"] = context["sums"] = ()  # what is no longer offered is no longer shown
    response = render(request, "pipeline/public_offer.html", context, status=422 if refused else 200)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address itself is the key
    return response


@login_not_required
@csrf_exempt
@require_POST
def offer_opened(request, token):
    """The page says that somebody reads it."""
    version = None if too_many_looks(request) else version_at(token)
    if version is not None and not request.user.is_authenticated:
        note_opened(version=version)
    return HttpResponse(status=204)


@login_not_required
@require_safe
def offer_pdf(request, token):
    """The PDF as it was sent."""
    if wait := too_many(request, token):
        return one_moment(request, wait)
    version = version_at(token)
    if version is None or version.state_on(organisation().today())[0] in {"expired", "replaced", "not_chosen"}:
        raise Http404
    return pdf_answer(version.document)
