"""Invoices, credit notes and payments from a file: which record a row is about, writing it, and taking a whole file back.

The dry run does what the real one does, through the same services, and then forgets it. A file that comes again writes
nothing twice: an invoice is known by its number, a payment by its invoice, amount, day and reference (of two alike in one
file both count, of the same file twice each once). Nothing is changed: a row that says otherwise than what is recorded is
refused. Credit notes and payments name an invoice that is in already.
"""

import re
import uuid
from collections import Counter
from decimal import Decimal

from django import forms
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.importing import columns
from accounts.importing.columns import Kind, Match, made, table, text_field
from accounts.models import Account, Import, ImportRow
from pipeline.models import Invoice, Order, Payment
from pipeline.services.invoices import record_credit, record_invoice, record_payment
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.lib.validators import check_business_date
from salesorg.people.roles import Action

PAID = uuid.UUID("6f1a3f0e-4b0e-4d6e-9b5c-2f0f8a6a7c11")  # the space of the numbers of imported payments
NEW, SAME, REFUSED = ImportRow.Outcome.NEW, ImportRow.Outcome.SAME, ImportRow.Outcome.REFUSED
FACTS = ("account_id", "amount", "currency", "issued_on")  # what tells whether an invoice is the recorded one


class Odd(DomainError):
    """What a row names is not there, or says something else: the sentence is the same for every such row, `found` is its name."""

    def __init__(self, sentence, found):
        super().__init__(sentence)
        self.found = found


class Rows:
    """Works off the rows of one kind; `record` of a subclass returns what a row is recorded as and whether it is new."""

    def check(self, imported, first, last):
        """The dry run: what would come of the rows is kept, what it wrote is not."""
        with transaction.atomic():
            found = self._work(imported, first, last)
            transaction.set_rollback(True)
        for row in found:
            row.target = None
        self._keep(found)

    def write(self, imported, first, last):
        """Write the rows in the caller's transaction. Returns {outcome: how many}."""
        with acting(imported.user, _("import of %(file)s") % {"file": imported.file_name}, imported.context):
            found = self._work(imported, first, last)
            self._keep(found)
        return dict(Counter(str(row.outcome) for row in found))

    def _work(self, imported, first, last):
        rows = list(imported.rows.filter(number__range=(first, last), values__isnull=False).order_by("number"))
        alike = self._alike(imported, first, last)
        for row in rows:
            row.reason = row.found = ""
            try:
                with transaction.atomic():
                    record, is_new = self.record(row.values, row.keys, imported.user, alike[row.pk])
                row.outcome, row.target = (NEW if is_new else SAME), record.pk
            except DomainError as refusal:
                row.outcome, row.target, row.reason = REFUSED, None, str(refusal)
                row.found = getattr(refusal, "found", "")
        return rows

    @staticmethod
    def _alike(imported, first, last):
        """{ImportRow's key: the how manieth row of the file it is that says exactly this}."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT id, nth FROM (
                    SELECT id, number, row_number() OVER (PARTITION BY values::text, keys::text ORDER BY number) AS nth
                    FROM accounts_importrow WHERE made_by_id = %s AND values IS NOT NULL
                ) numbered WHERE number BETWEEN %s AND %s
                """,
                [imported.pk, first, last],
            )
            return dict(cursor.fetchall())

    @staticmethod
    def _keep(rows):
        ImportRow.objects.bulk_update(rows, ["outcome", "reason", "found", "target"], batch_size=1_000)

    def undo(self, imported):
        """Take back what the import has written. Raises DomainError when something else hangs on it. Returns how many."""
        written = list(imported.rows.filter(outcome=NEW, target__isnull=False).values_list("target", flat=True))
        with acting(imported.user, _("undo import of %(file)s") % {"file": imported.file_name}), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('salesorg.takes_back', 'import', true)")
            count = self.take_back(written)
            cursor.execute("SELECT set_config('salesorg.takes_back', '', true)")
        return count


class Invoices(Rows):
    """Invoices, and credit notes to those that are in already."""

    def record(self, values, keys, user, nth):
        order = order_of(keys, user)
        account = account_of(keys, user) or (order and order.account)
        amount, credited = Decimal(_needed(values, "amount")), keys.get("invoice.number")
        number, issued_on = _needed(values, "number"), _day(values, "issued_on")
        if credited or amount < 0:
            invoice = invoice_of(keys, user)
            if invoice is None:
                raise DomainError(_("A credit note names the invoice that it credits."))
            facts = (invoice.account_id, -abs(amount), invoice.currency, issued_on)
            if there := _recorded(number, facts):
                return there, False
            said = {"amount": abs(amount), "issued_on": issued_on, "note": values.get("note", "")}
            return record_credit(invoice=invoice, number=number, actor=user, **said), True
        if account is None:
            raise DomainError(_("The row names neither an order nor an account."))
        if order and order.account_id != account.pk:
            raise DomainError(_("This order is of another account."))
        currency = values.get("currency", "").upper() or (order.currency if order else "")
        if order and currency != order.currency:
            raise DomainError(_("%(order)s is in %(currency)s.") % {"order": order, "currency": order.currency})
        if there := _recorded(number, (account.pk, amount, currency, issued_on)):
            return there, False
        said = {"due_on": _day(values, "due_on", needed=False), "note": values.get("note", "")}
        if amount == 0:
            raise DomainError(_("An invoice is about more than nothing."))
        facts = {"number": number, "amount": amount, "issued_on": issued_on, "currency": currency, "order": order}
        return record_invoice(account=account, actor=user, **facts, **said), True

    def take_back(self, written):
        rows = Invoice.objects.filter(pk__in=written).order_by("pk").select_for_update(of=("self",))
        invoices = list(rows)
        own = {each.pk for each in invoices}
        if (
            Payment.objects.filter(invoice__in=own).exists()
            or Invoice.objects.filter(credits__in=own).exclude(pk__in=own).exists()
        ):
            raise DomainError(_("Something was paid or credited since. Take that back first."))
        for kind in (Invoice.Kind.CREDIT, Invoice.Kind.INVOICE):
            found = Invoice.objects.filter(pk__in=own, kind=kind)
            found._raw_delete(found.db)
        return len(invoices)


class Payments(Rows):
    """Payments, by the number of the invoice, else of the order or the account with one open invoice that fits."""

    def record(self, values, keys, user, nth):
        amount, paid_on = Decimal(_needed(values, "amount")), _day(values, "paid_on")
        reference = values.get("reference", "")
        invoice = invoice_of(keys, user) or _only_open(keys, user, amount, (paid_on, reference, nth))
        if (currency := values.get("currency", "").upper()) and currency != invoice.currency:
            raise DomainError(_("%(invoice)s is in %(currency)s.") % {"invoice": invoice, "currency": invoice.currency})
        number = _number_of(invoice, amount, paid_on, reference, nth)
        if there := Payment.objects.filter(client_id=number).first():
            return there, False
        facts = {"amount": amount, "paid_on": paid_on, "reference": reference, "client_id": number}
        return record_payment(invoice=invoice, actor=user, **facts), True

    def take_back(self, written):
        list(Invoice.objects.filter(payments__in=written).order_by("pk").select_for_update(of=("self",)))
        found = Payment.objects.filter(pk__in=written)
        return found._raw_delete(found.db)


def _number_of(invoice, amount, paid_on, reference, nth):
    """The number under which a payment is stored once: the amount in one way of writing."""
    return uuid.uuid5(PAID, f"{invoice.pk}|{amount.normalize():f}|{paid_on}|{reference}|{nth}")


def _needed(values, name):
    if not values.get(name):
        raise DomainError(_("The row lacks: %(column)s.") % {"column": (INVOICE_COLUMNS | PAYMENT_COLUMNS)[name].label})
    return values[name]


def _day(values, name, *, needed=True):
    said = _needed(values, name) if needed else values.get(name)
    return forms.DateField().clean(said) if said else None


def _recorded(number, facts):
    """The invoice of this number when it says the same. Raises DomainError when it says something else."""
    there = Invoice.objects.filter(number=number).first()
    if there is None:
        return None
    account, amount, currency, issued_on = facts
    same = there.account_id == account and there.amount == amount and there.issued_on == issued_on
    if not same or (currency and there.currency != currency):
        raise Odd(_("It is recorded already, with another account, amount, currency or day."), number)
    return there


def order_of(keys, user):
    """The visible order that the row names: O-00012 or 12. None when it names none."""
    said = keys.get("order.number", "")
    if not said:
        return None
    found = re.fullmatch(r"(?:o\s*-?\s*)?0*([0-9]{1,18})", said.strip(), re.IGNORECASE)
    order = found and Order.objects.visible_to(user).filter(pk=int(found[1])).select_related("account").first()
    if not order:
        raise Odd(_("There is no order like this among those you see."), said)
    return order


def account_of(keys, user):
    """The visible account whose external key the row names; None when it names none."""
    said = keys.get("account.external_key", "")
    if not said:
        return None
    account = Account.objects.visible_to(user).filter(external_key=said).first()
    if account is None:
        raise Odd(_("There is no account like this among those you see."), said)
    return account


def invoice_of(keys, user):
    """The visible invoice whose number the row names; None when it names none."""
    said = keys.get("invoice.number", "")
    if not said:
        return None
    invoice = Invoice.objects.visible_to(user).filter(number=said, kind=Invoice.Kind.INVOICE).first()
    if invoice is None:
        raise Odd(_("There is no invoice like this among those you see. Import the invoices first."), said)
    return invoice


def _only_open(keys, user, amount, told):
    """The one open invoice that a payment without an invoice's number is for, or the one it was recorded for already."""
    order, account = order_of(keys, user), account_of(keys, user)
    if order is None and account is None:
        raise DomainError(_("The row names no invoice, order or account."))
    invoices = Invoice.objects.visible_to(user).filter(kind=Invoice.Kind.INVOICE)
    invoices = invoices.filter(order=order) if order else invoices.filter(account=account)
    known = {_number_of(each, amount, *told): each for each in invoices.order_by("pk")}
    if there := Payment.objects.filter(client_id__in=known).first():
        return known[there.client_id]
    unpaid = [each for each in known.values() if each.open > 0]
    fitting = unpaid if len(unpaid) == 1 else [each for each in unpaid if each.open == amount]
    if len(fitting) != 1:
        raise DomainError(_("%(n)d open invoices would fit: name the invoice by its number.") % {"n": len(fitting)})
    return fitting[0]


def _amount():
    return forms.DecimalField(required=False, max_digits=19, decimal_places=4)


def _date():
    return forms.DateField(required=False, validators=[check_business_date])


ORDER = "order, order number, order no, bestellung, bestellnummer, auftrag, auftragsnummer"
INVOICE = "invoice, invoice number, invoice no, rechnung, rechnungsnummer, rechnungsnr, beleg"
CURRENCY = made("currency", _lazy("Currency"), forms.RegexField("^[A-Za-z]{3}$", required=False), "currency, währung")
BELONGS = (
    made("order.number", _lazy("Order: number"), text_field(40), ORDER),
    made("account.external_key", _lazy("Account: external key"), text_field(), columns.EXTERNAL),
)
INVOICE_COLUMNS = table(
    made("number", _lazy("Number"), text_field(40), f"number, {INVOICE}, credit note, gutschrift"),
    *BELONGS,
    made("invoice.number", _lazy("Credits invoice"), text_field(40), "credits, credits invoice, credited invoice, zu rechnung"),
    made("amount", _lazy("Amount"), _amount(), "amount, total, net, sum, betrag, summe, rechnungsbetrag", "number"),
    CURRENCY,
    made("issued_on", _lazy("Issued"), _date(), "issued, issued on, date, invoice date, datum, rechnungsdatum", "day"),
    made("due_on", _lazy("Due"), _date(), "due, due on, due date, fällig, fällig am", "day"),
    made("note", _lazy("Note"), text_field(300), columns.NOTE),
)
PAYMENT_COLUMNS = table(
    made("invoice.number", _lazy("Invoice: number"), text_field(40), INVOICE),
    *BELONGS,
    made("amount", _lazy("Amount"), _amount(), "amount, paid, sum, betrag, zahlbetrag, zahlung", "number"),
    CURRENCY,
    made("paid_on", _lazy("Paid"), _date(), "paid on, date, value date, datum, valuta, gezahlt am, zahlungsdatum", "day"),
    made("reference", _lazy("Reference"), text_field(100), "reference, purpose, verwendungszweck, referenz"),
)


def register():
    """Called once in AppConfig.ready."""
    facts = {"about_account": False, "needs": Action.RECORD_INVOICES, "only_new": True}
    by_number = (Match("number", _lazy("Number"), ("number",)),)
    invoices = Kind(Invoice, INVOICE_COLUMNS, by_number, required=("number", "amount", "issued_on"), work=Invoices(), **facts)
    whole = (Match("whole", _lazy("Everything the row says"), ("amount",)),)
    payments = Kind(Payment, PAYMENT_COLUMNS, whole, required=("amount", "paid_on"), work=Payments(), **facts)
    columns.register_kind(Import.Kind.INVOICES, invoices)
    columns.register_kind(Import.Kind.PAYMENTS, payments)
