"""What each person finds on the pages of pay."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from commissions.exports import safe
from commissions.models import Period, Quota, Statement
from commissions.services import standard_plan
from pipeline.models import Deal

from .conftest import APRIL, MARCH


@pytest.fixture
def march(rita, sam, tom, won, paid, night):
    """rita won 8,000 and 5,000 on a quota of 10,000; sam 1,000 on 4,000; tom 500 without a plan."""
    paid(rita, 10_000)
    paid(sam, 4_000)
    won(rita, 8_000, on=date(2026, 3, 5), name="First deal")
    won(rita, 5_000, on=date(2026, 3, 20), name="Second deal")
    won(sam, 1_000)
    won(tom, 500)
    return night()


def statement_of(user, month=MARCH):
    return Statement.objects.get(user=user, period__start=month)


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_ritas_statement_unfolds_from_the_sum_to_tiers_to_deals(march, rita, as_user):
    page = text_of(as_user(rita).get(statement_of(rita).get_absolute_url()))
    assert "$740.00" in page
    assert "130%" in page
    for part in ("First deal", "Second deal", "400.00", "340.00", "2,000.00 × 5%", "3,000.00 × 8%"):
        assert part in page
    assert statement_of(rita).inputs_hash[:16] in page


def test_the_statement_says_how_far_the_next_tier_is(march, sam, as_user):
    assert "$3,000.00 more reaches 8%" in text_of(as_user(sam).get(statement_of(sam).get_absolute_url()))


def test_a_statement_that_cannot_be_computed_says_what_to_do(march, tom, as_user):
    assert "Tom has credits in 2026-03 and no pay plan: assign one." in text_of(
        as_user(tom).get(statement_of(tom).get_absolute_url())
    )


def test_a_deal_that_rita_no_longer_sees_keeps_its_summary_without_a_link(march, rita, tom, account_of, as_user):
    deal = Deal.objects.get(name="First deal")
    Deal.objects.filter(pk=deal.pk).update(owner=tom, account=account_of(tom))
    deal.members.all().delete()
    page = text_of(as_user(rita).get(statement_of(rita).get_absolute_url()))
    assert "First deal" in page
    assert f"/{deal.pk}/" not in page
    assert "you are credited here, but no longer see the deal itself" in page.lower()


def test_nobody_reads_a_colleagues_statement_not_even_the_manager(march, rita, sam, mia, otto, ada, as_user):
    url = statement_of(rita).get_absolute_url()
    assert [as_user(each).get(url).status_code for each in (sam, mia, otto, ada)] == [404] * 4


def test_the_list_of_statements_is_ones_own(march, rita, as_user):
    page = text_of(as_user(rita).get("/pay/"))
    assert "March 2026" in page and "$740.00" in page
    assert "$50.00" not in page  # sam's


def test_mia_sees_the_attainment_of_her_people_and_not_their_pay(march, mia, as_user):
    page = text_of(as_user(mia).get("/pay/attainment/"))
    assert "Rita" in page and "130%" in page and "25%" in page
    assert "Tom" not in page
    assert "740" not in page


def test_every_figure_of_attainment_opens_exactly_its_rows(march, mia, rita, as_user):
    from html import unescape
    from re import findall

    browser = as_user(mia)
    links = [unescape(link) for link in findall(r'href="(/pay/credits/[^"]+)"', browser.get("/pay/attainment/").content.decode())]
    pages = {link: text_of(browser.get(link)) for link in links}
    mine = [page for link, page in pages.items() if f"person={rita.pk}&" in link]
    everybody = [page for link, page in pages.items() if "person=" not in link]
    assert mine and all("First deal" in page and "$13,000.00" in page and "Sam's" not in page for page in mine)
    assert everybody and all("$14,000.00" in page and "$14,500.00" not in page for page in everybody)


def test_a_strangers_credits_and_no_credits_look_the_same(march, rita, tom, as_user):
    browser = as_user(rita)
    pages = [text_of(browser.get(f"/pay/credits/?person={person}&month=2026-03")) for person in (tom.pk, 999_999)]
    assert "There are no credits here that you may see." in pages[0]
    assert "Tom" not in pages[0]


@pytest.mark.parametrize(
    "query",
    ["", "?month=x", "?month=2026-03&person=x", "?month=2026-03&person=9999999999999999999", "?month=0001-01", "?month=9999-12"],
)
def test_an_address_that_makes_no_sense_is_not_found(rita, as_user, query):
    assert as_user(rita).get(f"/pay/credits/{query}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["?until=x", "?until=9999-12", "?until=1900-01", "?currency=%00", "?until=2026-03&currency=EUR", "?after=x"],
)
def test_a_broken_filter_of_attainment_shows_the_page_all_the_same(march, mia, as_user, query):
    assert as_user(mia).get(f"/pay/attainment/{query}").status_code == 200


def test_fay_closes_march_after_seeing_what_it_would_do(march, fay, as_user, tom):
    browser = as_user(fay)
    period = Period.objects.get(start=MARCH)
    url = reverse("commissions:period_close", args=[period.pk])
    page = text_of(browser.get(url))
    assert "1 open problem" in page and "Tom has credits in 2026-03 and no pay plan" in page
    refused = browser.post(url)
    assert refused.status_code == 422
    assert "Solve them, or accept them and close" in text_of(refused)
    assert browser.post(url, {"accept": "on"}).status_code == 302
    period.refresh_from_db()
    assert (period.is_open, period.closed_by) == (False, fay)
    assert statement_of(tom).is_issued


def test_closing_brings_up_to_date_what_the_last_night_did_not_know(march, fay, rita, won, as_user):
    won(rita, 1_000)
    url = reverse("commissions:period_close", args=[Period.objects.get(start=MARCH).pk])
    browser = as_user(fay)
    assert "<dt>Deals not credited yet</dt><dd>1</dd>" in text_of(browser.get(url))
    browser.post(url, {"accept": "on"})
    assert statement_of(rita).total == 82_000


def test_the_file_for_payroll_holds_every_statement_and_no_formula(march, fay, rita, as_user):
    rita.name = "=HYPERLINK(1)"
    rita.save()
    url = reverse("commissions:period_export", args=[Period.objects.get(start=MARCH).pk])
    rows = list(csv.DictReader(io.StringIO(as_user(fay).get(url).content.decode("utf-8-sig"))))
    assert sorted((row["name"], row["commission"]) for row in rows) == [
        ("'=HYPERLINK(1)", "740.00"),
        ("Sam", "50.00"),
        ("Tom", "0.00"),
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_cell_is_never_a_formula(text):
    assert safe(text) == f"'{text}"


def test_pay_begins_where_each_has_something_to_do(march, rita, otto, fay, as_user):
    assert as_user(rita).get("/pay/").status_code == 200
    assert as_user(otto).get("/pay/")["Location"] == "/pay/quotas/"
    assert as_user(fay).get("/pay/")["Location"] == "/pay/months/"
    assert as_user(otto).get("/pay/?mine").status_code == 200


def test_otto_sets_a_quota_and_takes_it_back(otto, rita, as_user):
    browser = as_user(otto)
    sent = {"person": rita.pk, "amount": "12000", "currency": "USD", "start": "2026-03", "reason": "New patch"}
    answer = browser.post("/pay/quotas/new/", sent)
    assert answer.status_code == 302
    assert Quota.objects.get(user=rita).amount == 12_000
    page = browser.get("/pay/quotas/")
    assert "$12,000.00" in text_of(page)
    (undo,) = [message.extra_tags for message in page.context["messages"]]
    assert browser.post(undo).status_code in {200, 204, 302}
    assert not Quota.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount", "0", "above zero"),
        ("amount", "-5", "between 0 and"),
        ("amount", "1e30", "no more than"),
        ("amount", "a", "Enter a number"),
        ("start", "March", "Give a month such as 2026-03"),
        ("start", "1900-01", "between 2000 and 2100"),
        ("start", "9999-12", "between 2000 and 2100"),
        ("currency", "euro", "Three letters"),
        ("person", "999999", "not one of the available choices"),
        ("person", "x\x00", "Null characters"),
        ("reason", "a\x00b", "Null characters"),
        ("reason", "x" * 10_000, "at most 200 characters"),
    ],
)
def test_a_quota_typed_wrong_gets_a_sentence_and_keeps_what_was_typed(otto, rita, as_user, field, value, words):
    sent = {"person": rita.pk, "amount": "777", "currency": "USD", "start": "2026-03", "reason": "because"} | {field: value}
    answer = as_user(otto).post("/pay/quotas/new/", sent)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert all(sent[name] in answer.content.decode() for name in {"amount", "reason"} - {field})


def test_otto_sets_all_quotas_from_history(march, otto, as_user):
    browser = as_user(otto)
    assert "Set all 3 quotas from March 2026 to December 2026" in text_of(browser.get("/pay/quotas/propose/"))
    browser.post("/pay/quotas/propose/", {"plan": "on"})
    assert dict(Quota.objects.on(APRIL).values_list("user__name", "amount")) == {
        "Rita": Decimal(13_000),
        "Sam": Decimal(1_000),
        "Tom": Decimal(1_000),
    }


def test_the_plan_is_told_in_prose_beside_its_data(march, rita, otto, as_user):
    url = standard_plan(currency="USD", actor=None).get_absolute_url()
    page = text_of(as_user(rita).get(url))
    assert "5% up to 100% of quota." in page and "8% from 100% of quota on." in page
    assert "&quot;method&quot;: &quot;marginal&quot;" in page
    assert "Pay somebody by it" not in page
    assert "Pay somebody by it" in text_of(as_user(otto).get(url))


def test_otto_pays_tom_by_the_plan(march, otto, tom, night, as_user, pay_of):
    url = reverse("commissions:plan_assign", args=[standard_plan(currency="USD", actor=None).pk])
    browser = as_user(otto)
    assert browser.post(url, {"person": tom.pk, "start": "2026-03"}).status_code == 302
    assert browser.post(url, {"person": "", "start": "2026-03"}).status_code == 422
    assert tom.plan_assignments.get().during.lower == MARCH


def test_pages_take_few_queries_whatever_the_number_of_people(
    march, person, won, paid, night, mia, fay, otto, as_user, django_assert_max_num_queries
):
    from salesorg.people.roles import Role

    for number in range(15):
        seller = person(f"rep{number}", "north", Role.AE)
        paid(seller, 1_000)
        won(seller, 500)
    night()
    month = Period.objects.get(start=MARCH)
    pages = [
        (mia, "/pay/attainment/"),
        (mia, "/pay/credits/?month=2026-03"),
        (fay, "/pay/months/"),
        (fay, f"/pay/months/{month.pk}/"),
        (otto, "/pay/quotas/"),
        (otto, "/pay/plans/"),
        (otto, standard_plan(currency="USD", actor=None).get_absolute_url()),
        (fay, Statement.objects.order_by("-total")[0].get_absolute_url()),
    ]
    for user, url in pages:
        browser = as_user(user)
        with django_assert_max_num_queries(15):
            assert browser.get(url).status_code == 200
