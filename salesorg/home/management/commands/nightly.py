"""Start the nightly run: bookings and credits, ledger, statements, checks."""

from datetime import date

from django.core.management.base import CommandError
from kombu.exceptions import OperationalError
from tqdm import tqdm

from salesorg.celery import app
from salesorg.jobs.models import Run
from salesorg.jobs.runs import run_here, start_run
from salesorg.lib.commands import RecordsCommand
from salesorg.people.models import organisation

ANSWER = 1.0  # seconds to wait for a worker to say that it is there


class Command(RecordsCommand):
    help = "Start the nightly run. Workers share it; where none answers, this process does all of it."

    def add_arguments(self, parser):
        parser.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="the day to run for (default: today)")
        parser.add_argument("--wait", action="store_true", help="show the progress and wait, when workers do the run")

    def handle(self, **options):
        day = options["as_of"] or organisation().today()
        run = start_run(job="nightly", period=day.isoformat(), again=True)
        if not options["wait"] and workers_answer():
            self.stdout.write(f"Run {run.pk} has started; its workers go on without this command.")
            return
        with tqdm(unit=" parts", desc=f"Run {run.pk}") as bar:
            run = run_here(run, progress=lambda now: _show(bar, now))
        self.stdout.write(", ".join(f"{count} {name}" for name, count in sorted(run.counts.items())))
        for problem in run.problems[:20]:
            self.stderr.write(f"{problem['where']}: {problem['sentence']}")
        if run.state != Run.State.DONE:
            raise CommandError(f"Run {run.pk} failed; what it did stands, and starting it again goes on from there.")


def workers_answer():
    """True when a worker says it is there. A broker that cannot be reached has none."""
    with app.connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=1, timeout=ANSWER)
        except (*connection.connection_errors, OperationalError):
            return False
        return bool(app.control.ping(timeout=ANSWER, connection=connection))


def _show(bar, run):
    bar.total, bar.n = run.total, run.done
    bar.set_postfix_str(run.step)


def _day(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is not a date such as 2017-03-31.") from None
