"""How many queries each page runs, as a committed baseline (query_counts.json). No page runs more than fifteen.

Add a page in PAGES, then its count to the file: the failing test says which. A lower count is welcome: write it down.
"""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

BASELINE = Path(__file__).with_name("query_counts.json")
MOST = 15
ROWS = 8  # enough that a query per row would show

# URL name → (who opens it, which record its address needs, its query string)
PAGES = {
    "pipeline:board": ("mia", "", "owner=all"),
    "pipeline:deal_list": ("mia", "", ""),
    "pipeline:deal_detail": ("rita", "deal", ""),
    "pipeline:deal_edit": ("rita", "deal", ""),
    "pipeline:deal_new": ("rita", "", ""),
    "pipeline:deal_members": ("rita", "deal", ""),
    "pipeline:account_deals": ("rita", "account", ""),
    "pipeline:review": ("mia", "", ""),
    "pipeline:lead_list": ("mia", "", ""),
    "pipeline:lead_detail": ("rita", "lead", ""),
}


@pytest.fixture
def records(rita, sam, mia, deal_of, account_of):
    """Several of everything; the one whose page is opened comes first."""
    from pipeline.models import Lead, Source

    account = account_of(rita)
    deals = [deal_of(person, account) for person in (rita, sam) for _each in range(ROWS)]
    source = Source.objects.create(name="Search")
    day = rita.today - timedelta(days=3)
    leads = [
        Lead.objects.create(account=account_of(rita), source=source, sdr=rita, first_contact_on=day) for _each in range(ROWS)
    ]
    return {"deal": deals[0], "account": account, "lead": leads[0]}


@pytest.fixture
def people(rita, sam, mia):
    return {"rita": rita, "sam": sam, "mia": mia}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs_no_more_queries_than_written_down(name, records, people, as_user):
    who, kind, query = PAGES[name]
    url = reverse(name, args=[records[kind].pk] if kind else []) + (f"?{query}" if query else "")
    client = as_user(people[who])
    assert client.get(url).status_code == 200  # the first one also warms what is kept between requests
    with CaptureQueriesContext(connection) as run:
        client.get(url)
    allowed = json.loads(BASELINE.read_text()).get(name, 0)
    assert allowed <= MOST
    assert len(run) <= allowed, f"{name}: {len(run)} queries\n" + "\n".join(query["sql"][:200] for query in run.captured_queries)
