"""When people work: who is away, one's own absences, and the hours of a week."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url

from ..access import requires
from ..forms.working import AbsenceForm, UsualWeekForm, WeekForm
from ..models import Absence, PublicHoliday
from ..roles import Action
from ..services import working as services
from ..working import week_of
from .people import may_plan_for, visible_person

MOST = 200  # absences on the page: today's and those to come


@require_safe
@requires(Action.SEE_PEOPLE)
def absence_list(request):
    """Who is away today and later: oneself, and the people one leads."""
    today = request.user.today
    rows = Absence.objects.visible_to(request.user).from_day(today).select_related("user", "stand_in")
    context = {"absences": rows.order_by("during", "user__name")[:MOST], "today": today}
    return render(request, "people/absence_list.html", context)


def check_may_plan(request, person):
    """403 unless it is oneself, somebody one leads, or one administers people."""
    if not may_plan_for(request.user, person):
        raise PermissionDenied


def _undo(request):
    """Where the change is taken back, for those who may take back changes of people."""
    return undo_url(request) if request.user.may(Action.EDIT_PEOPLE) else ""


@FORM_METHODS
@transaction.atomic
def absence_new(request, pk):
    """Say when somebody will be away, and who stands in."""
    person = visible_person(request, pk)
    check_may_plan(request, person)
    initial = {"first_day": request.user.today, "last_day": request.user.today}
    form = AbsenceForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.add_absence(person=person, actor=request.user, **form.cleaned_data)
            text = _("%(name)s is entered as away.") % {"name": person}
            return toast(request, text, undo=_undo(request), to=reverse("people:absence_list"))
    return _page(request, form, person, _("%(name)s will be away") % {"name": person})


@FORM_METHODS
@transaction.atomic
def absence_edit(request, pk):
    """Change an absence, or take it away."""
    absence = get_object_or_404(Absence.objects.visible_to(request.user).select_related("user"), pk=pk)
    last_day = absence.during.upper - absence.during.lower.resolution
    initial = {"first_day": absence.during.lower, "last_day": last_day, "stand_in": absence.stand_in_id, "reason": absence.reason}
    form = AbsenceForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.change_absence(absence=absence, actor=request.user, **form.cleaned_data)
            return toast(request, _("Saved."), undo=_undo(request), to=reverse("people:absence_list"))
    return _page(request, form, absence.user, _("When %(name)s is away") % {"name": absence.user}, absence=absence)


@require_POST
def absence_cancel(request, pk):
    """Somebody is not away after all."""
    absence = get_object_or_404(Absence.objects.visible_to(request.user), pk=pk)
    services.cancel_absence(absence=absence, actor=request.user)
    return toast(request, _("Taken away."), undo=_undo(request), to=reverse("people:absence_list"))


def _page(request, form, person, title, **more):
    context = {"form": form, "person": person, "title": title, **more}
    return render(request, "people/absence_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@transaction.atomic
def working_week(request, pk):
    """The hours that one person works."""
    person = visible_person(request, pk)
    check_may_plan(request, person)
    hours, own = week_of(person)
    form = WeekForm(request.POST or None, hours=hours)
    if request.method == "POST" and (request.POST.get("usual") or form.is_valid()):
        with refusal_shown_in(form):
            wanted = None if request.POST.get("usual") else form.hours()
            services.set_working_week(user=person, hours=wanted, actor=request.user)
            return toast(request, _("Saved."), undo=_undo(request), to=person.get_absolute_url())
    context = {"form": form, "person": person, "own": own}
    return render(request, "people/working_week.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_SETTINGS)
@transaction.atomic
def usual_week(request):
    """The hours of everybody without a week of their own, and the days on which nobody works."""
    kept = "\n".join(str(each) for each in PublicHoliday.objects.visible_to(request.user))
    form = UsualWeekForm(request.POST or None, hours=week_of()[0], initial={"holidays": kept})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.set_working_week(user=None, hours=form.hours(), actor=request.user)
            services.set_public_holidays(holidays=form.cleaned_data["holidays"], actor=request.user)
            return toast(request, _("Saved."), undo=_undo(request), to=reverse("home:settings"))
    return render(request, "people/working_week.html", {"form": form}, status=422 if form.is_bound else 200)
