"""Checks of what people type that several apps share."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)  # outside lies a typing error, not business
LARGEST_AMOUNT = Decimal(1_000_000_000_000)  # above a trillion a zero too many is likelier than a deal


def check_business_date(day):
    """Refuse a date of business before 2000 or after 2100."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Give a date between 2000 and 2100."), code="date")


def check_amount(amount):
    """Refuse a negative or an enormous amount of money."""
    if not amount.is_finite() or not 0 <= amount <= LARGEST_AMOUNT:
        raise ValidationError(_("Give an amount between 0 and 1,000,000,000,000."), code="amount")
