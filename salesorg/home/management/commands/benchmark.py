"""manage.py benchmark: how long the pages take at size, with several people at once, as a table and as JSON."""

import json
import os
import platform
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from accounts.models import Account, Activity, Contact
from pipeline.models import Contract, Deal, DealVersion, Handoff, Lead, Ticket
from salesorg.home.benchmark import measure, web_server, workload
from salesorg.home.benchmark.duplicates import measure_search
from salesorg.home.benchmark.importing import measure_import
from salesorg.home.benchmark.measuring import count_queries
from salesorg.lib.commands import RecordsCommand
from salesorg.lib.errors import DomainError
from salesorg.people.models import User

BUSY = 0.4  # of the cores at work for others before we begin


class Command(RecordsCommand):
    help = "Measure the pages on generated data (manage.py generate --size medium) through a real web server."

    def add_arguments(self, parser):
        parser.add_argument("--requests", type=int, default=200, help="of each kind (default 200)")
        parser.add_argument("--clients", type=int, default=2, help="at once (default 2)")
        parser.add_argument("--workers", type=int, default=2, help="web processes (default 2)")
        parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")

        parser.add_argument(
            "--duplicates", type=int, metavar="ACCOUNTS", help="instead: search for duplicates among so many invented accounts"
        )

        parser.add_argument(
            "--imported", type=int, metavar="ACCOUNTS", help="instead: import so many invented accounts, and take them back"
        )

    def handle(self, *, requests, clients, workers, **options):
        if min(requests, clients, workers) < 1:
            raise CommandError("--requests, --clients and --workers are 1 or more.")
        if options["duplicates"]:
            self._tell_search(measure_search(options["duplicates"]))
            return
        if options["imported"]:
            for what, seconds in measure_import(options["imported"]).items():
                self.stdout.write(f"{what:<22} {seconds:>6.1f} s")
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        load_before = os.getloadavg()[0]
        try:
            tasks = workload(requests)
            with web_server(workers) as port, tqdm(unit=" requests", disable=None, file=self.stderr._out) as bar:
                measurements = measure(tasks, port=port, clients=clients, requests=requests, advance=bar.update)
                count_queries(tasks, measurements, port=port)
        except DomainError as problem:
            raise CommandError(str(problem)) from problem
        report = {
            "at": timezone.now().isoformat(timespec="seconds"),
            "machine": machine() | {"load_before": load_before},
            "data": data(),
            "clients": clients,
            "web_workers": workers,
            "tasks": [measurement.as_row() for measurement in measurements],
        }
        self._tell(report)
        if options["json"]:
            write(options["json"], report)

    def _tell_search(self, search):
        for rule, seconds, compared in search.parts:
            self.stdout.write(f"{rule:<12} {seconds:>6.1f} s {compared:>10,} pairs compared")
        self.stdout.write(
            f"{search.accounts:,} accounts in {search.seconds:.0f} s by one process, the longest part {search.longest:.0f} s;"
            f" {search.found:,} pairs found; of {search.planted:,} planted {search.recall:.1%} found, {search.precision:.1%} of"
            " what was found is planted"
        )

    def _tell(self, report):
        tell, machine, data = self.stdout.write, report["machine"], report["data"]
        hardware = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB"
        tell(f"{hardware}; load before: {machine['load_before']:.1f}")
        if machine["load_before"] > BUSY * machine["cores"]:
            tell("The machine was busy with other work: these figures are too high to judge by. Measure again when it is quiet.")
        tell(f"Python {machine['python']}, PostgreSQL {machine['postgresql']}")
        tell(", ".join(f"{count:,} {what}" for what, count in data.items()))
        tell(f"{report['clients']} clients at once, {report['web_workers']} web workers; milliseconds as the client waits\n")
        tell(f"{'':<32} {'requests':>8} {'p50':>7} {'p95':>7} {'max':>7} {'target':>7} {'queries':>8} {'computing':>10}")
        for row in report["tasks"]:
            word = "met" if row["met"] else "missed"
            times = f"{row['p50_ms']:>7.1f} {row['p95_ms']:>7.1f} {row['max_ms']:>7.1f} {row['target_ms']:>7}"
            tell(f"{row['task']:<32} {row['requests']:>8} {times} {row['queries']:>8} {row['computing_ms']:>10.1f}  {word}")


def machine():
    """What the figures were measured on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgresql = cursor.fetchone()[0].split()[0]
    return {
        "processor": _first(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": int((_first(Path("/proc/meminfo"), "MemTotal") or "0 kB").split()[0]) // 1_000_000,
        "python": platform.python_version(),
        "postgresql": postgresql,
    }


def _first(path, name):
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def data():
    """How much there is to look through."""
    models = {
        "accounts": Account,
        "contacts": Contact,
        "deals": Deal,
        "states of deals": DealVersion,
        "activities": Activity,
        "leads": Lead,
        "handoffs": Handoff,
        "contracts": Contract,
        "tickets": Ticket,
        "people": User,
    }
    return {what: model.objects.count() for what, model in models.items()}


def write(path, report):
    try:
        path.write_text(json.dumps(report, indent=2) + "\n")
    except OSError as problem:
        raise CommandError(f"{path} cannot be written: {problem.strerror}.") from problem
