"""Contracts: made from won deals, amended, renewed by another, cancelled."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from html import unescape

import pytest
from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from pipeline.engine import terms
from pipeline.models import Contract, ContractValue, DealMember, LossReason
from pipeline.services.contracts import amend_contract, cancel_contract, make_contract, proposed_contract
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role

TODAY = date.today()
BEGAN = TODAY - timedelta(days=200)
ENDS = terms.months_after(BEGAN, 12)


def test_the_same_term_again_keeps_its_months_and_its_days():
    assert terms.same_again(date(2026, 1, 31), date(2027, 1, 31)) == (date(2027, 1, 31), date(2028, 1, 31))
    assert terms.same_again(date(2024, 2, 29), date(2025, 2, 28)) == (date(2025, 2, 28), date(2026, 2, 28))
    assert terms.same_again(date(2026, 3, 1), date(2026, 3, 11)) == (date(2026, 3, 11), date(2026, 3, 21))
    assert terms.years_of(date(2026, 1, 1), date(2028, 7, 1)) == Fraction(5, 2)
    assert terms.notice_by(date(2027, 1, 1), 0) == date(2026, 12, 31)


@pytest.fixture
def won(rita, deal_of):
    return deal_of(rita, stage="Won", amount=1200, close_date=BEGAN, next_step="", next_step_on=None)


@pytest.fixture
def signed(won, rita):
    """A contract of rita's customer for a year, worth 1,200 of it, that began some months ago."""
    facts = {"starts_on": BEGAN, "until": ENDS, "total": Decimal(1200), "recurring": Decimal(1200), "notice_days": 30}
    return make_contract(deal=won, actor=rita, **facts)


@pytest.fixture
def too_dear(db):
    return LossReason.objects.create(name="Too dear")


def worth(contract, day):
    return Contract.objects.valued_on(day).get(pk=contract.pk).recurring


def test_a_won_deal_becomes_a_contract_without_retyping(as_user, rita, won):
    client, url = as_user(rita), reverse("pipeline:contract_new", args=[won.pk])
    offer = client.get(reverse("pipeline:deal_contract", args=[won.pk])).content.decode()
    assert url in offer
    form = client.get(url).context["form"]
    answer = client.post(url, {name: form.initial[name] for name in form.fields})
    contract = Contract.objects.get()
    assert answer.url == contract.get_absolute_url()
    assert (contract.account, contract.deal, contract.term.lower) == (won.account, won, BEGAN)
    assert (worth(contract, BEGAN), contract.renews_on) == (1200, ENDS)
    won.account.refresh_from_db()
    assert won.account.lifecycle == "customer"
    page = unescape(client.get(contract.get_absolute_url()).content.decode())
    assert won.name in page
    assert won.account.name in page
    assert "contract" in client.get(reverse("pipeline:account_contracts", args=[won.account_id])).content.decode()


def test_an_open_deal_and_one_that_has_its_contract_make_none(rita, deal_of, signed, won):
    for deal in (won, deal_of(rita)):
        with pytest.raises(DomainError):
            make_contract(
                deal=deal, actor=rita, starts_on=TODAY, until=ENDS, total=Decimal(1), recurring=Decimal(1), notice_days=0
            )


def test_of_every_past_day_the_value_as_it_was_can_be_read(rita, signed):
    amend_contract(
        contract=signed, from_day=TODAY, total=Decimal(1500), recurring=Decimal(1800), reason="Two more seats", actor=rita
    )
    assert [worth(signed, day) for day in (BEGAN, TODAY - timedelta(days=1), TODAY)] == [1200, 1200, 1800]
    assert worth(signed, BEGAN - timedelta(days=1)) is None
    with pytest.raises(DatabaseError), transaction.atomic():
        ContractValue.objects.filter(contract=signed).update(total=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Contract.objects.filter(pk=signed.pk).update(currency="EUR")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"from_day": ENDS}, "from_day"),
        ({"total": Decimal(1200), "recurring": Decimal(1200)}, "total"),
    ],
)
def test_an_amendment_says_why_from_when_within_the_term_and_changes_something(rita, signed, change, field):
    facts = {"from_day": TODAY, "total": Decimal(1500), "recurring": Decimal(1500), "reason": "More"} | change
    with pytest.raises(DomainError) as refused:
        amend_contract(contract=signed, actor=rita, **facts)
    assert refused.value.fields == (field,)


def test_a_renewal_follows_and_leaves_the_former_as_it_was(rita, signed, deal_of):
    again = deal_of(
        rita, account=signed.account, stage="Won", amount=Decimal(1320), type="renewal", next_step="", next_step_on=None
    )
    Contract.objects.filter(pk=signed.pk).update(renewal=again)
    proposal = proposed_contract(again)
    assert (proposal.starts_on, proposal.until, proposal.recurring) == (ENDS, terms.months_after(ENDS, 12), 1320)
    early = ENDS - timedelta(days=10)
    follower = make_contract(
        deal=again,
        actor=rita,
        starts_on=early,
        until=proposal.until,
        total=proposal.total,
        recurring=proposal.recurring,
        notice_days=30,
    )
    signed.refresh_from_db()
    assert (follower.renews, signed.term.upper, signed.during.upper) == (signed, ENDS, early)
    assert signed.state_on(TODAY) == "renewed"
    assert signed.state_on(TODAY - timedelta(days=1)) == "running"  # on a past day nobody knew of the next one
    assert Contract.objects.on(early).get() == follower  # never two of them on one day


def test_a_customer_who_cancels_says_why_and_is_a_former_one_when_the_last_contract_has_ended(rita, signed, too_dear, as_user):
    url = reverse("pipeline:contract_cancel", args=[signed.pk])
    last = TODAY - timedelta(days=1)
    sent = {"ends_on": last, "cancelled_on": TODAY, "reason": too_dear.pk, "note": "A cheaper one"}
    assert as_user(rita).post(url, sent | {"reason": ""}).status_code == 422
    assert as_user(rita).post(url, sent).status_code == 302
    signed.refresh_from_db()
    assert (signed.state_on(TODAY), signed.last_day, signed.churn_reason) == ("cancelled", last, too_dear)
    assert signed.state_on(last - timedelta(days=1)) == "running"  # notice had not been given
    assert not Contract.objects.on(TODAY).exists()
    signed.account.refresh_from_db()
    assert signed.account.lifecycle == "former"
    with pytest.raises(DomainError):
        cancel_contract(contract=signed, ends_on=TODAY, reason=too_dear, actor=rita)


def test_the_list_opens_as_of_a_past_day(as_user, rita, signed):
    amend_contract(contract=signed, from_day=TODAY, total=Decimal(1500), recurring=Decimal(1800), reason="More", actor=rita)
    url = reverse("pipeline:contract_list")
    assert as_user(rita).get(url).context["sums"] == {"USD": 1800}
    assert as_user(rita).get(url, {"as_of": TODAY - timedelta(days=5)}).context["sums"] == {"USD": 1200}
    assert as_user(rita).get(url, {"as_of": BEGAN - timedelta(days=5)}).context["sums"] == {}


def test_a_cancelled_contract_is_listed_with_its_end_and_no_renewal(as_user, rita, signed, too_dear):
    last = TODAY + timedelta(days=9)
    cancel_contract(contract=signed, ends_on=last, reason=too_dear, actor=rita)
    signed.refresh_from_db()
    for url in (reverse("pipeline:contract_list"), signed.get_absolute_url()):
        page = as_user(rita).get(url).content.decode()
        assert f'datetime="{last.isoformat()}"' in page
        assert f'datetime="{ENDS.isoformat()}"' not in page


def test_two_who_make_the_contract_of_one_deal_make_one(rita, won):
    facts = {"starts_on": BEGAN, "until": ENDS, "total": Decimal(1), "recurring": Decimal(1), "notice_days": 30}
    make_contract(deal=won, actor=rita, **facts)
    with pytest.raises(DomainError, match="already"):
        make_contract(deal=won, actor=rita, **facts)
    assert Contract.objects.count() == 1


def test_since_when_somebody_is_a_customer_is_told_by_the_contracts_one_sees(as_user, rita, tom, sam, signed, deal_of):
    deal = deal_of(rita, signed.account, stage="Won", close_date=TODAY, next_step="", next_step_on=None)
    DealMember.objects.create(deal=deal, user=tom, role=Role.SPECIALIST, during=DateRange(TODAY, None))
    facts = {"starts_on": TODAY, "until": TODAY + timedelta(days=365), "total": Decimal(1), "recurring": Decimal(1)}
    later = make_contract(deal=deal, actor=rita, notice_days=30, **facts)
    for who, found in ((tom, [later]), (sam, [])):  # sam sees the former contract too
        page = as_user(who).get(reverse("pipeline:contract_list"), {"state": "all", "began_from": TODAY})
        assert page.context["page"].rows == found
