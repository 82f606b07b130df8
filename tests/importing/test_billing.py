"""Invoices, credit notes and payments from a file: exact, once, and taken back as one."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import InternalError, transaction

from accounts.importing import results
from accounts.models import Account, Import
from pipeline.models import Invoice, Payment

D = Decimal
FILE = """Invoice;Customer number;Credits;Amount;Currency;Invoice date;Due
R-1;K-7;;1.234,50;eur;31.03.2026;30.04.2026
R-2;K-7;;33,33;EUR;2026-04-01;
C-1;;R-1;234,50;;02.04.2026;
R-3;K-8;;5;EUR;2026-04-01;
R-4;K-7;;0,001;EUR;2026-04-01;
"""
MONEY = """Invoice;Customer number;Amount;Value date;Reference
R-1;;500;05.04.2026;March
R-1;;500;05.04.2026;March
;K-7;33,33;06.04.2026;
R-1;;7;05.04.2036;
"""


@pytest.fixture
def acme(account_of, rita):
    account = account_of(rita, "Acme")
    Account.objects.filter(pk=account.pk).update(external_key="K-7")
    return account


def told(imported):
    return [(row.outcome, " ".join(filter(None, [row.reason, row.found]))) for row in imported.rows.order_by("number")]


def test_a_file_of_invoices_is_tried_written_sent_again_and_taken_back(acme, fay, checked, imported, undone):
    dry = checked(fay, FILE, kind="invoices", decimal_comma=True)
    assert [outcome for outcome, _why in told(dry)] == ["new", "new", "new", "refused", "refused"]
    assert "no account like this among those you see. K-8" in told(dry)[3][1] and "EUR has 2 digits" in told(dry)[4][1]
    assert not Invoice.objects.exists()
    done = imported(fay, FILE, kind="invoices", decimal_comma=True)
    first = Invoice.objects.get(number="R-1")
    facts = (first.account, first.amount, first.currency, first.issued_on, first.due_on, first.open, first.made_by)
    assert facts == (acme, D("1234.50"), "EUR", date(2026, 3, 31), date(2026, 4, 30), 1000, fay)
    again = checked(fay, FILE, kind="invoices", decimal_comma=True)
    assert [outcome for outcome, _why in told(again)] == ["same", "same", "same", "refused", "refused"]
    assert "R-3" in "".join(results.result_lines(done))
    other = checked(fay, FILE.replace("33,33", "33,34"), kind="invoices", decimal_comma=True)
    assert "is recorded already" in told(other)[1][1] and "R-2" in told(other)[1][1]
    assert undone(done).state == Import.State.UNDONE and not Invoice.objects.exists()


def test_payments_find_their_invoice_count_once_and_keep_an_import_from_being_taken_back_under_them(acme, fay, imported, undone):
    bills = imported(fay, FILE, kind="invoices", decimal_comma=True)
    paid = imported(fay, MONEY, kind="payments", decimal_comma=True)
    assert [outcome for outcome, _why in told(paid)] == ["new", "new", "new", "refused"]
    rows = list(Payment.objects.order_by("pk").values_list("invoice__number", "amount", "paid_on", "reference"))
    april = date(2026, 4, 5)
    assert rows == [("R-1", 500, april, "March")] * 2 + [("R-2", D("33.33"), date(2026, 4, 6), "")]
    assert list(Invoice.objects.filter(kind="invoice").order_by("number").values_list("open", flat=True)) == [0, 0]
    again = imported(fay, MONEY, kind="payments", decimal_comma=True)
    assert [outcome for outcome, _why in told(again)] == ["same", "same", "same", "refused"] and Payment.objects.count() == 3
    undone(bills)
    bills.refresh_from_db()
    assert "Something was paid or credited since" in bills.problem and Invoice.objects.count() == 3
    undone(paid)
    assert not Payment.objects.exists() and Invoice.objects.get(number="R-1").open == 1000
    undone(bills)
    assert not Invoice.objects.exists()


def test_nobody_else_deletes_what_was_recorded_and_a_rep_imports_no_money(acme, rita, fay, imported, as_user):
    imported(fay, FILE, kind="invoices", decimal_comma=True)
    imported(fay, MONEY, kind="payments", decimal_comma=True)
    for rows in (Payment.objects.all(), Invoice.objects.all()):
        with pytest.raises(InternalError), transaction.atomic():
            rows._raw_delete("default")
    offered = as_user(rita).get("/accounts/import/new/").content.decode()
    assert "Contacts" in offered and "Payments" not in offered
    offered = as_user(fay).get("/accounts/import/new/").content.decode()
    assert "Payments" in offered and "Contacts" not in offered
