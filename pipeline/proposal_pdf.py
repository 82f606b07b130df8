"""A sent proposal as a PDF. What people typed reaches the template only as data (sys_inputs), never as its text."""

import json
import re
import unicodedata
from pathlib import Path

import typst
from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from salesorg.lib.templatetags.salesorg import figure, full_money, locale, quantity, unit_money
from salesorg.people.models import organisation

TEMPLATE = Path(__file__).with_name("typst") / "proposal.typ"
LETTERS = TEMPLATE.with_name("letters.typ")
NOBODYS = "\U0010fffd"  # a letter that no font has: what is drawn for it is drawn for every letter that is missing
MOST_ASKED = 500  # letters of one document
DRAWN = re.compile(r'href="#(\w+)"')


def pdf_of(version):
    """The PDF of a version with its lines, as bytes. Nothing of cost or margin is in it: it does not read them."""
    content = content_of(version)
    content["missing"] = ""
    if missing_letters(content):
        content["missing"] = _("Some letters of this document could not be printed. You can read all of it at its address.")
    return typst.compile(TEMPLATE, sys_inputs={"data": json.dumps(content)})


def missing_letters(content):
    """The letters of a document that no installed font has, in their order; its PDF shows boxes for them.

    Latin letters come with the program. Of any others each is drawn by itself and compared with what is drawn for none.
    """
    text = json.dumps(content, ensure_ascii=False)
    asked = [each for each in dict.fromkeys(text) if ord(each) > 0x24F and unicodedata.category(each)[0] in "LNS"]
    if not asked:
        return []
    pages = typst.compile(LETTERS, format="svg", sys_inputs={"data": json.dumps([NOBODYS, *asked[:MOST_ASKED]])})
    drawn = [set(DRAWN.findall(page.decode())) for page in pages]
    return [letter for letter, shapes in zip(asked, drawn[1:], strict=False) if shapes & drawn[0]]


def content_of(version):
    """What the document says, all of it as plain text."""
    account, seller, currency = version.deal.account, version.sent_by or version.author, version.currency
    facts = [(_("Proposal"), f"{version.proposal.number}, {_('version')} {version.number}")]
    if account:
        facts.append((_("For"), account.name))
    facts += [(_("From"), f"{seller.name}, {seller.email}"), (_("Valid until"), long_day(version.valid_until))]
    if version.delivery_on:
        facts.append((_("Delivery"), long_day(version.delivery_on)))
    return {
        "language": (get_language() or "en").partition("-")[0],
        "organisation": organisation().name,
        "number": f"{version.proposal.number} · {version.number}",
        "title": version.proposal.name,
        "seller": seller.name,
        "facts": facts,
        "intro": version.intro,
        "terms": version.terms,
        "words": {"terms": _("Terms")},
        "head": [_("What"), _("Quantity"), _("List price"), _("Discount"), _("Total")],
        "lines": [_line(line, currency) for line in version.lines.order_by("position")],
        "sums": sums_of(version),
        "closing": _("This proposal is valid until %(day)s.") % {"day": long_day(version.valid_until)},
    }


def sums_of(version):
    """[(what it is, sum in words)] from the list total to the net; discounts only where there are any."""
    steps = [(_("List total"), version.list_total)]
    if version.line_discounts:
        steps.append((_("Discounts on lines"), -version.line_discounts))
    if version.whole_discount:
        words = {"percent": plain(figure(version.discount))}
        steps.append((_("Discount on the whole, %(percent)s%%") % words, -version.whole_discount))
    if len(steps) == 1:
        steps = []
    return [(name, plain(full_money(value, version.currency))) for name, value in [*steps, (_("Net"), version.net)]]


def long_day(day):
    """A day with its year: a document is read for years."""
    return format_date(day, "long", locale=locale())


def plain(value):
    """Words made for a page as plain text."""
    return str(value).replace("\xa0", " ")


def _line(line, currency):
    return [
        line.text,
        f"{plain(quantity(line.quantity))} {line.unit}".strip(),
        plain(unit_money(line.list_price, currency)),
        f"{plain(figure(line.discount))}%" if line.discount else "",
        plain(full_money(line.total, currency)),
    ]
