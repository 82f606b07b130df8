"""Lines pasted from a sheet: the code or name of a product, then a number."""

import re
from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.translation import gettext as _

from pipeline.models import Product

LONGEST_PASTE = 500_000  # characters: some ten thousand lines
SHOWN = 10  # lines that could not be read


def numbers_by_product(text, *, user, most, largest):
    """{Product: number} of the lines of `text`. What cannot be read is named by its line, and nothing is taken."""
    rows = [(i, line.strip()) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(rows) > most:
        raise forms.ValidationError(_("Paste at most %(most)d lines at once.") % {"most": most})
    products = Product.objects.visible_to(user)
    by_word = {each.name.casefold(): each for each in products} | {each.code.casefold(): each for each in products if each.code}
    found, wrong = {}, []
    for number, line in rows:
        word, value = _read(line, largest)
        product, words = by_word.get(word), {"number": number, "line": line[:60]}
        if product is None:
            wrong.append(_("Line %(number)d: there is no product for “%(line)s”.") % words)
        elif value is None:
            wrong.append(_("Line %(number)d: “%(line)s” has no number that can be read.") % words)
        elif product in found:
            wrong.append(_("Line %(number)d: “%(line)s” is there twice.") % words)
        else:
            found[product] = value
    if wrong:
        raise forms.ValidationError(wrong[:SHOWN])
    return found


def _read(line, largest):
    """The product's word and the number of a line; None for a number that is none."""
    word, _separator, typed = (part.strip() for part in re.sub(r"[\t;]+", ";", line).rpartition(";"))
    return word.casefold(), number(typed, largest)


def number(typed, largest):
    """A number as people write it, 1,250.50 or 1250,5, between 0 and `largest`; None when it is none."""
    typed = typed.strip().replace(" ", "")
    try:
        value = Decimal(typed.replace(",", "") if re.search(r",\d{3}\b", typed) else typed.replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 <= value <= largest and value.as_tuple().exponent >= -4 else None
