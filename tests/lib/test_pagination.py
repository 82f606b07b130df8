"""Every row is on exactly one page, in order, and a broken address begins at the first page."""

import pytest

from accounts.models import Account
from salesorg.lib.pagination import page_of


@pytest.fixture
def many(db):
    Account.objects.bulk_create(Account(name=f"Company {i % 7}", tier="A" if i % 2 else "B") for i in range(25))


@pytest.mark.parametrize("order", [("name", "pk"), ("-name", "pk"), ("tier", "-name", "-pk")])
def test_paging_through_shows_every_row_once_and_in_order(many, order):
    seen, after = [], ""
    while after is not None:
        page = page_of(Account.objects.all(), order, after, size=4)
        seen += [row.pk for row in page.rows]
        after = page.after
    assert seen == list(Account.objects.order_by(*order).values_list("pk", flat=True))


@pytest.mark.parametrize("after", ["nonsense", "a:b:c", "\x00", "W10:1abc:xyz"])
def test_a_broken_place_begins_at_the_first_page(many, after):
    assert [row.pk for row in page_of(Account.objects.all(), ("pk",), after, size=3).rows] == [
        row.pk for row in page_of(Account.objects.all(), ("pk",), size=3).rows
    ]


def test_the_last_page_says_so(many):
    assert page_of(Account.objects.all(), ("pk",), size=25).after is None


def test_a_place_in_one_order_is_no_place_in_another(many):
    place = page_of(Account.objects.all(), ("name", "pk"), size=3).after
    assert (
        page_of(Account.objects.all(), ("founded", "pk"), place, size=3).rows[0] == Account.objects.order_by("founded", "pk")[0]
    )


@pytest.mark.parametrize("order", [("name", "pk"), ("-name", "-pk"), ("tier", "-name", "-pk")])
def test_paging_back_from_the_last_page_shows_every_row_once_and_in_order(many, order):
    page = page_of(Account.objects.all(), order, size=4, before="end")
    seen = [row.pk for row in page.rows]
    while page.before is not None:
        page = page_of(Account.objects.all(), order, size=4, before=page.before)
        seen = [row.pk for row in page.rows if row.pk not in seen] + seen  # the first page is a whole one
    assert seen == list(Account.objects.order_by(*order).values_list("pk", flat=True))


def test_the_way_there_and_the_way_back_meet(many):
    first = page_of(Account.objects.all(), ("name", "pk"), size=10, before="")
    second = page_of(Account.objects.all(), ("name", "pk"), first.after, size=10, before="")
    assert page_of(Account.objects.all(), ("name", "pk"), size=10, before=second.before) == first
    assert first.before is None
