"""How many queries each page runs, as a committed baseline (query_counts.json). No page runs more than fifteen.

Add a page to pages.py, then its count to the file: the failing test says which. A lower count is welcome: write it down.
"""

import json
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from .pages import PAGES

BASELINE = Path(__file__).with_name("query_counts.json")
MOST = 15


def test_every_list_and_every_page_of_one_record_is_counted():
    apps = get_resolver().namespace_dict.items()
    names = {f"{app}:{name}" for app, (_prefix, resolver) in apps for name in resolver.reverse_dict if isinstance(name, str)}
    assert {name for name in names if name.endswith(("_list", "_detail"))} - PAGES.keys() == set()


def test_no_page_runs_more_queries_than_written_down(records, people, as_user):
    allowed = json.loads(BASELINE.read_text())
    assert max(allowed.values()) <= MOST
    over = []
    for name in PAGES:
        queries = queries_of(name, records, people, as_user)
        if len(queries) > allowed.get(name, 0):
            over.append(f"{name}: {len(queries)} queries\n" + "\n".join(query["sql"][:200] for query in queries))
    assert not over, "\n\n".join(over)


def queries_of(name, records, people, as_user):
    """What the page asks the database once all is warm that is kept between requests."""
    who, kind, query = PAGES[name]
    record = records.get(kind)
    args = [] if record is None else record if isinstance(record, list) else [record.pk]
    url = reverse(name, args=args) + (f"?{query}" if query else "")
    client = as_user(people[who])
    assert client.get(url).status_code == 200, url
    with CaptureQueriesContext(connection) as run:
        client.get(url)
    return run.captured_queries
