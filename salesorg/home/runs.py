"""The pages of the runs: what was run and how it went, one run live, start one now, and work that was given up."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from salesorg.home.context import is_for_panel
from salesorg.jobs import outbox
from salesorg.jobs.models import OutboxMessage, Run
from salesorg.jobs.runs import progress_of, start_run
from salesorg.lib.http import toast
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.models import User, organisation
from salesorg.people.roles import Action

MOST_PARKED = 50  # shown at once


@require_safe
@requires(Action.SEE_RUNS)
def runs(request):
    """Every run, newest first, above it the work that was given up."""
    page = page_of(Run.objects.all(), ("-pk",), request.GET.get("after", ""))
    parked = list(OutboxMessage.objects.filter(parked_at__isnull=False).order_by("-pk")[: MOST_PARKED + 1])
    context = {
        "page": page,
        "rows": list(zip(page.rows, _starters(page.rows, request.user), strict=True)),
        "parked": parked[:MOST_PARKED],
        "more_parked": len(parked) > MOST_PARKED,
        "may_start": request.user.may(Action.START_RUNS),
    }
    return render(request, "home/runs.html", context)


@require_safe
@requires(Action.SEE_RUNS)
def run(request, pk):
    """One run: its steps, counts and problems; the page asks for itself again while it is running."""
    row = get_object_or_404(Run, pk=pk)
    context = {
        "run": row,
        "steps": progress_of(row),
        "counts": sorted((name.replace("_", " "), count) for name, count in row.counts.items()),
        "starter": _starters([row], request.user)[0],
        "may_start": request.user.may(Action.START_RUNS),
    }
    asks_again = request.htmx and not is_for_panel(request)
    return render(request, "home/run_progress.html" if asks_again else "home/run.html", context)


@require_POST
@requires(Action.START_RUNS)
def run_start(request):
    """Start tonight's run now. Whoever starts it while it is running is shown the running one."""
    row = start_run(job="nightly", period=organisation().today().isoformat(), actor=request.user, again=True)
    return redirect("home:run", row.pk)


@require_POST
@requires(Action.START_RUNS)
def message_retry(request, pk):
    """Have parked work tried again."""
    get_object_or_404(OutboxMessage, pk=pk)
    text = _("It is tried again.") if outbox.retry(pk=pk) else _("It is no longer given up.")
    return toast(request, text, to=reverse("home:runs"))


def _starters(rows, user):
    """Who started each run, in words."""
    people = User.objects.visible_to(user).in_bulk({row.actor_id for row in rows if row.actor_id})
    return [str(people.get(row.actor_id, _("the clock"))) for row in rows]
