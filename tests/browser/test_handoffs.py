"""A customer's way through three pairs of hands, from the first question to the renewal of the contract.

They ask, are qualified, given back once, won, and passed to customer success; a contract is made, and the night before
its end comes near opens the renewal, which is won too.
"""

from datetime import timedelta

import pytest
import redis
from django.conf import settings as conf
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Coverage
from pipeline.forms import public
from pipeline.models import Contract, Criterion, Handoff, LandingPage, Pipeline, Source, Stage
from pipeline.nightly import customers as customer_nightly
from salesorg.jobs.models import Run
from salesorg.lib.acting import acting
from salesorg.people.roles import Role

from .chain_steps import choose, follow
from .looking import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)

DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
BANT = {"Budget": "30,000 released", "Authority": "Head of production", "Need": "Set-up within an hour", "Timing": "2027-01-31"}
PROMISED = {
    "What was promised": "Two operators trained",
    "What success is for them": "Half the set-up time",
    "They want to start on": "2027-02-15",
    "Who to call first": "Ann Lee, before nine",
}


@pytest.fixture
def form(stages, monkeypatch):
    """A web form, and a pipeline that asks for something before a deal is won."""
    monkeypatch.setattr(public, "QUICKEST", 0)
    store = redis.Redis.from_url(conf.REDIS_URL)
    for key in store.scan_iter("limit:*"):
        store.delete(key)
    Criterion.objects.create(stage=stages["Engaging"], kind="activity", value="meeting")
    Criterion.objects.create(stage=stages["Engaging"], kind="check", value="The terms are agreed in writing")
    return LandingPage.objects.create(name="Autumn", title="Talk to us", source=Source.objects.create(name="Web"))


@pytest.fixture
def renewals(db):
    """Where the night opens renewals, ninety days before a contract ends."""
    pipeline = Pipeline.objects.create(name="Renewals", deal_type="renewal", renewal_days=90)
    Stage.objects.create(pipeline=pipeline, name="To renew", position=0, status="open", probability=70)
    Stage.objects.create(pipeline=pipeline, name="Renewed", position=1, status="won", probability=100)
    Stage.objects.create(pipeline=pipeline, name="Gone", position=2, status="lost", probability=0)


@pytest.fixture
def at(page, sign_in):
    """Sit down as somebody at a screen: at(rita, PHONE)("/handoffs/")."""

    def sit_down(user, size):
        page.set_viewport_size(size)
        return sign_in(user)

    return sit_down


def seen(page):
    """The page as it stands fits its screen and can be used by everybody."""
    assert_fits(page)
    assert_accessible(page)


def fill(page, answers):
    for label, typed in answers.items():
        page.get_by_label(label).fill(typed)


def said(page, words):
    expect(page.locator(".toast-item").filter(has_text=words)).to_be_visible()


def test_a_customer_passes_through_three_pairs_of_hands_and_stays(page, live_server, form, renewals, at, sol, rita, cora):
    page.set_viewport_size(PHONE)
    page.goto(live_server.url + reverse("pipeline:landing_page", args=[form.token]))
    seen(page)
    fill(page, {"Company": "Globex", "Your name": "Ann Lee", "E-mail": "ann@globex.example"})
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()

    sol_takes_qualifies_and_offers(page, at(sol, DESK))
    rita_gives_it_back(page, at(rita, PHONE))
    sol_offers_it_again(page, at(sol, DESK))
    rita_accepts(page, at(rita, PHONE))
    rita_wins_it(page)
    rita_passes_the_customer_on(page)

    at(cora, DESK)(reverse("pipeline:handoff_inbox"))
    follow(page, page.get_by_role("link", name="Globex"))
    page.get_by_role("button", name="Accept").click()
    said(page, "Yours.")
    expect(page.get_by_text("Two operators trained", exact=True)).to_be_visible()
    handoffs = Handoff.objects.order_by("pk").values_list("giver", "taker", "state", "deal__owner", "deal__status")
    assert list(handoffs) == [
        (sol.pk, rita.pk, "returned", rita.pk, "won"),
        (sol.pk, rita.pk, "accepted", rita.pk, "won"),
        (rita.pk, cora.pk, "accepted", rita.pk, "won"),
    ]
    covering = Coverage.objects.filter(account__name="Globex", during__contains=cora.today)
    assert set(covering.values_list("role", "user")) >= {(Role.AE, rita.pk), (Role.CSM, cora.pk)}

    cora_makes_the_contract(page, cora)
    night_of(cora.today)
    cora_renews_it(page, at(cora, PHONE))
    first, second = Contract.objects.order_by("pk")
    assert (second.renews, second.term.lower, first.renewal.status) == (first, first.term.upper, "won")


def sol_takes_qualifies_and_offers(page, open_page):
    open_page(reverse("pipeline:lead_queue") + "?whose=free")
    seen(page)
    page.get_by_role("button", name="I take it: Globex").click()
    said(page, "You work this lead now")
    follow(page, page.get_by_role("link", name="Qualify", exact=True))
    page.get_by_label("Amount").fill("30000")
    choose(page, "Hand over to", "Rita")
    page.get_by_role("button", name="Open deal").click()
    said(page, "is open")
    expect(page.get_by_role("combobox", name="To")).to_have_value("Rita")
    seen(page)
    fill(page, BANT)
    page.get_by_role("button", name="Hand over").click()
    said(page, "Offered to Rita.")


def rita_gives_it_back(page, open_page):
    open_page(reverse("pipeline:handoff_inbox"))
    seen(page)
    follow(page, page.get_by_role("link", name="Globex"))
    seen(page)
    follow(page, page.get_by_role("link", name="Give back"))
    page.get_by_label("Why").select_option("Package says too little")
    page.get_by_label("In words").fill("Who signs?")
    page.get_by_role("button", name="Give back").click()
    said(page, "Given back to Sol.")


def sol_offers_it_again(page, open_page):
    open_page(reverse("pipeline:handoff_inbox"))
    follow(page, page.get_by_role("link", name="Globex"))
    expect(page.get_by_text("Who signs?").first).to_be_visible()
    follow(page, page.get_by_role("link", name="Offer it again"))
    choose(page, "To", "Rita")
    fill(page, BANT | {"Authority": "Ann Lee signs"})
    page.get_by_role("button", name="Hand over").click()
    said(page, "Offered to Rita.")


def rita_accepts(page, open_page):
    open_page(reverse("pipeline:handoff_inbox"))
    follow(page, page.get_by_role("link", name="Globex"))
    expect(page.get_by_text("Ann Lee signs", exact=True)).to_be_visible()
    page.get_by_role("button", name="Accept").click()
    said(page, "Yours. Call them by")


def rita_wins_it(page):
    follow(page, page.locator("dl.facts").get_by_role("link", name="Globex – Web"))
    page.get_by_role("button", name="Engaging").click()
    said(page, "is now in Engaging.")
    deal = page.url
    page.get_by_role("button", name="Won").click()
    expect(page.get_by_text("Before it goes on, this must be so:")).to_be_visible()
    expect(page.get_by_text("The terms are agreed in writing")).to_be_visible()
    seen(page)
    follow(page, page.locator("li").filter(has_text="A meeting was held").get_by_role("link", name="Do it now"))
    page.get_by_label("Went well").check()
    page.get_by_role("button", name="Save").click()
    said(page, "Meeting")
    page.goto(deal)
    page.get_by_role("checkbox", name="The terms are agreed in writing").click()
    said(page, "Ticked: The terms are agreed in writing")
    seen(page)
    page.get_by_role("button", name="Won").click()
    said(page, "is now in Won.")


def rita_passes_the_customer_on(page):
    follow(page, page.get_by_role("link", name="Hand over"))
    choose(page, "To", "Cora")
    fill(page, PROMISED)
    page.get_by_role("button", name="Hand over").click()
    said(page, "Offered to Cora.")


def cora_makes_the_contract(page, cora):
    """A term of one year, most of which is over."""
    follow(page, page.locator("dl.facts").get_by_role("link", name="Globex – Web"))
    follow(page, page.get_by_role("link", name="Make the contract"))
    seen(page)
    begun = cora.today - timedelta(days=300)
    fill(page, {"First day": begun.isoformat(), "Last day": (begun + timedelta(days=364)).isoformat()})
    page.get_by_role("button", name="Make the contract").click()
    said(page, "runs until")
    seen(page)


def night_of(day):
    run = Run.objects.create(job="nightly", period=day.isoformat())
    with acting(None, "nightly"):
        for _key, payload in customer_nightly.renewal_parts(run):
            customer_nightly.renew(run, payload)


def cora_renews_it(page, open_page):
    open_page(reverse("pipeline:contract_list"))
    seen(page)
    follow(page, page.get_by_role("link", name="Globex – Web"))
    follow(page, page.get_by_role("link", name="Renewal of Globex – Web"))
    page.get_by_role("button", name="Renewed").click()
    said(page, "is now in Renewed.")
    follow(page, page.get_by_role("link", name="Make the contract"))
    page.get_by_role("button", name="Make the contract").click()
    said(page, "runs until")
    expect(page.locator("dt", has_text="Follows").first).to_be_visible()  # the history, when it arrives, has one more
