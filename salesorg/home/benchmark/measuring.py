"""Sends the requests, from several clients at once, and says how long they took and how many queries they cost."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median
from time import perf_counter, process_time

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from salesorg.lib.errors import DomainError

from .workload import QUERY_TARGET, SEED, body_of, fresh

EXPECTED = {"GET": {200}, "POST": {200, 204, 302}}  # a page that redirects would only measure the way to the sign-in
REFUSAL = b'"state": "refused"'  # a parcel is answered 200, each of its items for itself
CSRF = "b" * 32  # any secret the browser and the form agree on
WARM_UP = 4  # requests of each kind that are not counted
COUNTED = 12  # requests of each kind whose queries are counted


@dataclass
class Measurement:
    """What one kind of request took: `times` in milliseconds."""

    name: str
    target: int
    times: list = field(default_factory=list)
    queries: int = 0  # the most of any request
    computing: list = field(default_factory=list)  # milliseconds of this process's own work per request, the database's not

    def percentile(self, share):
        """The time within which `share` (0…1) of the requests were answered."""
        ordered = sorted(self.times)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]

    @property
    def met(self):
        return self.percentile(0.95) <= self.target and self.queries <= QUERY_TARGET

    def as_row(self):
        """Plain values for the table and for JSON."""
        p50, p95 = (float(f"{self.percentile(share):.1f}") for share in (0.5, 0.95))
        return {
            "task": self.name,
            "requests": len(self.times),
            "p50_ms": p50,
            "p95_ms": p95,
            "max_ms": float(f"{max(self.times):.1f}"),
            "target_ms": self.target,
            "queries": self.queries,
            "computing_ms": float(f"{median(self.computing):.1f}"),
            "met": self.met,
        }


def measure(tasks, *, port, clients, requests, advance=lambda count: None):
    """Send `requests` of each task, mixed, from `clients` at once. Returns the Measurements in the order of `tasks`."""
    found = {task.name: Measurement(task.name, task.target) for task in tasks}
    plans = _plans(tasks, clients, requests)
    failures, lock, began = Counter(), threading.Lock(), threading.Barrier(clients)

    def work(plan):
        began.wait()
        for name, request, counts in plan:
            took, status = _send(port, *request)
            with lock:
                if status not in EXPECTED[request[1]]:
                    failures[f"{name}: {request[1]} {request[2]} answered {status}"] += 1
                elif counts:
                    found[name].times.append(took)
                advance(1)

    threads = [threading.Thread(target=work, args=[plan]) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        words = "\n".join(f"{what} ({count} times)" for what, count in failures.most_common(10))
        raise DomainError(f"Some requests were refused, so nothing was measured:\n{words}")
    return list(found.values())


def _plans(tasks, clients, requests):
    """For each client the requests it sends, all kinds mixed; those that warm up come first and do not count."""
    rng = random.Random(SEED)
    warm, counted = [[] for _client in range(clients)], [[] for _client in range(clients)]
    for task in tasks:
        # A client gets whole records: two of them moving one deal at once would measure a refusal.
        shares = [
            [each for each in task.requests if hash(each[2]) % clients == client] or task.requests for client in range(clients)
        ]
        for client, share in enumerate(shares):
            wanted = requests // clients
            chosen = [share[i % len(share)] for i in range(wanted + WARM_UP)]
            warm[client] += [(task.name, request, False) for request in chosen[:WARM_UP]]
            counted[client] += [(task.name, request, True) for request in chosen[WARM_UP:]]
    for plan in counted:
        rng.shuffle(plan)
    return [first + then for first, then in zip(warm, counted, strict=True)]


def _send(port, who, method, path, form):
    """One request on a connection of its own. Returns (milliseconds, status)."""
    headers = {"Cookie": f"sessionid={who.session}; csrftoken={CSRF}", "Accept-Encoding": "gzip", "Connection": "close"}
    body = None
    if method == "POST":
        body, content_type = body_of(fresh(form))
        headers |= {"Content-Type": content_type, "X-CSRFToken": CSRF} | _as_htmx(port, path)
    began = perf_counter()
    http = HTTPConnection("127.0.0.1", port, timeout=60)
    http.request(method, path, body, headers)
    answer = http.getresponse()
    answer.read()
    took = (perf_counter() - began) * 1000
    http.close()
    return took, answer.status


def _posted(client, path, form):
    body, content_type = body_of(form)
    return client.post(path, body, content_type=content_type)


def _as_htmx(port, path):
    """A move comes from the board by htmx; a visit from a form of its own."""
    from_board = {"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1:{port}/board/"}
    return from_board if path.endswith("/move/") else {}


def count_queries(tasks, measurements, *, port):
    """Set `queries` of each Measurement to the most that any of some requests cost, and `computing`, in this process.

    Both say the same on a busy machine as on a quiet one, nearly.
    """
    rng = random.Random(SEED)
    for task, measurement in zip(tasks, measurements, strict=True):
        among = task.spare or task.requests
        chosen = rng.sample(among, min(COUNTED, len(among)))
        for i, (who, method, path, form) in enumerate([chosen[0], *chosen]):
            client = Client(HTTP_HOST="127.0.0.1", headers=_as_htmx(port, path) if method == "POST" else {})
            client.cookies["sessionid"] = who.session
            began = process_time()
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(path) if method == "GET" else _posted(client, path, fresh(form))
            if i:  # the first one reads its templates from the disk
                measurement.computing.append((process_time() - began) * 1000)
            if answer.status_code not in EXPECTED[method] or (method == "POST" and REFUSAL in answer.content):
                raise DomainError(f"{task.name}: {method} {path} answered {answer.status_code}.")
            statements = [query["sql"] for query in captured.captured_queries]
            asked = [sql for sql in statements if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
            measurement.queries = max(measurement.queries, len(asked))
