"""What is brought back from a visit: whom one met, where one stood, photos, competitors, and a better pin."""

import io
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.engine import clock
from accounts.engine.suggestions import Facts, suggest
from accounts.models import Account, Activity, CheckIn, Competitor, ContactDue, Photo, PinProposal, Sighting
from accounts.services import add_contact, add_photo, decide_pin, log_activity, plan_activity, propose_pin
from salesorg.lib import files
from salesorg.lib.errors import DomainError

MONDAY = date(2026, 3, 2)
BERLIN = {"at_latitude": "52.5200", "at_longitude": "13.4050", "at_accuracy": "12.4"}


def photo(name="shelf.jpg", colour="teal"):
    written = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(written, "JPEG")
    return SimpleUploadedFile(name, written.getvalue())


@pytest.fixture
def acme(rita, account_of):
    account = account_of(rita, "Acme")
    Account.objects.filter(pk=account.pk).update(latitude=52.5163, longitude=13.3777, city="Berlin", country="Germany")
    return account


@pytest.fixture
def log(rita, acme, as_user):
    """Rita sends the form: log(outcome="well"). Returns the answer."""
    return lambda **typed: as_user(rita).post("/accounts/log/", {"account": acme.pk, "kind": "visit", **typed}, follow=True)


# ── the suggested next step ──


@pytest.mark.parametrize(
    "outcome, facts, kind, on",
    [
        ("not_there", Facts("Send the offer", MONDAY + timedelta(days=9)), "call", date(2026, 3, 3)),
        ("well", Facts("Send the offer", MONDAY + timedelta(days=9)), "email", date(2026, 3, 11)),
        ("well", Facts("Call about the price", MONDAY), "call", date(2026, 3, 3)),
        ("well", Facts("Call back", MONDAY - timedelta(days=1), 28), "visit", date(2026, 3, 30)),
        ("badly", Facts(cadence=28), "call", date(2026, 3, 5)),
        ("well", Facts(), "call", date(2026, 3, 9)),
        ("neutral", Facts(), "call", date(2026, 3, 16)),
        ("", Facts(), "call", date(2026, 3, 16)),
    ],
)
def test_the_next_step_is_suggested_from_what_is_known(outcome, facts, kind, on):
    found = suggest(outcome, facts, MONDAY)
    assert (found.kind, found.on) == (kind, on)


def test_nothing_is_suggested_for_a_weekend():
    friday = date(2026, 3, 6)
    assert suggest("not_there", Facts(), friday).on == date(2026, 3, 9)


def test_the_open_deals_next_step_is_suggested_on_the_form(rita, acme, deal_of, as_user):
    deal_of(rita, acme, next_step="Send the offer", next_step_on=rita.today + timedelta(days=5))
    deal_of(rita, acme, next_step="Later", next_step_on=rita.today + timedelta(days=8))
    page = as_user(rita).get(f"/accounts/log/?account={acme.pk}").text
    assert 'data-subject="Send the offer"' in page


def test_an_account_visited_in_a_rhythm_is_suggested_for_its_next_visit(rita, acme, as_user):
    ContactDue.objects.filter(account=acme, kind="visit").update(every_days=28)
    page = as_user(rita).get(f"/accounts/log/?account={acme.pk}")
    well = next(each for each in page.context["suggestions"] if each["outcome"] == "well")
    assert (well["kind"], well["why"]) == ("visit", "the account's rhythm")


# ── beside the visit ──


def test_everybody_met_is_kept_once_and_named(log, rita, acme):
    olga, ben = (add_contact(account=acme, actor=rita, name=name) for name in ("Olga", "Ben"))
    log(contacts=[olga.pk, ben.pk])
    visit = Activity.objects.get()
    assert set(visit.contacts.all()) == {olga, ben} and visit.contact in (olga, ben)


def test_somebody_of_another_account_was_not_met_here(log, rita, account_of):
    stranger = add_contact(account=account_of(rita, "Other"), actor=rita, name="Stranger")
    answer = log(contacts=[stranger.pk])
    assert answer.status_code == 422 and not Activity.objects.exists()


def test_needs_kilometres_and_a_competitor_are_kept(log, acme):
    log(needs="Two lifts by May", kilometres="41.5", competitor=" rival  lifts ", product="SR-5", price="1999.90", currency="EUR")
    visit = Activity.objects.get()
    assert (visit.needs, visit.kilometres) == ("Two lifts by May", Decimal("41.5"))
    seen = Sighting.objects.get()
    assert (seen.account, seen.activity, seen.competitor.name, seen.product) == (acme, visit, "rival lifts", "SR-5")
    assert (seen.price, seen.currency) == (Decimal("1999.90"), "EUR")


def test_a_competitor_in_other_letters_is_the_same_one(log):
    log(competitor="Rival Lifts", product="SR-5")
    log(competitor="RIVAL LIFTS", product="sr-5")
    assert Competitor.objects.count() == 1
    assert set(Sighting.objects.values_list("product", flat=True)) == {"SR-5"}


def test_checking_in_keeps_place_accuracy_and_distance(log):
    log(**BERLIN)
    found = CheckIn.objects.get()
    assert (found.latitude, found.accuracy) == (52.52, 12)
    assert 1800 < found.distance < 1950  # from the Brandenburg Gate to the Alexanderplatz


@pytest.mark.parametrize("wrong", [{"at_latitude": "NaN"}, {"at_latitude": "91"}, {"at_longitude": ""}, {"at_latitude": "x"}])
def test_a_place_that_is_none_does_not_stand_in_the_way_of_the_visit(log, wrong):
    assert log(**BERLIN | wrong).status_code == 200
    assert Activity.objects.count() == 1 and not CheckIn.objects.exists()


def test_the_same_form_sent_twice_brings_everything_back_once(log):
    sent = BERLIN | {"client_id": str(uuid.uuid4()), "competitor": "Rival", "wrong_pin": "on"}
    for _click in range(2):
        log(**sent, photos=photo())
    assert [each.objects.count() for each in (Activity, CheckIn, Sighting, PinProposal, Photo)] == [1, 1, 1, 1, 1]


def test_a_planned_visit_is_completed_with_all_of_it(rita, acme, as_user):
    olga = add_contact(account=acme, actor=rita, name="Olga")
    planned = plan_activity(account=acme, kind="visit", due_on=rita.today, actor=rita)
    done = reverse("accounts:activity_complete", args=[planned.pk])
    as_user(rita).post(done, {"outcome": "well", "contacts": [olga.pk], "competitor": "Rival", "photos": photo(), **BERLIN})
    planned.refresh_from_db()
    assert planned.is_done and planned.contact == olga
    assert planned.check_in and planned.sightings.count() == planned.photos.count() == 1


# ── a phone whose clock is wrong ──


def test_a_phone_a_day_ahead_logs_its_visit_at_the_right_time_and_is_told(log):
    now = timezone.now()
    typed = now + timedelta(days=1) - timedelta(hours=2)
    answer = log(done_at=typed.strftime("%Y-%m-%dT%H:%M"), phone_now=(now + timedelta(days=1)).isoformat())
    visit = Activity.objects.get()
    assert abs(visit.done_at - (now - timedelta(hours=2))) < timedelta(minutes=2)
    assert abs(visit.phone_said - typed) < timedelta(minutes=1)
    assert "clock was wrong" in answer.text


def test_a_phone_that_is_right_is_not_corrected(log):
    typed = timezone.now() - timedelta(hours=2)
    log(done_at=typed.strftime("%Y-%m-%dT%H:%M"), phone_now=timezone.now().isoformat())
    assert Activity.objects.get().phone_said is None


@pytest.mark.parametrize("said", ["", "yesterday", "2026-03-02T10:00", "9999-12-31T00:00:00+00:00", "0001-01-01T00:00:00+14:00"])
def test_a_phone_that_says_nothing_readable_changes_nothing(said):
    assert clock.read(said) is None


# ── photos ──


def test_a_photo_is_shown_to_whoever_sees_the_account_and_to_nobody_else(log, rita, sam, tom, as_user):
    log(photos=photo("Regal.png"))
    address = reverse("accounts:photo", args=[Photo.objects.get().pk])
    shown = as_user(sam).get(address)
    assert (shown["Content-Type"], shown["Cache-Control"]) == ("image/jpeg", "private, no-cache")
    assert 'filename="Regal.jpg"' in shown["Content-Disposition"]
    assert as_user(tom).get(address).status_code == 404


def test_a_visit_is_kept_whatever_is_wrong_with_its_photos(log):
    svg = SimpleUploadedFile("logo.svg", b"<svg><script>alert(1)</script></svg>")
    program = SimpleUploadedFile("holiday.jpg", b"MZ" + b"\0" * 200)
    huge = SimpleUploadedFile("huge.jpg", b"\xff\xd8\xff" + b"\0" * files.LARGEST_PHOTO)
    answer = log(photos=[svg, program, huge, photo()])
    assert Activity.objects.count() == 1 and Photo.objects.count() == 1
    for sentence in ("logo.svg” is not a photo", "holiday.jpg” is a program", "huge.jpg” is larger than 20 MB"):
        assert sentence in answer.text


def test_a_photo_sent_five_times_with_its_number_is_stored_once(log, rita):
    log()
    number = uuid.uuid4()
    stored = {add_photo(activity=Activity.objects.get(), upload=photo(), actor=rita, client_id=number).pk for _each in range(5)}
    assert len(stored) == 1


def test_a_photo_taken_away_comes_back_by_undo(log, rita, as_user):
    log(photos=photo())
    gone = Photo.objects.get()
    client = as_user(rita)
    answer = client.post(reverse("accounts:photo_remove", args=[gone.pk]), follow=True)
    undo = str(next(iter(answer.context["messages"])).extra_tags).split()[0]
    assert not Photo.objects.exists()
    client.post(undo)
    assert client.get(reverse("accounts:photo", args=[gone.pk])).status_code == 200


# ── pins ──


def test_a_wrong_pin_is_proposed_accepted_and_the_old_one_stays_in_history(log, rita, sam, acme, as_user):
    log(**BERLIN, wrong_pin="on")
    proposal = PinProposal.objects.get()
    client = as_user(sam)
    assert "Acme" in client.get(reverse("accounts:pin_list")).text
    client.post(reverse("accounts:pin_decide", args=[proposal.pk]), {"accept": "1"})
    acme.refresh_from_db()
    assert (acme.latitude, acme.longitude) == (52.52, 13.405)
    assert "52.5163" in client.get(reverse("audit:history", args=["accounts_account", acme.pk])).text
    with pytest.raises(DomainError, match="already decided"):
        decide_pin(proposal=proposal, accept=False, actor=rita)


def test_a_declined_pin_moves_nothing(rita, acme):
    decide_pin(proposal=propose_pin(account=acme, latitude=1, longitude=2, actor=rita), accept=False, actor=rita)
    acme.refresh_from_db()
    assert acme.latitude == 52.5163 and not PinProposal.objects.waiting().exists()


def test_proposed_twice_by_one_person_the_newer_place_is_decided(rita, acme):
    propose_pin(account=acme, latitude=1, longitude=2, actor=rita)
    assert propose_pin(account=acme, latitude=3, longitude=4, actor=rita).latitude == 3
    assert PinProposal.objects.count() == 1


# ── one visit on a page ──


def test_a_visit_has_a_page_with_all_that_was_brought_back(log, rita, acme, as_user):
    olga = add_contact(account=acme, actor=rita, name="Olga")
    log(contacts=[olga.pk], needs="Two lifts", competitor="Rival", price="10", currency="EUR", photos=photo(), **BERLIN)
    page = as_user(rita).get(reverse("accounts:activity_detail", args=[Activity.objects.get().pk])).text
    for words in ("Olga", "Two lifts", "Rival", "€10", "m from the pin", "shelf.jpg"):
        assert words in page


def test_logged_without_anything_else_it_is_still_a_visit(rita, acme):
    visit = log_activity(account=acme, kind="visit", actor=rita)
    assert not visit.meetings.exists() and visit.needs == ""
