"""A day in the field without network, on a phone in a real browser: nothing typed is lost, and all of it arrives once."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from accounts.models import Account, Activity, Contact
from accounts.services import plan_activity
from pipeline.models import Movement, OrderRequest, Price, PriceList, Product, Warehouse
from salesorg.people.models import Session
from tests.browser.looking import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = "async (person) => (await outbox.items(person)).length"
# What bears the number of a person: the cache of their pages; all of it.
CACHES = "async (person) => (await caches.keys()).filter((name) => name === `person-${person}`).length"
ALL_OF = """async (person) => [...(await caches.keys()), ...(await indexedDB.databases()).map(({ name }) => name)]
    .filter((name) => name.split("-").includes(String(person))).length"""


@pytest.fixture
def browser_context_args(browser_context_args):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    return browser_context_args | phone | {"service_workers": "allow"}


@pytest.fixture
def acme(rita, account_of):
    """Rita's account, with somebody to meet there, and a visit planned for today."""
    acme = account_of(rita, "Acme Tools")
    Contact.objects.create(account=acme, name="Olga Ruiz", phone="+1 555 0100")
    plan_activity(account=acme, kind="visit", due_on=rita.today, subject="Show the new saw", actor=rita)
    return acme


def signed_in(context, url, person):
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def until_kept(page, person):
    """Waits until the phone keeps this person's day."""
    page.evaluate(
        """async (person) => {
            await navigator.serviceWorker.ready;
            for (let tries = 0; tries < 400; tries += 1) {
                if (navigator.serviceWorker.controller && (await outbox.kept(person, "state"))?.pagesAt) return;
                await new Promise((resolve) => { setTimeout(resolve, 20); });
            }
            throw new Error("the phone does not keep the day");
        }""",
        person.pk,
    )


@pytest.fixture
def phone(page, live_server, rita, acme):
    """Rita's phone after a first look at Today: phone(path) opens a page."""
    signed_in(page.context, live_server.url, rita)
    page.goto(f"{live_server.url}/")
    until_kept(page, rita)
    return lambda path, page=page: page.goto(f"{live_server.url}{path}")


def all_sent(page, person):
    """Waits until nothing waits on the phone, whether the page or the worker has sent it."""
    page.wait_for_load_state("domcontentloaded")  # by then the page's scripts are there
    page.evaluate(
        """async (person) => {
            for (let tries = 0; tries < 400; tries += 1) {
                if (!(await outbox.items(person)).length) return;
                await new Promise((resolve) => { setTimeout(resolve, 20); });
            }
            throw new Error("something still waits");
        }""",
        person.pk,
    )


def eventually(page, looked_up, person, count):
    """Waits until the phone holds so many: what it keeps is written and removed beside what the screen says."""
    page.evaluate(
        f"""async ([person, count]) => {{
            const lookUp = {looked_up};
            for (let tries = 0; tries < 400; tries += 1) {{
                if (await lookUp(person) === count) return;
                await new Promise((resolve) => {{ setTimeout(resolve, 20); }});
            }}
            throw new Error(`there are ${{await lookUp(person)}}, not ${{count}}`);
        }}""",
        [person.pk, count],
    )


def shelf():
    body = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(body, "PNG")
    return body.getvalue()


def log(page, note):
    """Three taps and a note, on the form as it stands."""
    page.locator(".tap-well").click()
    page.get_by_role("textbox", name="Note").fill(note)
    page.get_by_role("button", name="Save").click()


def waiting(page, person, count):
    """What was just saved is said on the next page, and so many items are on the phone."""
    expect(page.get_by_text("Saved on this phone")).to_be_visible()
    expect(page.locator("a[data-waiting]")).to_be_visible()
    eventually(page, COUNT, person, count)


def test_a_visit_logged_offline_survives_the_killed_page_and_arrives_once(phone, page, rita, acme, live_server):
    page.context.set_offline(True)
    phone("/")
    expect(page.get_by_text("No network: this is what your phone keeps")).to_be_visible()
    expect(page.get_by_text("Show the new saw")).to_be_visible()
    page.get_by_role("link", name="Acme Tools").last.click()
    expect(page.get_by_role("heading", name="Acme Tools")).to_be_visible()
    expect(page.get_by_text("Olga Ruiz")).to_be_visible()
    expect(page.get_by_role("link", name="+1 555 0100")).to_have_attribute("href", "tel:+15550100")
    page.locator("main").get_by_role("link", name="Log a visit").click()
    expect(page.get_by_role("combobox", name="Account")).to_have_value("Acme Tools")
    page.locator("input[name=photos]").set_input_files([{"name": "shelf.png", "mimeType": "image/png", "buffer": shelf()}])
    expect(page.get_by_text("1 to send")).to_be_visible()
    page.get_by_text("Needs · competitor").click()
    page.locator("label", has_text="Olga Ruiz").click()
    log(page, "Wants the blue one")
    expect(page.get_by_text("Saved on this phone, sent when the network is back.")).to_be_visible()
    waiting(page, rita, 2)  # the visit and its photo
    context = page.context
    page.close()
    assert Activity.objects.done().count() == 0
    context.set_offline(False)
    tabs = [context.new_page() for _each in range(5)]
    for tab in tabs:
        tab.goto(f"{live_server.url}/", wait_until="commit")
    for tab in tabs:
        all_sent(tab, rita)
    visit = Activity.objects.done().get()
    assert (visit.account, visit.user, visit.note, visit.outcome) == (acme, rita, "Wants the blue one", "well")
    assert (visit.contact.name, visit.photos.count()) == ("Olga Ruiz", 1)


def test_what_is_planned_is_completed_planned_and_ordered_without_network(phone, page, rita, acme):
    page.context.set_offline(True)
    phone("/")
    page.get_by_role("link", name="Log it").click()
    log(page, "Bought it")
    waiting(page, rita, 1)
    phone(f"/accounts/{acme.pk}/plan/")
    page.get_by_label("Day").fill(str(rita.today + timedelta(days=5)))
    page.get_by_role("button", name="Plan it").click()
    waiting(page, rita, 2)
    phone(f"/accounts/{acme.pk}/order/")
    page.get_by_label("What and how much").fill("9 blades")
    page.get_by_role("button", name="Pass it on").click()
    waiting(page, rita, 3)
    page.context.set_offline(False)
    phone("/waiting/")
    expect(page.get_by_text("Everything you wrote on this phone is sent.")).to_be_visible()
    done = Activity.objects.done().get()
    assert (done.note, done.subject) == ("Bought it", "Show the new saw")
    assert set(Activity.objects.planned().values_list("kind", "subject")) == {("call", ""), ("task", "Order: 9 blades")}


@pytest.fixture
def saws(rita):
    """Saws at 100, two of them in Hall A, and blades at 9.90, as many as one likes."""
    prices = PriceList.objects.create(name="Usual", currency="USD", during=DateRange(date(2020, 1, 1), None))
    hall = Warehouse.objects.create(name="Hall A")
    for name, price, count in (("Saw", 100, 2), ("Blade", Decimal("9.9"), 500)):
        product = Product.objects.create(name=name, unit="piece")
        Price.objects.create(price_list=prices, product=product, amount=price)
        Movement.objects.create(warehouse=hall, product=product, kind="received", on_hand=count)
    return hall


def order_line(page, name, quantity, number=0):
    line = page.locator("[data-line]").nth(number)
    line.get_by_role("combobox", name="Product").fill(name)
    page.get_by_role("option", name=name).click()
    line.get_by_label("Quantity").fill(quantity)
    return line


def test_an_order_request_taken_offline_is_confirmed_when_it_arrives_as_far_as_stock_goes(saws, phone, page, rita, acme):
    page.set_viewport_size({"width": 360, "height": 740})
    page.context.set_offline(True)
    phone(f"/accounts/{acme.pk}/")
    page.locator("main").get_by_role("link", name="Order").click()
    expect(order_line(page, "Saw", "3")).to_contain_text("Hall A: 2 left")
    page.get_by_role("button", name="Another line").click()
    order_line(page, "Blade", "10", number=1)
    expect(page.locator("[data-net]")).to_have_text("399.00")
    page.get_by_text("Order what is there, the rest waits").click()
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="Take the order").click()
    waiting(page, rita, 1)
    assert OrderRequest.objects.count() == 0
    page.context.set_offline(False)
    phone(f"/accounts/{acme.pk}/")
    all_sent(page, rita)
    phone(f"/accounts/{acme.pk}/")
    expect(page.get_by_text("Part of it waits")).to_be_visible()
    asked = OrderRequest.objects.get()
    assert (asked.account, asked.taken_by, asked.state, asked.orders.get().net) == (acme, rita, "partly", 299)
    phone(f"/orders/new/?account={acme.pk}")  # with network: refused with what is left, and nothing typed is lost
    order_line(page, "Saw", "1")
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator(".error-summary")).to_contain_text("Saw: 0 left, 1 wanted")
    expect(page.get_by_label("Quantity")).to_have_value("1")
    order_line(page, "Blade", "20")
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("status", name="Messages")).to_contain_text("confirmed")
    assert OrderRequest.objects.count() == 2
    all_sent(page, rita)


def test_with_network_a_visit_goes_through_at_once_and_can_be_undone(phone, page, rita, acme):
    phone(f"/accounts/log/?account={acme.pk}")
    log(page, "Fine")
    expect(page).to_have_url(re.compile(rf"/accounts/{acme.pk}/$"))
    expect(page.get_by_text("Visit at Acme Tools logged")).to_be_visible()
    assert Activity.objects.done().get().note == "Fine"
    all_sent(page, rita)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Visit at Acme Tools logged")).to_be_hidden()
    assert not Activity.objects.done().exists()


def test_a_refused_visit_stays_says_why_and_is_mended(phone, page, rita, acme, account_of):
    other = account_of(rita, "Beta Works")
    page.context.set_offline(True)
    phone(f"/accounts/log/?account={acme.pk}")
    log(page, "Met at the fair")
    waiting(page, rita, 1)
    Account.objects.filter(pk=acme.pk).delete()
    page.context.set_offline(False)
    phone("/waiting/")
    expect(page.get_by_text("This account was deleted, or is no longer yours to see.").first).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    eventually(page, COUNT, rita, 1)
    page.get_by_role("link", name="Mend").click()
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Met at the fair")
    expect(page.locator(".error-summary")).to_contain_text("Choose another one")
    page.get_by_role("combobox", name="Account").fill("Beta")
    page.get_by_role("option", name="Beta Works").click()
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(rf"/accounts/{other.pk}/$"))
    assert Activity.objects.get(account=other).note == "Met at the fair"
    all_sent(page, rita)


def test_a_session_that_ended_keeps_what_waits_and_sends_it_after_signing_in(phone, page, rita, acme, live_server):
    page.context.set_offline(True)
    phone(f"/accounts/log/?account={acme.pk}")
    log(page, "Still mine")
    waiting(page, rita, 1)
    Session.objects.all().delete()
    page.context.set_offline(False)
    phone("/")
    expect(page.get_by_text("1 waits on this phone. Sign in and it is sent.")).to_be_visible()
    eventually(page, CACHES, rita, 0)  # nothing of hers can be read meanwhile
    signed_in(page.context, live_server.url, rita)
    phone("/")
    all_sent(page, rita)
    assert Activity.objects.done().get().note == "Still mine"


def test_signing_out_leaves_nothing_on_the_phone(phone, page, rita, acme):
    page.get_by_role("button", name="More").click()
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    eventually(page, ALL_OF, rita, 0)
    page.context.set_offline(True)
    phone("/")
    expect(page.get_by_text("Sign in once with network")).to_be_visible()


def test_signing_out_with_something_unsent_asks_first(phone, page, rita, acme):
    phone("/")
    item = {
        "client_id": "7c2f9a52-1df8-4d4f-bd63-4f6a1d4b9f11",
        "kind": "visit",
        "account": "999999",
        "title": "Gone",
        "words": "",
    }
    item |= {"fields": {"kind": "visit"}, "logged_at": timezone.now().isoformat()}
    page.evaluate("([person, item]) => outbox.put(person, item)", [rita.pk, item])
    page.get_by_role("button", name="More").click()
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("dialog", name="Not everything is sent")).to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("dialog", name="Not everything is sent")).to_be_hidden()
    eventually(page, COUNT, rita, 1)


def test_another_person_on_the_same_phone_finds_nothing_of_the_first(phone, page, rita, tom, acme, account_of, live_server):
    page.context.set_offline(True)
    phone(f"/accounts/log/?account={acme.pk}")
    log(page, "Hers alone")
    waiting(page, rita, 1)
    page.context.set_offline(False)
    signed_in(page.context, live_server.url, tom)
    phone("/")
    until_kept(page, tom)
    eventually(page, CACHES, rita, 0)
    assert page.evaluate("person => outbox.kept(person, 'bundle')", rita.pk) is None
    expect(page.locator("a[data-waiting]")).to_be_hidden()
    page.context.set_offline(True)
    phone(f"/accounts/{acme.pk}/")
    expect(page.get_by_text("This page needs the network.")).to_be_visible()
    page.context.set_offline(False)
    signed_in(page.context, live_server.url, rita)
    phone("/")
    all_sent(page, rita)
    assert Activity.objects.done().get().user == rita


def test_a_full_phone_says_so_with_the_form_still_on_the_screen(phone, page, rita, acme):
    phone(f"/accounts/log/?account={acme.pk}")
    page.evaluate("() => { IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }; }")
    page.context.set_offline(True)
    log(page, "Must not be lost")
    expect(page.locator(".error-summary")).to_contain_text("this phone has no room left")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Must not be lost")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Visit at Acme Tools logged")).to_be_visible()
    assert Activity.objects.done().get().note == "Must not be lost"


def test_pages_without_network_are_accessible_and_fit(phone, page, rita, acme):
    page.context.set_offline(True)
    page.set_viewport_size({"width": 360, "height": 740})
    for path in (
        "/",
        f"/accounts/{acme.pk}/",
        f"/accounts/{acme.pk}/plan/",
        f"/accounts/log/?account={acme.pk}",
        "/waiting/",
        "/board/",
    ):
        phone(path)
        expect(page.get_by_text("No network: this is what your phone keeps")).to_be_visible()
        page.keyboard.press("End")  # the bar with Save lies over nothing
        assert_accessible(page)
        assert_fits(page)
