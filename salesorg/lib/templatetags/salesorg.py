"""Template tags of the shell: icons, money, figures, dates, people and small drawings, the same on every page."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from hashlib import md5

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

register = template.Library()

NOTHING = mark_safe('<span class="nothing" aria-hidden="true">–</span>')
NO_BREAK = "\N{NARROW NO-BREAK SPACE}"
# From this size on a sum is shown in thousands or millions; 999,500 and more would otherwise read "1000 k".
MAGNITUDES = (
    (Decimal("999500000"), Decimal(10) ** 9, "bn"),
    (Decimal("999500"), Decimal(10) ** 6, "M"),
    (Decimal(10_000), Decimal(1000), "k"),
)
AVATAR_COLOURS = 6


def locale():
    """The name Babel knows the reader's language by."""
    return to_locale(get_language() or "en")


def decimal(value):
    """`value` as a Decimal, or None when there is none to show."""
    if value is None or value == "":
        return None
    try:
        return Decimal(value) if not isinstance(value, float) else Decimal(str(value))
    except InvalidOperation:
        return None


# ── parts ──


@register.simple_tag
def fixed(template_name):
    """A part that needs no context, such as the list of shortcuts: put together once for each language, not for each page."""
    return render_to_string(template_name) if settings.DEBUG else fixed_in(template_name, get_language())


@lru_cache(maxsize=500)
def fixed_in(template_name, language):
    return render_to_string(template_name)


# ── icons ──


@register.simple_tag
@lru_cache(maxsize=1_000)
def icon(name, label="", css=""):
    """One icon of the sprite. Silent for screen readers unless `label` says what it means."""
    source = f"{static('lib/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon {}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, source)
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}"></use></svg>', css, source)


# ── numbers ──


def short(number):
    return short_in(number, locale())


# Babel takes 0.1 ms for a number or a date, and a board shows hundreds of them: what was formatted is remembered.
@lru_cache(maxsize=20_000)
def short_in(number, locale):
    """`number` with three significant digits: "950", "9,820", "42.4 k", "1.24 M"."""
    for least, unit, sign in MAGNITUDES:
        if abs(number) >= least:
            return f"{format_decimal(number / unit, '@##', locale=locale)}{NO_BREAK}{sign}"
    return format_decimal(number, "#,##0", locale=locale)


@register.filter
def money(amount, currency=""):
    """A sum, short, with the full figure on hover and for screen readers: `{{ deal.amount|money:deal.currency }}`.

    The short form names no currency: the header of the column or page names it once.
    """
    number = decimal(amount)
    if number is None:
        return NOTHING
    return money_in(number, currency, locale())


@lru_cache(maxsize=20_000)
def money_in(number, currency, locale):
    full = full_money_in(number, currency, locale)
    return format_html(
        '<data class="money{}" value="{}" title="{}">'
        '<span aria-hidden="true">{}</span><span class="visually-hidden">{}</span></data>',
        " negative" if number < 0 else "",
        number,
        full,
        short_in(number, locale),
        full,
    )


@register.filter
def full_money(amount, currency=""):
    """A sum to the last minor unit, with its currency: statements and receipts."""
    number = decimal(amount)
    if number is None:
        return NOTHING
    return full_money_in(number, currency, locale())


@lru_cache(maxsize=20_000)
def full_money_in(number, currency, locale):
    if not currency:
        return format_decimal(number, "#,##0.00", locale=locale)
    return format_currency(number, currency, locale=locale)


@register.filter
def unit_money(amount, currency=""):
    """The price of one unit: as full_money, and with every digit behind it that was typed: $1,200.00, $0.0125."""
    number = decimal(amount)
    return NOTHING if number is None else unit_money_in(number, currency, locale())


@lru_cache(maxsize=20_000)
def unit_money_in(number, currency, locale):
    return format_currency(number.normalize(), currency, locale=locale, decimal_quantization=False)


@register.filter
def amounts(by_currency):
    """Sums by currency ({code: amount}) side by side, never mixed; the code is named only when there are several."""
    parts = [(money(amount, code), code) for code, amount in by_currency.items()]
    if len(parts) < 2:
        return parts[0][0] if parts else money(0)
    return format_html_join(mark_safe(' <span class="faint">+</span> '), '{}<span class="unit">{}</span>', parts)


@register.filter
def figure(number):
    """A count with the reader's separators, never shortened: 8,800."""
    number = decimal(number)
    return NOTHING if number is None else figure_in(number, locale())


@lru_cache(maxsize=20_000)
def figure_in(number, locale):
    return format_decimal(number, "#,##0.##", locale=locale)


@register.filter
def quantity(number):
    """How much of a product: every digit behind the point that was typed, and no more: 12, 1,250.5."""
    number = decimal(number)
    return NOTHING if number is None else quantity_in(number, locale())


@lru_cache(maxsize=20_000)
def quantity_in(number, locale):
    return format_decimal(number, "#,##0.####", locale=locale)


@register.filter
def distance(metres):
    """How far it is, from metres: "340 m", "6.9 km", "6,346 km"."""
    number = decimal(metres)
    if number is None:
        return NOTHING
    if number < 1000:
        return f"{format_decimal(number, '#,##0', locale=locale())}{NO_BREAK}m"
    return f"{format_decimal(number / 1000, '#,##0.#' if number < 100_000 else '#,##0', locale=locale())}{NO_BREAK}km"


@register.filter
def dialled(phone):
    """A phone number as a telephone takes it: digits, and + in front; what follows "ext." or "x" is dialled after a pause."""
    number, _word, extension = re.sub(r"\s*(ext\.?|x)\s*(?=\d+\s*$)", "x", str(phone), flags=re.IGNORECASE).partition("x")
    plus = "+" if number.strip().startswith(("+", "(+")) else ""
    digits, more = re.sub(r"\D", "", number), re.sub(r"\D", "", extension)
    return f"{plus}{digits},{more}" if more else f"{plus}{digits}"


@register.filter
def share(fraction):
    """A fraction as a percentage of at most one decimal: 0.631 → 63.1 %."""
    number = decimal(fraction)
    return NOTHING if number is None else share_in(number, locale())


@lru_cache(maxsize=20_000)
def share_in(number, locale):
    return format_percent(number, "#,##0.#%", locale=locale)


# ── dates ──


def relative(days):
    """ "today", "tomorrow", "in 3 days", "2 days ago"; empty beyond a week."""
    if abs(days) > 7:
        return ""
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if days in near:
        return near[days]
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}


def day_text(day, today):
    """ "Tue 3 Mar"; the year only when it is not this one."""
    return date_in(day, _("EEE d MMM") if day.year == today.year else _("d MMM yyyy"), locale())


@lru_cache(maxsize=5_000)
def date_in(day, pattern, locale):
    return format_date(day, pattern, locale=locale)


@register.filter
def when(value):
    """A date as "Tue 3 Mar", within a week as "in 3 days"; a moment on the same day as its time. The title holds it in full."""
    if not value:
        return NOTHING
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    # The same moment in another zone is equal, yet reads differently: the zone's name is part of what is remembered.
    return when_in(value, timezone.localdate(), timezone.get_current_timezone_name(), get_language())


@lru_cache(maxsize=20_000)
def when_in(value, today, _zone, _language):
    if isinstance(value, datetime):
        day, clock = value.date(), f"{value:%H:%M}"
        full = f"{date_in(day, 'full', locale())}, {clock}"
        text = clock if day == today else None
    else:
        full, text, day = date_in(value, "full", locale()), None, value
    text = text or relative((day - today).days) or day_text(day, today)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), full, text)


@register.filter
def due(value):
    """A date by which something must happen, as `when` says it: red once it is past, amber within a week."""
    return due_in(value, timezone.localdate(), get_language())


@lru_cache(maxsize=5_000)
def due_in(value, today, language):
    tone = "bad" if value and value < today else "warn" if is_soon(value) else ""
    return format_html('<span class="{}">{}</span>', tone, when(value))


@register.filter
def day(value):
    """A date as "Tue 3 Mar", never relative: for headings and axes."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return day_text(value, timezone.localdate()) if value else NOTHING


@register.filter
def last_day(during):
    """The last day of a half-open range of days; None when it has no end."""
    return during.upper and during.upper - timedelta(days=1)


@register.filter
def is_past(value):
    """True for a date before today or a moment before now."""
    if not value:
        return False
    return value < timezone.now() if isinstance(value, datetime) else value < timezone.localdate()


@register.filter
def is_soon(value):
    """True from today, or from now, until seven days ahead."""
    if not value or is_past(value):
        return False
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return day <= timezone.localdate() + timedelta(days=7)


# ── people ──


@register.filter
def initials(name):
    """The first letters of the first and the last word: "Rita van Dyk" → "RD"."""
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.simple_tag
@lru_cache(maxsize=5_000)
def avatar(name, css=""):
    """A person's initials in a colour of their own. The name itself stands beside it, or in the title."""
    colour = int(md5(str(name).encode(), usedforsecurity=False).hexdigest(), 16) % AVATAR_COLOURS
    return format_html(
        '<span class="avatar avatar-{} {}" title="{}" aria-hidden="true">{}</span>', colour, css, name, initials(name)
    )


@register.simple_tag
@lru_cache(maxsize=5_000)
def person(name, url=""):
    """A person by initials and name, a link when there is a page: `{% person deal.owner.name %}`. A list shows hundreds."""
    shown = (
        format_html('<a class="truncate" href="{}">{}</a>', url, name)
        if url
        else format_html('<span class="truncate">{}</span>', name)
    )
    return format_html('<span class="person">{}{}</span>', avatar(name), shown)


# ── drawings: SVG attributes, since the content policy forbids style= ──


@register.simple_tag
def bar(value, most=100, label="", tone=""):
    """A thin bar of `value` out of `most`, for screen readers in words."""
    return format_html(
        '<progress class="bar {}" value="{}" max="{}" aria-label="{}"></progress>',
        tone,
        decimal(value) or 0,
        decimal(most) or 1,
        label,
    )


def position(value, most, width):
    """Where `value` of `most` lies on a line of `width`, kept on the line."""
    value, most = decimal(value) or Decimal(0), decimal(most) or Decimal(0)
    if most <= 0:
        return 0
    return int(max(Decimal(0), min(value / most, Decimal(1))) * width)


@register.inclusion_tag("parts/bullet.html")
def bullet(value, target, most=None, tone="", label=""):
    """A bar of `value` against a mark at `target`: attainment against quota."""
    longest = max(decimal(value) or Decimal(0), (decimal(target) or Decimal(0)) * Decimal("1.25"), decimal(most) or Decimal(0))
    return {"value": position(value, longest, 1000), "target": position(target, longest, 1000), "tone": tone, "label": label}


@register.inclusion_tag("parts/sparkline.html")
def sparkline(values, label=""):
    """A small line of `values`, oldest first, in a box of 96 × 24."""
    numbers = [decimal(value) or Decimal(0) for value in values or ()]
    if len(numbers) < 2:
        return {"points": ""}
    low, spread = min(numbers), (max(numbers) - min(numbers)) or Decimal(1)
    step = Decimal(92) / (len(numbers) - 1)
    points = [(f"{2 + index * step:.1f}", f"{21 - (number - low) / spread * 18:.1f}") for index, number in enumerate(numbers)]
    return {"points": " ".join(",".join(point) for point in points), "last": points[-1], "label": label}


# ── pages ──


@register.tag
def capture(parser, token):
    """`{% capture page_title %}…{% endcapture %}`: the text of a block as a variable, so that a page says its title once."""
    name = token.split_contents()[1]
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(name, nodelist)


class CaptureNode(template.Node):
    def __init__(self, name, nodelist):
        self.name, self.nodelist = name, nodelist

    def render(self, context):
        context[self.name] = mark_safe(self.nodelist.render(context).strip())
        return ""
