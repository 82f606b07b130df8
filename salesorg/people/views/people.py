"""The directory of colleagues, and each one's page."""

from django.db import transaction
from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.widgets import typed_words

from ..access import requires
from ..forms.people import NewPersonForm, PersonForm
from ..models import Assistance, Membership, Team, User, WorkingDay
from ..querysets import people_led_by
from ..roles import Action, Role
from ..services import people as services
from ..services.signing_in import end_sessions, invite
from ..working import away_on, week_of

ROLES = {str(role.value): role for role in Role}  # as an address names them


@require_safe
@requires(Action.SEE_PEOPLE)
def people(request):
    """Everybody who works here, or worked here; ?q, ?team, ?role and ?left narrow it."""
    today = request.user.today
    rows, words = _narrowed(request, User.objects.visible_to(request.user), today)
    roles_today = Membership.objects.visible_to(request.user).on(today).select_related("team").order_by("role", "team__name")
    page = page_of(
        rows.prefetch_related(Prefetch("memberships", roles_today, "roles_today")), ("name", "pk"), request.GET.get("after", "")
    )
    context = {
        "page": page,
        "total": rows.count(),
        "query": request.GET.get("q", ""),
        "words": words,
        "chips": _chips(request),
        "roles": Role.choices,
        "may_edit": request.user.may(Action.EDIT_PEOPLE),
    }
    return render(request, "people/people.html", context)


def _narrowed(request, rows, today):
    """The people that the address asks for, and what it asks in words."""
    rows = rows.filter(is_active=not request.GET.get("left"))
    words = [_("People who have left") if request.GET.get("left") else _("People who work here")]
    if text := typed_words(request):
        rows = rows.filter(Q(name__icontains=text) | Q(email__icontains=text))
        words.append(_("with “%(text)s” in name or e-mail") % {"text": text})
    held = {}
    role, team = request.GET.get("role", ""), request.GET.get("team", "")
    if role in ROLES:
        held["role"] = ROLES[role]
        words.append(_("as %(role)s") % {"role": ROLES[role].label})
    if team.isdecimal() and (found := Team.objects.visible_to(request.user).filter(pk=team[:18]).first()):
        held["team"] = found
        words.append(_("in %(team)s") % {"team": found})
    if held:
        holding = Membership.objects.visible_to(request.user).on(today).filter(**held)
        rows = rows.filter(pk__in=holding.values("user"))
    return rows, ", ".join(words)


def _chips(request):
    """The filters that can be switched with one click."""
    left = bool(request.GET.get("left"))

    def url(**changes):
        query = request.GET.copy()
        query.pop("after", None)
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return f"?{query.urlencode()}"

    chips = [
        {"label": _("Working here"), "url": url(left=""), "on": not left},
        {"label": _("Left"), "url": url(left="1"), "on": left},
    ]
    role, team = request.GET.get("role", ""), request.GET.get("team", "")
    if role in ROLES:
        chips.append({"label": ROLES[role].label, "url": url(role=""), "on": True, "clears": True})
    if team.isdecimal() and (found := Team.objects.visible_to(request.user).filter(pk=team[:18]).first()):
        chips.append({"label": found.name, "url": url(team=""), "on": True, "clears": True})
    return chips


def visible_person(request, pk):
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


@require_safe
@requires(Action.SEE_PEOPLE)
def person(request, pk):
    """One colleague: facts, roles past, present and to come, who assists whom."""
    colleague = visible_person(request, pk)
    today = request.user.today
    roles = Membership.objects.visible_to(request.user).filter(user=colleague).select_related("team").order_by("-during")
    assistance = Assistance.objects.visible_to(request.user).filter(Q(assistant=colleague) | Q(principal=colleague))
    assistance = assistance.select_related("assistant", "principal").order_by("-during")
    context = {
        "person": colleague,
        "roles": [{"row": row, "when": _when(row.during, today)} for row in roles],
        "assistance": [{"row": row, "when": _when(row.during, today)} for row in assistance],
        "may_edit": request.user.may(Action.EDIT_PEOPLE),
        "may_read": request.user.may(Action.READ_RECORDS),
        "may_see_visibility": may_see_visibility(request.user, colleague),
        "may_plan": may_plan_for(request.user, colleague),
        "hours": list(zip(WorkingDay.Weekday.labels, week_of(colleague)[0], strict=True)),
        "away": away_on([colleague], today).get(colleague.pk),
    }
    return render(request, "people/person.html", context)


def _when(during, today):
    """Whether a period is past, present or to come."""
    if during.lower > today:
        return "future"
    return "present" if during.upper is None or during.upper > today else "past"


def may_see_visibility(user, colleague):
    """Administrators about everybody, leaders about their people, everybody about themselves."""
    leads = any(colleague.pk in (grant.accounts_of or ()) for grant in user.scope.grants) and bool(user.scope.led_teams)
    return user.may(Action.EDIT_PEOPLE) or colleague.pk == user.pk or leads


def may_plan_for(user, colleague):
    """Whether `user` says when the colleague works: everybody for themselves, leaders for their people, administrators."""
    return colleague == user or user.may(Action.EDIT_PEOPLE) or people_led_by(user).filter(user=colleague).exists()


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
@transaction.atomic
def person_new(request):
    """Add a colleague with the first role."""
    initial = {
        "started_on": request.user.today,
        "time_zone": request.user.organisation.time_zone,
        "team": request.GET.get("team"),
    }
    form = NewPersonForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            created = services.create_person(actor=request.user, **form.cleaned_data)
            text = (
                _("%(name)s is added, and the invitation is on its way.")
                if form.cleaned_data["invited"]
                else _("%(name)s is added.")
            )
            return toast(request, text % {"name": created}, undo=undo_url(request), to=created.get_absolute_url())
    return render(request, "people/person_form.html", {"form": form}, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
@transaction.atomic
def person_edit(request, pk):
    """Change the facts of a colleague."""
    colleague = visible_person(request, pk)
    form = PersonForm(request.POST or None, instance=colleague, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.change_person(person=colleague, actor=request.user, **form.facts())
            return toast(request, _("Saved."), undo=undo_url(request), to=colleague.get_absolute_url())
    return render(request, "people/person_form.html", {"form": form, "person": colleague}, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_PEOPLE)
def person_invite(request, pk):
    """Mail a link to choose a password."""
    colleague = visible_person(request, pk)
    with transaction.atomic():
        invite(user=colleague, actor=request.user)
    return toast(
        request, _("An invitation to %(email)s is on its way.") % {"email": colleague.email}, to=colleague.get_absolute_url()
    )


@require_POST
@requires(Action.EDIT_PEOPLE)
def person_sign_out(request, pk):
    """End every session of a colleague: a phone was lost, a password is known."""
    colleague = visible_person(request, pk)
    end_sessions(user=colleague, actor=request.user)
    return toast(request, _("%(name)s is signed out everywhere.") % {"name": colleague}, to=colleague.get_absolute_url())
