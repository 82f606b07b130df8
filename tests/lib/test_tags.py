"""Money, figures, dates and icons as people read them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template, engines
from django.utils import timezone, translation

from accounts import timeline
from salesorg.audit import reading
from salesorg.home import navigation
from salesorg.lib import browser_libraries
from salesorg.lib.templatetags import salesorg as tags

ROOT = Path(settings.BASE_DIR)


def plain(text):
    return str(text).replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0"),
        (950, "950"),
        (9_999, "9,999"),
        (10_000, "10 k"),
        (42_350, "42.4 k"),
        (999_499, "999 k"),
        (999_500, "1 M"),
        (1_243_900, "1.24 M"),
        (-1_243_900, "-1.24 M"),
        (10_005_534, "10 M"),
        (3_200_000_000, "3.2 bn"),
        (Decimal("0.4"), "0"),
    ],
)
def test_sums_are_shown_with_three_digits(amount, shown):
    assert plain(tags.short(Decimal(amount))) == shown


def test_a_short_sum_holds_its_full_figure_for_hover_and_screen_readers():
    html = str(tags.money(Decimal("1243900.50"), "USD"))
    assert 'title="$1,243,900.50"' in html
    assert '<span class="visually-hidden">$1,243,900.50</span>' in html
    assert 'value="1243900.50"' in html


def test_a_currency_shows_its_own_decimals():
    assert plain(tags.full_money(Decimal(1200), "JPY")) == "¥1,200"
    assert "1,200.125" in plain(tags.full_money(Decimal("1200.125"), "KWD"))


def test_money_follows_the_readers_language():
    with translation.override("de"):
        assert plain(tags.short(Decimal(1_243_900))) == "1,24 M"
        assert plain(tags.full_money(Decimal("1243.5"), "EUR")) == "1.243,50 €"


@pytest.mark.parametrize(
    ("metres", "shown"), [(0, "0 m"), (999, "999 m"), (6_840, "6.8 km"), (6_346_064, "6,346 km"), (None, "–")]
)
def test_a_way_is_told_in_metres_or_kilometres(metres, shown):
    assert re.sub(r"<[^>]+>", "", tags.distance(metres)).replace(tags.NO_BREAK, " ") == shown


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_amount_is_a_dash_and_never_a_zero(nothing):
    assert tags.money(nothing) == tags.figure(nothing) == tags.when(nothing) == tags.NOTHING


TODAY = date(2026, 3, 3)  # a Tuesday


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 3, 3), "today"),
        (date(2026, 3, 4), "tomorrow"),
        (date(2026, 3, 2), "yesterday"),
        (date(2026, 3, 10), "in 7 days"),
        (date(2026, 2, 24), "7 days ago"),
        (date(2026, 3, 11), "Wed 11 Mar"),
        (date(2025, 3, 3), "3 Mar 2025"),
    ],
)
def test_dates_are_near_within_a_week_and_short_beyond(time_machine, day, shown):
    time_machine.move_to(datetime(2026, 3, 3, 12, tzinfo=UTC))
    assert f">{shown}</time>" in tags.when(day)


def test_a_moment_is_read_in_the_persons_own_time_zone(time_machine):
    time_machine.move_to(datetime(2026, 3, 3, 22, tzinfo=UTC))
    with timezone.override("Asia/Tokyo"):  # there it is already the fourth
        assert ">yesterday</time>" in tags.when(datetime(2026, 3, 3, 14, tzinfo=UTC))
        assert ">07:00</time>" in tags.when(datetime(2026, 3, 3, 22, tzinfo=UTC))


def test_due_is_from_today_for_a_week_and_past_is_before(time_machine):
    time_machine.move_to(datetime(2026, 3, 3, 12, tzinfo=UTC))
    assert [tags.is_past(date(2026, 3, day)) for day in (2, 3)] == [True, False]
    assert [tags.is_soon(date(2026, 3, day)) for day in (2, 3, 10, 11)] == [False, True, True, False]
    assert not tags.is_past(None)
    assert not tags.is_soon(None)


def test_an_hour_ago_is_past_and_an_hour_ahead_is_soon(time_machine):
    time_machine.move_to(datetime(2026, 3, 3, 12, tzinfo=UTC))
    before, after = datetime(2026, 3, 3, 11, tzinfo=UTC), datetime(2026, 3, 3, 13, tzinfo=UTC)
    assert (tags.is_past(before), tags.is_soon(before)) == (True, False)
    assert (tags.is_past(after), tags.is_soon(after)) == (False, True)


@pytest.mark.parametrize(("name", "letters"), [("Rita van Dyk", "RD"), ("sol", "S"), ("", "?"), ("  Ana  Bo ", "AB")])
def test_initials_are_the_first_and_the_last_name(name, letters):
    assert tags.initials(name) == letters


def test_a_name_cannot_bring_its_own_markup():
    assert "<b>" not in tags.avatar("<b>x</b>")
    assert "<script>" not in tags.icon("house", "<script>")


def test_a_bullet_beyond_its_quota_stays_on_the_line():
    assert tags.bullet(150, 100)["value"] == 1000
    assert tags.bullet(-5, 100)["value"] == 0
    assert tags.bullet(0, 0) == {"value": 0, "target": 0, "tone": "", "label": ""}


def test_a_line_needs_two_points_and_a_flat_one_lies_flat():
    assert tags.sparkline([5])["points"] == ""
    assert tags.sparkline([5, 5])["points"] == "2.0,21.0 94.0,21.0"


def test_a_page_says_its_title_once():
    template = Template("{% load salesorg %}{% capture title %} A & {{ b }} {% endcapture %}<{{ title }}|{{ title }}>")
    assert template.render(Context({"b": "<i>"})) == "<A & &lt;i&gt;|A & &lt;i&gt;>"


# ── icons ──


IN_PAGES = (r'{% icon "([a-z0-9-]+)"', r'icon_name(?:=|\|default:)"([a-z0-9-]+)"', r'(?:data-)?icon(?:=|: | = )"([a-z0-9-]+)"')
IN_CODE = (
    r'"?icon"?(?:=|: )"([a-z0-9-]+)"',
    r'Result\(.*, "([a-z0-9-]+)"\)',
    r'"icon": .* else "([a-z0-9-]+)"',
    r'\bicon\("([a-z0-9-]+)"',
)
BY_KIND = (timeline.ICONS, reading.ICONS)  # chosen by the kind of activity or change
CODE = ("salesorg", "accounts", "territories", "pipeline", "commissions")


def named_icons():
    """Every icon a page, a script or a registration asks for by name, and where."""
    pages = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/js/*.js")]
    code = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    places = {place.icon: "navigation" for _label, group in navigation.GROUPS for place in (*group, navigation.LOG)}
    return (
        places
        | {icon: "by kind" for icons in BY_KIND for icon in icons.values()}
        | {
            name: str(path.relative_to(ROOT))
            for paths, patterns in ((pages, IN_PAGES), (code, IN_CODE))
            for path in paths
            for pattern in patterns
            for name in re.findall(pattern, path.read_text())
        }
    )


def test_every_icon_asked_for_is_in_the_sprite():
    missing = {name: place for name, place in named_icons().items() if name not in browser_libraries.ICONS}
    assert missing == {}, "Add them to ICONS in salesorg/lib/browser_libraries.py."


def test_every_icon_in_the_sprite_is_asked_for():
    assert set(browser_libraries.ICONS) - set(named_icons()) == set(), "Take them out of ICONS: every page carries the sprite."


def test_a_part_without_context_is_put_together_once_for_each_language(settings, tmp_path):
    part = tmp_path / "part.html"
    part.write_text("{% load i18n %}{% get_current_language as language %}{{ language }}")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    shown = {}
    for language in ("de", "en"):
        with translation.override(language):
            shown[language] = tags.fixed("part.html")
    assert shown == {"de": "de", "en": "en"}
    part.write_text("written anew")
    engines["django"].engine.template_loaders[0].reset()  # as the development server does
    with translation.override("en"):
        assert tags.fixed("part.html") == "en"
        settings.DEBUG = True
        assert tags.fixed("part.html") == "written anew"
