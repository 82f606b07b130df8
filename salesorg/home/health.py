"""Is this process alive, is the whole ready to serve, and what should an administrator look at?"""

from dataclasses import dataclass
from datetime import timedelta

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from salesorg.jobs import outbox
from salesorg.jobs.models import OutboxMessage, Run
from salesorg.jobs.runs import last_run
from salesorg.people.access import requires
from salesorg.people.roles import Action

LONGEST_WAIT = timedelta(minutes=2)  # work of the outbox that is older than this waits for a worker that is not there
NIGHTLY_EVERY = timedelta(hours=36)  # a night may run long; two nights without a run are a fault


@dataclass(frozen=True)
class Check:
    name: str
    good: bool
    words: str


@require_safe
@login_not_required
@never_cache
def healthz(request):
    """200 while the process answers at all."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@login_not_required
@never_cache
def readyz(request):
    """200 when database, broker and migrations are there, else 503 naming what is not; the nightly run is told beside."""
    checks = {"database": _database(), "migrations": _migrations(), "broker": _broker()}
    ready = all(answer == "ok" for answer in checks.values())
    night = last_run("nightly") if checks["migrations"] == "ok" else None
    checks["nightly"] = f"{night.period} {night.state}" if night else "none yet"
    return JsonResponse(checks, status=200 if ready else 503)


@require_safe
@requires(Action.EDIT_SETTINGS)
def health(request):
    """What runs, what waits, what failed: each with a sentence on what to do."""
    return render(request, "home/health.html", {"checks": [*_servers(), *_work(timezone.now())]})


def _servers():
    database, migrations, broker = _database(), _migrations(), _broker()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))")
        version, size = cursor.fetchone()
    words = {"version": version, "size": size}
    yield Check(_("Database"), database == "ok", _("PostgreSQL %(version)s holds %(size)s.") % words)
    if migrations == "ok":
        yield Check(_("Migrations"), True, _("The database has the shape this version expects."))
    else:
        yield Check(_("Migrations"), False, _("Some are not applied. Run manage.py migrate, or start again with script/server."))
    if broker == "ok":
        yield Check(_("Broker"), True, _("Redis answers."))
    else:
        yield Check(_("Broker"), False, _("Redis does not answer. Work waits in the database and is done once it is back."))


def _work(now):
    waiting = outbox.to_do().aggregate(oldest=Min("created_at"))["oldest"]
    if waiting and now - waiting > LONGEST_WAIT:
        yield Check(
            _("Workers"),
            False,
            _("Work has waited for %(minutes)s minutes. Is a worker running?") % {"minutes": _minutes(now - waiting)},
        )
    else:
        yield Check(_("Workers"), True, _("Nothing waits for long."))
    parked = OutboxMessage.objects.filter(parked_at__isnull=False).count()
    if parked:
        words = _("%(number)s pieces of work failed three times and wait on the page of runs.") % {"number": parked}
        yield Check(_("Given up"), False, words)
    else:
        yield Check(_("Given up"), True, _("No work was given up."))
    night = last_run("nightly")
    if night is None:
        yield Check(_("Nightly run"), False, _("It has not run yet. Start it on the page of runs."))
    else:
        late = now - night.started_at > NIGHTLY_EVERY
        words = _("Last run: %(period)s, %(state)s.") % {"period": night.period, "state": night.get_state_display()}
        yield Check(_("Nightly run"), night.state != Run.State.FAILED and not late, words)


def _minutes(duration):
    return int(duration.total_seconds() // 60)


def _database():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "no answer"
    return "ok"


def _migrations():
    try:
        executor = MigrationExecutor(connection)
        return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"
    except DatabaseError:
        return "unknown"


def _broker():
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return "no answer"
    return "ok"
