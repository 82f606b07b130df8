"""NRR, GRR and logo retention: from the contracts, and once more by hand."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from pipeline.engine.retention import Standing, retention_of
from pipeline.engine.terms import months_after
from pipeline.models import Contract, ContractValue, Favour
from pipeline.reports.retention import cohorts, retention_between, too_young
from salesorg.lib.periods import quarter_of

TODAY = date.today()
AGO = months_after(TODAY, -12)
STANDINGS = st.lists(st.builds(Standing, st.integers(0, 10**9), st.integers(0, 10**9)))


@given(STANDINGS)
def test_grr_is_never_above_nrr_nor_above_one(standings):
    found = retention_of(standings)
    if found.start:
        assert 0 <= found.grr <= min(found.nrr, 1)
        assert 0 <= found.logos <= 1
    else:
        assert (found.nrr, found.grr, found.logos) == (None, None, None)


def test_what_is_sold_to_new_customers_is_no_retention():
    found = retention_of([Standing(100, 150), Standing(100, 40), Standing(100, 0), Standing(0, 999)])
    assert (found.nrr, found.grr, found.logos) == (Fraction(190, 300), Fraction(140, 300), Fraction(2, 3))


def contract(account, first, last, *values, renews=None):
    """In force from `first` up to the day before `last`, worth `values` (day, a year)."""
    term = DateRange(first, last)
    row = Contract.objects.create(account=account, name="C", currency="USD", term=term, during=term, renews=renews)
    for day, recurring in values:
        ContractValue.objects.create(contract=row, from_day=day, total=recurring, recurring=recurring)
    return row


@pytest.fixture
def customers(db):
    """One that grew by an amendment, one renewed for less, one that left, one that is new; in the quarter of a year ago."""
    began = AGO - timedelta(days=1)
    grew, less, left, new = (Account.objects.create(name=name) for name in ("Grew", "Less", "Left", "New"))
    contract(grew, began, TODAY + timedelta(days=90), (began, 1000), (AGO + timedelta(days=100), 1500))
    former = contract(less, began, AGO + timedelta(days=200), (began, 800))
    contract(less, AGO + timedelta(days=200), TODAY + timedelta(days=90), (AGO + timedelta(days=200), 600), renews=former)
    contract(left, began, AGO + timedelta(days=60), (began, 500))
    contract(new, AGO + timedelta(days=5), TODAY + timedelta(days=90), (AGO + timedelta(days=5), 9999))
    return {"grew": grew, "less": less, "left": left, "new": new}


def by_hand(contracts, account, day):
    """What a customer is worth on a day: read row by row, the way one would on paper."""
    worth = Decimal(0)
    for each in contracts:
        if each.account_id == account.pk and each.during.lower <= day < each.during.upper:
            worth += [value.recurring for value in each.values.order_by("from_day", "pk") if value.from_day <= day][-1]
    return worth


def test_the_figures_equal_those_reckoned_contract_by_contract(customers, otto):
    contracts = list(Contract.objects.prefetch_related("values"))
    pairs = [(by_hand(contracts, account, AGO), by_hand(contracts, account, TODAY)) for account in customers.values()]
    then = [(start, after) for start, after in pairs if start]
    found = retention_between(otto, TODAY, "USD")
    assert found.customers == len(then) == 3
    assert found.nrr == Fraction(sum(after for _s, after in then)) / Fraction(sum(start for start, _a in then))
    assert found.grr == Fraction(sum(min(pair) for pair in then)) / Fraction(sum(start for start, _a in then))
    assert (found.nrr, found.grr, found.logos) == (Fraction(21, 23), Fraction(16, 23), Fraction(2, 3))
    assert retention_between(otto, AGO - timedelta(days=60), "USD").customers == 0


def test_a_cohort_is_measured_twelve_months_after_each_began(customers, otto):
    for state in ("given", "declined"):
        Favour.objects.create(account=customers["grew"], kind="referral", state=state, asked_on=TODAY, asked_by=otto)
    found = {each.quarter: each for each in cohorts(otto, TODAY, "USD")}
    cohort = found[quarter_of(AGO - timedelta(days=1))]
    assert cohort.retention.customers >= 3
    assert cohort.referrals == 1
    assert cohort.too_young == too_young(cohort.quarter, TODAY)
    assert too_young(quarter_of(TODAY), TODAY)
    assert not too_young(quarter_of(AGO - timedelta(days=100)), TODAY)


def test_the_page_counts_only_what_the_reader_sees(customers, otto, tom, as_user):
    url = reverse("pipeline:retention")
    assert as_user(otto).get(url).context["overall"].customers == 3
    assert "overall" not in as_user(tom).get(url).context


def test_each_figure_opens_exactly_its_customers(customers, otto, as_user):
    page = as_user(otto).get(reverse("pipeline:retention")).context
    tiles = {tile["why"]["id"]: as_user(otto).get(tile["url"]).context["found"] for tile in page["tiles"]}
    overall = page["overall"]
    assert (tiles["nrr"].count, tiles["nrr"].start, tiles["nrr"].after) == (overall.customers, overall.start, overall.after)
    assert tiles["logos"].count == overall.kept
    for row in page["rows"]:
        found = as_user(otto).get(row["url"]).context["found"]
        kept = row["retention"]
        assert (found.count, found.start, found.after) == (kept.customers, kept.start, kept.after)
    url = reverse("pipeline:retention_customers")
    names = {
        became: [row[1] for row in as_user(otto).get(url, {"currency": "USD", "became": became}).context["found"].rows]
        for became in ("kept", "more", "less", "gone")
    }
    assert names == {"kept": ["Grew", "Less"], "more": ["Grew"], "less": ["Less"], "gone": ["Left"]}


def test_customers_of_others_stand_behind_nobodys_figure(customers, tom, as_user):
    assert as_user(tom).get(reverse("pipeline:retention_customers"), {"currency": "USD"}).context["found"].count == 0


def test_what_cannot_be_read_in_an_address_is_said_and_another_currency_keeps_the_day(customers, otto, as_user):
    client, figures, rows = as_user(otto), reverse("pipeline:retention"), reverse("pipeline:retention_customers")
    for page, asked in ((figures, {"as_of": "2026-02-30"}), (rows, {"cohort": "9999-12-31"}), (rows, {"became": "a\x00b"})):
        assert "could not be read" in client.get(page, asked).content.decode(), asked
    page = client.get(figures, {"as_of": "2026-06-30", "currency": "USD"})
    assert page.context["chips"] and all("as_of=2026-06-30" in chip["url"] for chip in page.context["chips"])
