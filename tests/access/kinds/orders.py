"""Orders, and the requests they come of."""

from datetime import date

from django.utils import timezone

from pipeline.models import Invoice, Order, OrderRequest

from .accounts import account
from .registry import RECORDS, kind


def _taken(person, marker, **facts):
    day = date.today()
    who = {"taken_by": person, "taken_for": person, "taken_on": day}
    request = OrderRequest.objects.create(
        account_id=account(person, marker), currency="USD", taken_at=timezone.now(), **who, **facts
    )  # fmt: skip
    return request, who


@kind(**RECORDS)
def order_request(person, marker):
    return _taken(person, marker)[0].pk


@kind(**RECORDS)
def order(person, marker):
    request, who = _taken(person, marker, state="confirmed")
    sums = dict.fromkeys(("list_total", "line_discounts", "whole_discount", "net"), 0)
    return Order.objects.create(request=request, account_id=request.account_id, currency="USD", **who, **sums).pk


@kind(**RECORDS)
def invoice(person, marker):
    day, pk = date.today(), account(person, marker)
    facts = {"amount": 100, "open": 100, "currency": "USD", "issued_on": day}
    return Invoice.objects.create(account_id=pk, number=f"{marker}-{pk}", **facts).pk
