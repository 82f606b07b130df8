"""Handoffs: the inbox, each one's page, offering and answering."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pipeline import waiting
from pipeline.engine import handoffs as steps
from pipeline.forms.handoffs import ASKED, ChallengeForm, OfferForm, ReceiverForm, ReturnForm
from pipeline.models import Deal, Handoff, Status
from pipeline.services import handoffs as services
from pipeline.services.handoff_stages import lacking_for, stage_after
from pipeline.services.packages import package_between
from pipeline.views.deals import may_assign
from pipeline.visible import visible_accounts
from salesorg.lib.errors import DomainError
from salesorg.lib.http import FORM_METHODS, toast
from salesorg.lib.templatetags.salesorg import day
from salesorg.people.access import requires
from salesorg.people.querysets import people_led_by
from salesorg.people.roles import SELLERS, Action, Role

MOST = 50  # rows of one kind; the rest is one link away


@require_safe
@requires(Action.READ_RECORDS)
def handoff_inbox(request):
    """What waits for me by the time that is left, what I wait for, and what my people have not answered."""
    user, now = request.user, timezone.now()
    shown = Handoff.objects.visible_to(user).counted().for_people()
    given = list(shown.waiting().filter(giver=user).left()[:MOST])
    back = list(shown.filter(giver=user, state="returned", deal__status="open", deal__owner=user).order_by("-decided_at")[:MOST])
    again = set(Handoff.objects.visible_to(user).filter(deal__in=[each.deal_id for each in back]).after(back))
    sections = {
        "to_me": list(shown.to_decide(user).left()[:MOST]),
        "to_call": list(
            shown.without_contact(now).filter(taker=user).with_meeting().filter(met_at=None).order_by("contact_by")[:MOST]
        ),
        "from_me": given,
        "returned": [each for each in back if each.pk not in again],
        "team": _of_team(shown, user),
        "to_judge": list(_led(shown.filter(state="challenged"), user)[:MOST]),
    }
    waiting.with_clocks([*sections["to_me"], *given, *sections["team"]], now)
    return render(request, "pipeline/handoff_inbox.html", sections | {"any": any(sections.values()), "now": now})


def _of_team(shown, user):
    """What the people that `user` leads have not answered; everybody's for operations."""
    theirs = _led(shown.waiting().exclude(taker=user), user)
    return list(theirs.left()[:MOST])


def _led(rows, user):
    if Role.OPERATIONS in user.scope.roles:
        return rows
    return rows.filter(taker__in=people_led_by(user)) if user.scope.led_teams else rows.none()


def visible_handoff(request, pk):
    found = Handoff.objects.visible_to(request.user).select_related(
        "package", "decided_by", "judged_by", "deal__owner", "deal__stage", "deal__pipeline"
    )
    return get_object_or_404(found.for_people().with_meeting(), pk=pk)


@require_safe
@requires(Action.READ_RECORDS)
def handoff_detail(request, pk):
    """One handoff: what was handed over, how it went, and what the reader may do with it."""
    handoff = visible_handoff(request, pk)
    handoff.contact_at = handoff.contact_at or (handoff.met_at if handoff.state == "accepted" else None)
    waiting.with_clocks([handoff])
    open_steps = steps.steps_for(handoff.state, services.parts_of(handoff, request.user)) if may_answer(request.user) else []
    context = {
        "handoff": handoff,
        "answers": [(each, in_words(each, handoff.answers.get(each.key, ""))) for each in handoff.package.fields],
        "steps": open_steps,
        "coming": coming_stage(handoff.deal, handoff.taker_role) if handoff.is_waiting else None,
        "events": events_of(handoff),
        "deal_visible": Deal.objects.visible_to(request.user).filter(pk=handoff.deal_id).exists(),
        "account_visible": bool(visible_accounts(request.user, [handoff.deal.account_id])),
        "may_log": request.user.may(Action.LOG_ACTIVITY),
    }
    return render(request, "pipeline/handoff_detail.html", context)


def coming_stage(deal, role):
    """What becomes of the deal's stage when `role` accepts it: the stage and what is missing for it; None when it stays."""
    stage = stage_after(deal, role)
    return {"stage": stage, "lacking": lacking_for(deal, stage)} if stage else None


def in_words(question, answer):
    """An answer as its reader writes it; a day as everywhere else."""
    return day(date.fromisoformat(answer)) if question.kind == "date" and answer else answer


def may_answer(user):
    return user.may(Action.EDIT_DEALS)


def events_of(handoff):
    """What happened to a handoff, the newest first."""
    taker = str(handoff.taker or _("anybody who is %(role)s") % {"role": handoff.get_taker_role_display()})
    decided = {
        "accepted": ("person-check", _("Accepted")),
        "returned": ("arrow-return-right", _("Returned: %(reason)s") % {"reason": handoff.reason}),
        "withdrawn": ("x-lg", _("Withdrawn")),
    }
    icon, words = decided.get(handoff.state, decided["accepted"])
    after = handoff.decide_time and _("after %(time)s of working time") % {"time": waiting.in_short(handoff.decide_time)}
    met = handoff.contact_time and _("after %(time)s of working time") % {"time": waiting.in_short(handoff.contact_time)}
    passed_on = handoff.waiting_since != handoff.offered_at
    events = [
        (handoff.offered_at, "send", _("Offered"), handoff.giver, ""),
        (passed_on and handoff.waiting_since, "arrow-left-right", _("Passed on to %(name)s") % {"name": taker}, None, ""),
        (handoff.reminded_at, "clock", _("Reminded: little time is left"), handoff.taker, ""),
        (handoff.escalated_at, "exclamation-triangle", _("Brought before the receiver's manager"), None, ""),
        (handoff.decided_at, icon, words, handoff.decided_by, " · ".join(filter(None, [after, handoff.note]))),
        (handoff.contact_at, "telephone", _("First contact with the customer"), handoff.taker, met or ""),
        (handoff.challenged_at, "exclamation-triangle", _("Disqualification asked for"), handoff.taker, handoff.challenge),
        (handoff.judged_at, "check", _("Judged: %(state)s") % {"state": handoff.get_state_display()}, handoff.judged_by, ""),
    ]
    told = [
        {"icon": icon, "text": text, "at": at, "who": str(who or ""), "detail": detail}
        for at, icon, text, who, detail in events
        if at
    ]
    return sorted(told, key=lambda event: event["at"], reverse=True)


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def handoff_new(request, pk):
    """Hand a deal over: to whom, with the package that the receiving role (?role=) asks for."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("account", "owner", "stage", "pipeline"), pk=pk)
    if not may_assign(request.user, deal):
        raise PermissionDenied
    giver_role, usual = services.roles_of(deal)
    role = asked_role(request, usual)
    version = package_between(giver_role, role)
    earlier = returned_before(request.user, deal, role)
    to = request.GET.get("to") or (earlier and earlier.taker_id)
    form = OfferForm(request.POST or None, user=request.user, version=version, earlier=earlier, initial={"to": to})
    if request.method == "POST" and form.is_valid() and (made := offered(form, deal, role, request.user)):
        return said_offered(request, made)
    context = {
        "form": form,
        "deal": deal,
        "version": version,
        "role": role,
        "roles": [(each, each.label) for each in sorted(SELLERS) if each != giver_role or each == role],
        "waiting": Handoff.objects.visible_to(request.user).waiting().filter(deal=deal).first(),
        "earlier": earlier,
        "is_lost": deal.status == Status.LOST,
        "coming": coming_stage(deal, role),
    }
    return render(request, "pipeline/handoff_form.html", context, status=422 if form.is_bound else 200)


def returned_before(user, deal, role):
    """The handoff of the deal to this role that was given back last: what was written then is not typed again."""
    back = Handoff.objects.visible_to(user).filter(deal=deal, taker_role=role, state="returned").select_related("taker")
    return back.order_by("-decided_at", "-pk").first()


def asked_role(request, usual):
    """The receiving role of ?role=, else the usual one."""
    asked = request.GET.get("role", "")
    return next((role for role in SELLERS if str(int(role)) == asked), usual)


def offered(form, deal, role, actor):
    """The Handoff; None when it is refused, and the form says why at each field."""
    try:
        return services.offer_handoff(deal=deal, to=form.cleaned_data["to"], to_role=role, package=form.answers(), actor=actor)
    except DomainError as error:
        named = [name for field in error.fields for name in (field, ASKED + field) if name in form.fields]
        for name in named or [None]:
            form.add_error(name, _("This is needed.") if len(named) > 1 else str(error))
        return None


def said_offered(request, handoff):
    if not handoff.is_waiting:
        return toast(request, _("You hold both roles: it is yours."), to=handoff.deal.get_absolute_url())
    text = _("Offered to %(name)s.") % {"name": handoff.taker or handoff.get_taker_role_display()}
    if handoff.taker and str(handoff.taker_id) != request.POST.get("to"):
        text = _("They are away: offered to %(name)s, who stands in.") % {"name": handoff.taker}
    return toast(request, text, undo=reverse("pipeline:handoff_withdraw", args=[handoff.pk]), to=handoff.get_absolute_url())


@require_POST
@requires(Action.EDIT_DEALS)
def handoff_accept(request, pk):
    """Take the deal."""
    handoff = services.accept_handoff(handoff=visible_handoff(request, pk), actor=request.user)
    until = timezone.localtime(handoff.contact_by)
    text = _("Yours. Call them by %(day)s, %(clock)s.") % {"day": day(until), "clock": f"{until:%H:%M}"}
    if getattr(handoff, "moved_to", None):
        text = f"{text} {_('It is in “%(stage)s” now.') % {'stage': handoff.moved_to}}"
    return toast(request, text, to=handoff.get_absolute_url())


@require_POST
@requires(Action.EDIT_DEALS)
def handoff_withdraw(request, pk):
    """Take the offer back."""
    handoff = services.withdraw_handoff(handoff=visible_handoff(request, pk), actor=request.user)
    return toast(request, _("Withdrawn: the deal stays where it is."), to=handoff.get_absolute_url())


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def handoff_return(request, pk):
    """Give it back, with a reason."""
    handoff = visible_handoff(request, pk)
    form = ReturnForm(request.POST or None, version=handoff.package)
    words = {"title": _("Give it back"), "submit": _("Give back")}
    return answered(
        request, handoff, form, services.return_handoff, _("Given back to %(name)s.") % {"name": handoff.giver}, words
    )


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def handoff_pass_on(request, pk):
    """Let somebody else decide."""
    handoff = visible_handoff(request, pk)
    form = ReceiverForm(request.POST or None, user=request.user)
    words = {"title": _("Pass on to somebody else"), "submit": _("Pass on")}
    return answered(request, handoff, form, services.pass_on_handoff, _("Passed on."), words)


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def handoff_challenge(request, pk):
    """Ask that what was accepted does not count."""
    handoff = visible_handoff(request, pk)
    form = ChallengeForm(request.POST or None)
    words = {"title": _("Ask to disqualify"), "submit": _("Ask my manager")}
    return answered(request, handoff, form, services.challenge_handoff, _("Your manager decides."), words)


def answered(request, handoff, form, service, text, words):
    """The form of one step, and the step when it is filled in."""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                service(handoff=handoff, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(next((name for name in error.fields if name in form.fields), None), str(error))
        else:
            seen = Handoff.objects.visible_to(request.user).filter(pk=handoff.pk).exists()
            return toast(request, text, to=handoff.get_absolute_url() if seen else reverse("pipeline:handoff_inbox"))
    context = {"form": form, "handoff": handoff, **words}
    return render(request, "pipeline/handoff_step.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_DEALS)
def handoff_judge(request, pk):
    """A manager says whether what was challenged counts."""
    handoff = visible_handoff(request, pk)
    disqualified = request.POST.get("verdict") == "disqualified"
    if not disqualified and request.POST.get("verdict") != "stands":
        raise DomainError(_("Say whether it counts."), fields=["verdict"])
    handoff = services.judge_challenge(handoff=handoff, disqualified=disqualified, actor=request.user)
    text = _("It does not count.") if disqualified else _("It stands as accepted.")
    return toast(request, text, to=handoff.get_absolute_url())
