"""What customers say of us: the public page of a survey, asking, answers as a list, reviews and referrals."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.models import Account
from pipeline.forms.satisfaction import AnswerForm, AskForm, FavourForm
from pipeline.models import Favour, Survey
from pipeline.services import satisfaction as services
from pipeline.views.customers import book_tabs
from pipeline.views.public import gone, one_moment, too_many
from pipeline.visible import account_asked
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.models import organisation
from salesorg.people.roles import Action

SHOWN = 5  # of each kind, on the page of an account


@login_not_required
@csrf_exempt  # no session has a say here: the address itself is the key
@FORM_METHODS
def survey(request, token):
    """The question, and thanks once it is answered. It says nothing about who is asked."""
    if wait := too_many(request, token):
        return one_moment(request, wait)
    asked = services.survey_of(token)
    if asked is None:
        return gone(request)
    form = AnswerForm(request.POST or None)
    thanks = False
    if request.method == "POST" and form.is_valid():
        thanks = True
        if not form.cleaned_data["website"]:  # a program learns nothing
            words = form.cleaned_data["words"]
            services.answer_survey(survey=asked, score=form.cleaned_data["score"], words=words, actor=None)
    context = {"form": form, "thanks": thanks, "ours": organisation()}
    response = render(request, "pipeline/public_survey.html", context, status=422 if form.is_bound and not thanks else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@requires(Action.READ_RECORDS)
def survey_list(request):
    """What customers answered, the latest first; ?state=open what still waits for an answer."""
    waiting = request.GET.get("state") == "open"
    rows = Survey.objects.visible_to(request.user).filter(answered_at__isnull=waiting).select_related("account", "contact")
    account, rows = account_asked(request, rows)
    chips = ((_("Answered"), "?", not waiting), (_("Asked"), "?state=open", waiting))
    context = {
        "page": page_of(rows, ("-asked_at", "-pk"), request.GET.get("after", "")),
        "tabs": book_tabs("said"),
        "account": account,
        "chips": [{"label": label, "url": url, "on": on} for label, url, on in chips],
    }
    return render(request, "pipeline/survey_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def account_voice(request, pk):
    """On the page of an account: what they answered, reviews and referrals."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    surveys = Survey.objects.visible_to(request.user).filter(account=account).select_related("contact")
    favours = Favour.objects.visible_to(request.user).filter(account=account).select_related("lead")
    may_ask = request.user.may(Action.LOG_ACTIVITY)
    context = {"account": account, "surveys": surveys[:SHOWN], "favours": favours[:SHOWN], "may_ask": may_ask}
    return render(request, "pipeline/_account_voice.html", context)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def survey_ask(request, pk):
    """Ask somebody at the account how satisfied they are, by mail."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = AskForm(request.POST or None, user=request.user, account=account)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            asked = services.ask_survey(account=account, actor=request.user, **form.cleaned_data)
            return toast(request, _("%(name)s is asked by mail.") % {"name": asked.contact}, to=account.get_absolute_url())
    return _form(request, form, account, _("Ask how satisfied they are"), _("Send the question"))


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def favour_new(request, pk):
    """A review or referral was asked for or given; a referral that is given brings a lead."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = FavourForm(request.POST or None, user=request.user, account=account)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            favour = services.note_favour(account=account, actor=request.user, **form.cleaned_data)
            words = _("Saved; the lead is open.") if favour.lead else _("Saved.")
            return toast(request, words, undo=undo_url(request), to=account.get_absolute_url())
    return _form(request, form, account, _("Review or referral"), _("Save"))


def _form(request, form, account, title, submit):
    context = {"form": form, "account": account, "title": title, "submit": submit}
    return render(request, "pipeline/satisfaction_form.html", context, status=422 if form.is_bound else 200)
