"""What a phone loads and keeps: nothing of others, and little of it."""

import gzip
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from accounts.models import Contact
from accounts.services import log_activity, plan_activity
from salesorg.home.offline import ACCOUNTS_KEPT, SHELL_FILES, shell_files

KB = 1024
FIRST_LOAD, SECOND_LOAD = 250 * KB, 20 * KB  # of Today on a phone; map and charts come when they are in view


def compressed(path):
    body = Path(path).read_bytes()
    return len(body) if path.endswith(".woff2") else len(gzip.compress(body, 9))


def test_today_is_light_on_a_phone_and_lighter_the_second_time(as_user, rita, account_of):
    for name in range(20):
        plan_activity(account=account_of(rita, f"Customer {name}"), kind="visit", due_on=rita.today, actor=rita)
    page = as_user(rita).get("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip" and len(page.content) <= SECOND_LOAD
    files = [finders.find(unquote(url).removeprefix("/static/")) for url in shell_files()]
    assert len(page.content) + sum(map(compressed, files)) <= FIRST_LOAD


def test_the_worker_keeps_every_file_that_a_page_of_its_loads(as_user, rita):
    kept = set(shell_files())
    for page in ("/offline/", "/waiting/", "/accounts/log/"):
        text = as_user(rita).get(page).content.decode()
        wanted = set(re.findall(r'(?:src|href)="(/static/[^"#]+\.(?:js|css))', text))
        assert wanted <= kept, page
    scripts = [url for url in kept if url.startswith("/static/js/")]
    for url in scripts:
        source = Path(finders.find(url.removeprefix("/static/"))).read_text()
        for path in re.findall(r'(?:from|import) "(\.[^"]+)"', source):
            name = Path(url).parent.joinpath(path).as_posix()
            parts = []
            for part in name.split("/"):
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(part for part in parts if part != ".") in kept, f"{url} imports {path}"


def test_the_worker_and_the_manifest_are_served_at_the_root(client, db):
    worker = client.get("/sw.js")
    assert worker["Content-Type"] == "text/javascript" and worker["Cache-Control"] == "no-cache"
    told = json.loads(re.match(r"self\.SALESORG = (.*);", worker.content.decode()).group(1))
    assert len(told["files"]) >= len(SHELL_FILES) and len(told["version"]) == 12
    manifest = client.get("/manifest.webmanifest").json()
    assert manifest["start_url"] == "/" and {"any", "maskable"} == {icon["purpose"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix(settings.STATIC_URL).removeprefix("/static/"))


@pytest.fixture
def bundle(as_user):
    return lambda person: as_user(person).get("/offline/bundle/").json()


def test_the_bundle_holds_the_day_and_nothing_of_others(bundle, rita, tom, account_of, deal_of):
    acme, hidden = account_of(rita, "Acme"), account_of(tom, "Hidden")
    Contact.objects.create(account=acme, name="Olga", phone="1", email="o@x.example", refuses_phone=True)
    Contact.objects.create(account=acme, name="Never", phone="2", do_not_contact=True)
    Contact.objects.create(account=hidden, name="Stranger", phone="3")
    plan_activity(account=acme, kind="visit", due_on=rita.today - timedelta(days=2), actor=rita)
    plan_activity(account=acme, kind="visit", due_on=rita.today + timedelta(days=2), actor=rita)
    log_activity(account=acme, kind="call", outcome="well", note="x" * 1000, actor=rita)
    deal = deal_of(rita, acme, next_step_on=rita.today)
    deal_of(tom, hidden, next_step_on=tom.today)
    told = bundle(rita)
    assert [each["account"] for each in told["planned"]] == [acme.pk]
    [account] = told["accounts"]
    assert account["contacts"] == [{"id": account["contacts"][0]["id"], "name": "Olga", "email": "o@x.example"}]
    assert len(account["visits"][0]["note"]) == 300
    assert [step["deal"] for step in told["steps"]] == [deal.name]
    assert "Hidden" not in json.dumps(told) and "Stranger" not in json.dumps(told)


def test_a_visit_of_the_evening_keeps_the_day_it_was_made_on(bundle, rita, account_of):
    type(rita).objects.update(time_zone="America/New_York")
    account = account_of(rita, "Acme")
    for hour in range(4):  # four of them, of which the last three are kept
        at = datetime(2026, 3, 10, 20 + hour, 30, tzinfo=ZoneInfo("America/New_York"))
        log_activity(account=account, kind="visit", done_at=at, subject=f"{hour}", actor=rita)
    [told] = bundle(rita)["accounts"]
    assert [(each["on"], each["words"]) for each in told["visits"]] == [("2026-03-10", f"Visit · {i}") for i in (3, 2, 1)]


def test_the_bundle_is_not_sent_again_when_nothing_changed(as_user, rita, account_of):
    account_of(rita)
    first = as_user(rita).get("/offline/bundle/")
    asked = {"If-None-Match": first["ETag"]}
    assert as_user(rita).get("/offline/bundle/", headers=asked).status_code == 304
    account_of(rita, "New")
    assert as_user(rita).get("/offline/bundle/", headers=asked).status_code == 200


def test_the_bundle_has_an_end(as_user, rita, account_of, django_assert_max_num_queries):
    for number in range(ACCOUNTS_KEPT + 5):
        account_of(rita, f"Customer {number}")
    browser = as_user(rita)
    with django_assert_max_num_queries(15):
        assert len(browser.get("/offline/bundle/").json()["accounts"]) == ACCOUNTS_KEPT
