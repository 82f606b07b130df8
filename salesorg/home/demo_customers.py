"""The demo's customers: their contracts, renewed, amended, cancelled and soon to end."""

from datetime import timedelta
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.services import log_activity
from pipeline.models import Contract, ContractValue, Deal, LossReason, Stage
from pipeline.services import link_activity, move_deal
from pipeline.services.contracts import amend_contract, cancel_contract, make_contract
from pipeline.services.customers import gather_customers, score_customers
from pipeline.services.renewals import due_renewals, open_renewal, renewal_pipeline
from pipeline.terms import months_after
from salesorg.lib.acting import acting
from salesorg.people.models import organisation

TERMS = (12, 12, 24, 12)  # months, in turn
# How many days ago the first contract of each customer began, in turn: the oldest were renewed, some end soon.
BEGAN = (700, 340, 500, 95, 310, 620, 375, 180, 420, 275, 350, 60)
RISE = Decimal("1.08")  # of the price with each renewal
AMENDED, CANCELLED, LATE = 2, 8, 6  # the customers to whom that happened
CALLS = (3, 12, 85, 5, 140, 21, 9, 58, 15, 2, 40, 110)  # days since cora last called, in turn


def fill_customers(people, now):
    """What became of the customers of cora up to `now`."""
    cora = people["cora"]
    today = organisation().today(now)
    customers = list(Account.objects.covered_by(cora, today).filter(lifecycle="customer").order_by("pk")[: len(BEGAN)])
    for number, account in enumerate(customers):
        contract = contract_of(account, number, today)
        if number == AMENDED:
            with acting(cora, "demo"):
                more = {"total": Decimal(21_000), "recurring": Decimal(10_500), "reason": _("Two more lines")}
                amend_contract(contract=contract, from_day=today - timedelta(days=60), actor=cora, **more)
        call(account, cora, number, now)
    with acting(cora, "demo"):
        cancelled = customers[CANCELLED].contracts.order_by("-renews_on").first()
        reason = LossReason.objects.order_by("name").first()
        cancel_contract(
            contract=cancelled, ends_on=today + timedelta(days=40), reason=reason, note=_("Moves production abroad"), actor=cora
        )
    for contract in due_renewals(renewal_pipeline(), today):
        with acting(None, "demo"):
            deal = open_renewal(contract=contract, day=today, actor=None)
    with acting(cora, "demo"):  # one of them is talked about already
        talk = log_activity(account=deal.account, kind="call", outcome="well", done_at=now, actor=cora)
        link_activity(deal=deal, activity=talk, actor=cora)
        move_deal(deal=deal, stage=Stage.objects.get(pipeline=deal.pipeline_id, name="In talks"), actor=cora)
    for weeks in range(26, -1, -1):  # half a year of scores, as the nights would have left them
        day = today - timedelta(weeks=weeks)
        gather_customers(day=day)
        score_customers(day=day)


def contract_of(account, number, today):
    """The latest contract of a customer: made from a deal that was won, or as an import of older ones would bring it."""
    deal = Deal.objects.won().filter(account=account, contract=None).select_related("owner").order_by("-close_date").first()
    if number % 3 == 0 and deal is not None:
        until = months_after(deal.close_date, 12)
        facts = {"starts_on": deal.close_date, "until": until, "total": deal.amount, "recurring": deal.amount}
        with acting(deal.owner, "demo"):
            return make_contract(deal=deal, notice_days=30, actor=deal.owner, **facts)
    months, yearly = TERMS[number % len(TERMS)], Decimal(6_000 + 1_500 * number)
    contract, start = None, today - timedelta(days=BEGAN[number])
    while contract is None or (contract.term.upper <= today and number != LATE):
        term = DateRange(start, months_after(start, months))
        contract = Contract.objects.create(
            account=account, renews=contract, name=_("Service contract %(year)d") % {"year": start.year},
            currency=organisation().currency, term=term, during=term, notice_days=30,
        )  # fmt: skip
        ContractValue.objects.create(contract=contract, from_day=start, total=yearly * months / 12, recurring=yearly)
        start, yearly = term.upper, yearly * RISE
    return contract


def call(account, cora, number, now):
    """A call every few weeks, the last one as long ago as CALLS says."""
    with acting(cora, "demo"):
        for back in range(7):
            done = now - timedelta(days=CALLS[number % len(CALLS)] + back * (14 + number))
            log_activity(account=account, kind="call", actor=cora, done_at=done, outcome="well", subject=_("How is it going?"))
