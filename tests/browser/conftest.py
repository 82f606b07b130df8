"""A real browser on a real server: the system's Chromium, signed in as one of the cast."""

import os
import shutil

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import expect

from salesorg.lib.browser_libraries import FILES, NODE_MODULES

CHROMIUM = next(filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))), None)
# Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
expect.set_options(timeout=15_000)  # milliseconds; on a busy machine an answer takes longer than the usual five seconds


def pytest_collection_modifyitems(items):
    here = os.path.dirname(__file__)
    missing = "there is no Chromium on this machine" if not CHROMIUM else ""
    if not (NODE_MODULES / FILES[0]).is_file():
        missing = missing or "the browser libraries are not installed (npm ci)"
    for item in items:
        if missing and str(item.path).startswith(here):
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    # Else each test begins with all of the static files being fetched once more, for a phone that never loses its network.
    without_worker = {"service_workers": "block"}
    return browser_context_args | {"viewport": {"width": 1280, "height": 860}, "reduced_motion": "reduce"} | without_worker


@pytest.fixture
def page(page, live_server):
    """A page on which any script error, and anything the content policy stops, fails the test."""
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    assert wrong == []


@pytest.fixture(autouse=True)
def _nobody_is_asking_any_more(transactional_db):
    """Before the tables are emptied: a request that is still answered then holds locks against it."""
    yield
    with connection.cursor() as cursor:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


@pytest.fixture
def sign_in(page, live_server):
    """Opens pages as one person: sign_in(rita)("/deals/")."""

    def as_person(user):
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        return lambda path: page.goto(f"{live_server.url}{path}")

    return as_person
