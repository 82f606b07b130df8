"""The list of deals by its address, its order, page by page, and the deals of an account or a search."""

from datetime import timedelta

import pytest
from django.urls import reverse

from pipeline.models import Product


def url(name, *args, **query):
    return reverse(f"pipeline:{name}", args=args, query=query or None)


@pytest.fixture
def many(rita, sam, tom, deal_of, stages):
    """Deals that differ in everything one can filter by."""
    gtx = Product.objects.create(name="GTX")
    day = rita.today
    return {
        "small": deal_of(rita, amount=10, product=gtx, close_date=day + timedelta(days=10)),
        "large": deal_of(
            rita, stage="Engaging", amount=9000, close_date=day + timedelta(days=40), opened_on=day - timedelta(days=90)
        ),
        "won": deal_of(rita, stage="Won", amount=500, close_date=day),
        "euro": deal_of(sam, amount=70, currency="EUR", name="Compressor"),
        "owing": deal_of(sam, amount=None, gate_debt=["amount"]),
        "strange": deal_of(tom, amount=1),
    }


FILTERS = [
    ({}, {"small", "large", "euro", "owing"}),
    ({"status": "all"}, {"small", "large", "won", "euro", "owing"}),
    ({"status": "won"}, {"won"}),
    ({"status": "closed"}, {"won"}),
    ({"owner": "me"}, {"small", "large"}),
    ({"stage": "Engaging"}, {"large"}),
    ({"product": "GTX"}, {"small"}),
    ({"currency": "EUR"}, {"euro"}),
    ({"amount_from": "70"}, {"large", "euro"}),
    ({"amount_to": "70"}, {"small", "euro"}),
    ({"close_from": "+20"}, {"large", "euro", "owing"}),
    ({"close_to": "+20"}, {"small"}),
    ({"opened_to": "-50"}, {"large"}),
    ({"debt": "any"}, {"owing"}),
    ({"debt": "amount"}, {"owing"}),
    ({"debt": "account"}, set()),
    ({"category": "best_case"}, {"large"}),
    ({"q": "compr"}, {"euro"}),
    ({"q": "sam"}, {"euro", "owing"}),
    ({"owner": "nobody"}, set()),
    ({"amount_from": "1000", "owner": "me", "status": "open"}, {"large"}),
]


@pytest.mark.parametrize(("filters", "names"), FILTERS, ids=lambda part: str(part if isinstance(part, dict) else sorted(part)))
def test_the_list_shows_exactly_what_its_address_says(rita, many, stages, as_user, filters, names):
    words = dict(filters)
    if "stage" in words:
        words["stage"] = stages[words["stage"]].pk
    if "product" in words:
        words["product"] = Product.objects.get().pk
    for name in ("close_from", "close_to", "opened_to"):
        if name in words:
            words[name] = (rita.today + timedelta(days=int(words[name]))).isoformat()
    page = as_user(rita).get(url("deal_list", **words))
    assert {deal.pk for deal in page.context["page"].rows} == {many[name].pk for name in names}
    assert page.context["totals"].count == len(names)


@pytest.mark.parametrize("sort", ["", "amount", "close", "step"])
def test_paging_through_any_order_shows_every_deal_once(rita, deal_of, account_of, as_user, sort):
    account = account_of(rita)
    for n in range(120):
        owes = n % 7 == 0
        deal_of(rita, account, amount=None if owes else n % 5, gate_debt=["amount"] if owes else [])
    client, seen, after = as_user(rita), [], ""
    for _page in range(4):
        page = client.get(url("deal_list", sort=sort, after=after or "")).context["page"]
        seen += [deal.pk for deal in page.rows]
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 120


FIELDS = (
    "stage",
    "team",
    "product",
    "account",
    "owner",
    "close_from",
    "as_of",
    "corrections",
    "compare",
    "differs",
    "amount_from",
    "q",
    "after",
    "pipeline",
    "column",
)


@pytest.mark.parametrize("nonsense", ["\x00", "x" * 5000, "9" * 40, "1900-01-01", "9999-12-31", "'", "²"])
def test_an_address_that_cannot_be_read_still_answers(rita, deal_of, as_user, nonsense):
    deal_of(rita)
    for page in ("deal_list", "board", "lead_list"):
        assert as_user(rita).get(url(page, **dict.fromkeys(FIELDS, nonsense))).status_code in (200, 404)


def test_a_filter_that_cannot_be_read_is_said(rita, deal_of, as_user):
    deal_of(rita)
    assert "could not be read and were left out: stage" in as_user(rita).get(url("deal_list", stage="x")).content.decode()


def test_a_team_s_deals_are_those_of_everybody_below_it(mia, otto, rita, tom, deal_of, teams, as_user):
    mine, other = deal_of(rita), deal_of(tom)
    listed = as_user(otto).get(url("deal_list", team=teams["north"].pk)).context["page"].rows
    assert listed == [mine]
    listed = as_user(otto).get(url("deal_list", team=teams["east"].pk)).context["page"].rows
    assert set(listed) == {mine, other}


def test_the_account_panel_shows_its_deals_and_sums(rita, deal_of, account_of, as_user):
    account = account_of(rita)
    deal_of(rita, account, amount=10)
    deal_of(rita, account, amount=5, stage="Won")
    context = as_user(rita).get(url("account_deals", account.pk)).context
    assert (context["open"].amounts, context["won"].amounts) == ({"USD": 10}, {"USD": 5})


def test_deals_are_found_by_the_beginning_of_their_words(rita, tom, deal_of):
    from salesorg.lib.search import search

    deal_of(rita, name="Compressor upgrade")
    deal_of(tom, name="Compressor for a stranger")
    found = dict(search(rita, "compr upg"))
    assert [result.title for result in found["Deals"]] == ["Compressor upgrade"]
    assert "Deals" not in {label for label, _results in search(rita, "stranger")}
