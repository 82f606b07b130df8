"""The brief before a visit: what one should know about an account, and nothing one may not."""

from datetime import date, timedelta
from html import unescape

import pytest
from django.utils import timezone

from accounts.models import Activity, Competitor, Contact, Sighting
from salesorg.home.brief import coming_round


def brief(client, account):
    return unescape(client.get(f"/brief/{account.pk}/").content.decode())


def test_the_brief_tells_deals_people_and_the_last_visits(as_user, rita, account_of, deal_of):
    account = account_of(rita, "Nordal")
    deal_of(rita, account, name="New line", next_step="Send the offer")
    Contact.objects.create(account=account, name="Ulla Berg", position="Controller", decision_role="budget")
    Activity.objects.create(account=account, user=rita, kind="visit", note="Forklift is broken", done_at=timezone.now())
    page = brief(as_user(rita), account)
    for words in ("New line", "Send the offer", "Ulla Berg", "Holds the budget", "Forklift is broken"):
        assert words in page


def test_competitors_seen_there_are_told(as_user, rita, account_of):
    account = account_of(rita)
    rival = Competitor.objects.create(name="Rival & Sons")
    seen = {"competitor": rival, "user": rita, "seen_on": rita.today, "price": 900, "currency": "USD"}
    Sighting.objects.create(account=account, product="Lifter", **seen)
    page = brief(as_user(rita), account)
    assert "Rival & Sons" in page
    assert "Lifter · $900.00" in page


def test_it_tells_which_colleague_talks_to_them_and_not_whoever_did_long_ago(as_user, rita, sam, cora, account_of):
    account = account_of(rita)
    recent, long_ago = timezone.now() - timedelta(weeks=2), timezone.now() - timedelta(weeks=30)
    Activity.objects.create(account=account, user=sam, kind="call", subject="Asked for prices", done_at=recent)
    Activity.objects.create(account=account, user=cora, kind="call", subject="Old story", done_at=long_ago)
    people = as_user(rita).get(f"/brief/{account.pk}/").context["colleagues"]
    assert [each.user for each in people] == [sam]


def test_a_purchase_that_comes_round_soon_is_told_and_one_of_this_year_is_not(as_user, rita, account_of, deal_of):
    account, day = account_of(rita), rita.today
    soon = day + timedelta(days=20)
    last_year = coming_round(soon, day).replace(year=soon.year - 2, day=min(soon.day, 28))
    deal_of(rita, account, name="Bought long ago", stage="Won", close_date=last_year)
    deal_of(rita, account, name="Just bought", stage="Won", close_date=day - timedelta(days=5))
    told = as_user(rita).get(f"/brief/{account.pk}/").context["anniversaries"]
    assert [(deal.name, years) for deal, _on, years in told] == [("Bought long ago", 2)]


@pytest.mark.parametrize(
    ("bought", "today", "again"),
    [
        (date(2024, 2, 29), date(2025, 2, 1), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (date(2024, 1, 5), date(2025, 12, 20), date(2026, 1, 5)),
        (date(2024, 3, 3), date(2025, 3, 3), date(2025, 3, 3)),
    ],
)
def test_the_day_on_which_a_purchase_comes_round(bought, today, again):
    assert coming_round(bought, today) == again


def test_the_brief_of_a_strangers_account_is_as_absent_as_one_that_does_not_exist(as_user, rita, tom, account_of):
    browser = as_user(rita)
    hidden, absent = browser.get(f"/brief/{account_of(tom).pk}/"), browser.get("/brief/999999/")
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert hidden.status_code == 404
