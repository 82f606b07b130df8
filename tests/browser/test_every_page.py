"""Every page of the access matrix in a browser, on a phone in the dark and on a desk in the light."""

import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Error, expect

from accounts.models import Account
from pipeline.models import LandingPage, ProposalVersion, Source, Survey
from salesorg.people.models import Membership, User
from salesorg.people.roles import Role

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from access.kinds import KINDS, SINCE
from access.matrix import MATRIX
from looking import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = {"dark": {"width": 360, "height": 740}, "light": {"width": 1280, "height": 860}}
# A page is opened as the first of these who may; Today, which is another page for each, as all of them.
ROLES = (Role.AE, Role.MANAGER, Role.OPERATIONS, Role.FINANCE, Role.ADMINISTRATOR)
NO_PAGES = {"home:commands", "home:healthz", "home:readyz"}  # data
NO_PAGES |= {"accounts:document_link", "accounts:document_link_file"}  # the matrix knows no link that opens
GONE = 410  # what a password link that was used answers, with a page


@pytest.fixture
def people(teams):
    made = {role: User.objects.create(name=str(role.label), email=f"{role.value}@x.example") for role in ROLES}
    for role, user in made.items():
        Membership.objects.create(user=user, team=teams["north"], role=role, during=SINCE)
    return made


@pytest.fixture
def screens(browser, live_server):
    """A browser page for each screen, and what went wrong on it."""
    opened = []
    for mode, size in SCREENS.items():
        touch = size["width"] < 768
        context = browser.new_context(viewport=size, color_scheme=mode, reduced_motion="reduce", has_touch=touch)
        opened.append((context.new_page(), listen(context)))
    yield opened
    for page, _wrong in opened:
        page.context.close()


def listen(context):
    """A list that fills with every error of a script and everything the content policy stops."""
    wrong = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))

    def hear(said):
        of_a_part = said.location["url"].endswith("/favicon.ico")  # asked for by an answer that is no page and names no icon
        if said.type == "error" and str(GONE) not in said.text and not of_a_part:
            wrong.append(said.text)

    context.on("console", hear)
    return wrong


def who_opens(name, line):
    """The roles as which a page is opened; none: without signing in."""
    if line.is_public:
        return [None]
    may = line.may["own"] if isinstance(line.may, dict) else line.may
    roles = [role for role in ROLES if role in may and (not line.kind or role in KINDS[line.kind].own)]
    return roles if name == "home:today" else roles[:1]


def sign_in(user, pages, url):
    browser = Client()
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    for page, _wrong in pages:
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


def tokens(seller):
    """{name of a page: the token that opens it}; the matrix itself asks with one that opens nothing."""
    source = Source.objects.create(name="Partner", is_partner=True, token="p" * 22)
    page = LandingPage.objects.create(name="Form", source=source, title="Ask us", consent="You may write to me.")
    survey = Survey.objects.create(account=Account.objects.create(name="Asked"))
    offer = ProposalVersion.objects.get(pk=KINDS["sent_version"].make(seller, "Offer")).token
    opened_by = {"partner_page": source.token, "landing_page": page.token, "survey": survey.token}
    return {f"pipeline:{name}": token for name, token in (opened_by | {"offer": offer, "offer_pdf": offer}).items()}


def addresses(people):
    """(role or None, address of a page with a record of this role's own), the roles together."""
    asked, opened_by = [], tokens(people[Role.AE])
    for name, line in MATRIX.items():
        for role in who_opens(name, line) if line.get and name not in NO_PAGES else ():
            pk = KINDS[line.kind].make(people[role], f"Own {name}") if line.kind else None
            args = [opened_by[name]] if name in opened_by else line.args(pk)
            asked.append((role, reverse(name, args=args, query=line.query)))
    return sorted(asked, key=lambda each: ROLES.index(each[0]) if each[0] else -1)


def assert_loaded(page):
    """Fails when a part of the page that is to come never came; some come only when one reaches them."""
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    waiting = page.locator("main [hx-get]:has(.skeleton:visible)")
    try:
        expect(waiting).to_have_count(0)
    except AssertionError:
        parts = [part.get_attribute("hx-get") for part in waiting.all()]
        raise AssertionError(f"{page.url} still waits for {parts}") from None


def faults(page, wrong, url):
    """What is wrong with one page, in words; nothing of an answer that is only a part of a page."""
    try:
        answer = page.goto(url)
    except Error as error:
        if "Download is starting" in str(error):
            return  # a file is not a page
        raise
    if answer.status not in (200, GONE):
        yield f"{url}: {answer.status}"
    if not page.locator("body.app, body.plain").count():
        wrong.clear()  # the browser's own page around a picture has styles that no content policy allows
        return
    for looks_right in (assert_loaded, assert_fits, assert_accessible):
        try:
            looks_right(page)
        except AssertionError as fault:
            yield str(fault)
    yield from (f"{url}: {said}" for said in wrong)
    wrong.clear()


@pytest.mark.long
def test_every_page_fits_is_accessible_and_runs_without_an_error(people, screens, live_server):
    found, now = [], None
    for role, path in addresses(people):
        if role != now:
            sign_in(people[role], screens, live_server.url)
            now = role
        for page, wrong in screens:
            found += faults(page, wrong, live_server.url + path)
    assert found == [], "\n\n".join(dict.fromkeys(found))
