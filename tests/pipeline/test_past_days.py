"""Lists, queues and reports as of a past day: which pages open one, and what leads, handoffs and activity were then."""

from datetime import timedelta

import pytest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone

from accounts.models import Activity
from pipeline.models import DisqualificationReason, Handoff, Lead, Source
from pipeline.services import accept_handoff, offer_handoff
from pipeline.services.leads import disqualify_lead
from pipeline.urls import urlpatterns
from pipeline.views.review_tabs import PAGES
from salesorg.lib.templatetags.salesorg import day as day_words

from .test_handoffs import BANT
from .test_versions import sql

# Lists and figures that know only today, each for a reason: what they show has no dated past, or is work to be done now.
ONLY_TODAY = {
    *("deals_change", "deal_new", "lead_new", "order_new", "product_new", "price_list_new", "warehouse_new", "pipeline_new"),
    *("playbook_new", "limit_new", "stock_change", "forecast_call", "prospect_list_new"),  # forms
    *("product_lookup", "steps_due", "requests_due"),  # parts
    "prospect_lists",  # work to be done
    *("advice_list", "waiting_for_me", "handoff_inbox", "ticket_list", "onboarding_list", "request_list", "survey_list"),  # to do
    *("package_list", "playbook_list", "pipeline_list", "product_list", "price_list_list", "limit_list", "source_list"),  # set up
    *("review_week", "review_people", "review_funnel"),  # parts of the review, which hands them its day
    *("campaign_list", "health_inputs", "stock_list"),
    *("override_list", "order_list", "invoice_list", "proposal_list", "proposal_figures", "customer_list"),  # by their own dates
}


def ago(user, days):
    return (user.today - timedelta(days=days)).isoformat()


def test_every_list_and_report_opens_any_past_day_and_says_which(mia, stages, as_user):
    client, day = as_user(mia), mia.today - timedelta(days=3)
    silent = []
    for pattern in urlpatterns:
        try:
            url = reverse(f"pipeline:{pattern.name}")
        except NoReverseMatch:  # of one record
            continue
        if pattern.name in ONLY_TODAY or pattern.name.startswith("sprint"):
            continue
        if not getattr(resolve(url).func, "opens_any_day", False):
            silent.append(f"{pattern.name} reads no day")
        elif day_words(day) not in client.get(url, {"as_of": day.isoformat()}).content.decode():
            silent.append(f"{pattern.name} does not say it")
    assert not silent, "; ".join(silent)
    assert {name for name, _label in PAGES} - {"pipeline:sprint_call"} <= {f"pipeline:{each.name}" for each in urlpatterns}


def test_a_page_that_knows_only_today_says_so(mia, as_user):
    client = as_user(mia)
    assert b"knows only today" in client.get(reverse("pipeline:handoff_inbox"), {"as_of": ago(mia, 3)}).content
    assert b"knows only today" not in client.get(reverse("pipeline:lead_list"), {"as_of": ago(mia, 3)}).content


@pytest.fixture
def lead(sol, rita, mia, account_of):
    """Sol's lead of ten days ago; today it went to Rita and she disqualified it."""
    then = timezone.now() - timedelta(days=10)
    lead = Lead.objects.create(
        account=account_of(sol), source=Source.objects.create(name="Fair"), sdr=sol, first_contact_on=then.date(), created_at=then
    )
    Lead.objects.filter(pk=lead.pk).update(sdr=rita)
    lead.refresh_from_db()
    disqualify_lead(lead=lead, reason=DisqualificationReason.objects.get(name="No budget"), note="", actor=mia)
    return lead


def test_a_lead_of_a_past_day_is_whose_it_was_and_open_as_it_was(lead, sol, mia, as_user):
    client, sold = as_user(mia), reverse("pipeline:lead_list")
    assert client.get(sold, {"outcome": "open"}).context["page"].rows == []
    page = client.get(sold, {"outcome": "open", "as_of": ago(mia, 1), "sdr": sol.pk})
    assert [(row.pk, row.sdr, row.outcome) for row in page.context["page"].rows] == [(lead.pk, sol, "open")]
    assert client.get(sold, {"as_of": ago(mia, 11)}).context["page"].rows == []
    figures = client.get(reverse("pipeline:lead_figures"), {"as_of": ago(mia, 1)}).context["together"]["cells"]
    assert [(count, client.get(url).context["outcomes"]["total"]) for count, url in figures] == [(1, 1), (0, 0), (0, 0), (0, 0)]


def test_the_queue_of_a_past_day_shows_who_waited_and_lets_nobody_work(lead, sol, as_user):
    client, queue = as_user(sol), reverse("pipeline:lead_queue")
    assert client.get(queue).context["page"].rows == []
    page = client.get(queue, {"as_of": ago(sol, 1)})
    assert [row.pk for row in page.context["page"].rows] == [lead.pk]
    assert b"Qualify" not in page.content
    Activity.objects.create(account=lead.account, user=sol, kind=Activity.Kind.CALL, done_at=timezone.now() - timedelta(days=4))
    assert client.get(queue, {"as_of": ago(sol, 1)}).context["page"].rows == []
    assert len(client.get(queue, {"as_of": ago(sol, 5)}).context["page"].rows) == 1


def test_a_handoff_of_a_past_day_waits_as_it_did_then(sol, rita, mia, deal_of, as_user):
    then = timezone.now() - timedelta(days=6)
    handoff = offer_handoff(deal=deal_of(sol), to=rita, package=BANT, actor=sol, now=then)
    sql("SELECT set_config('salesorg.history', 'off', true)")  # as an import brings it: its own dates tell
    accept_handoff(handoff=handoff, actor=rita, now=then + timedelta(days=2))
    client, listed, figures = as_user(mia), reverse("pipeline:handoff_list"), reverse("pipeline:handoff_figures")
    for days, what in ((5, "waiting"), (1, "accepted")):
        rows = client.get(listed, {"as_of": ago(mia, days), "what": what}).context["page"].rows
        assert [each.pk for each in rows] == [handoff.pk]
        row = client.get(figures, {"as_of": ago(mia, days)}).context["pairs"][0]
        assert (row.waiting, row.accepted) == ((1, 0) if what == "waiting" else (0, 1))
        assert client.get(row.links[what]).context["total"] == 1
    assert client.get(listed, {"as_of": ago(mia, 8)}).context["total"] == 0


def test_a_withdrawn_handoff_of_a_past_day_is_told_by_its_history(sol, rita, mia, deal_of, as_user):
    handoff = offer_handoff(deal=deal_of(sol), to=rita, package=BANT, actor=sol, now=timezone.now() - timedelta(days=6))
    Handoff.objects.filter(pk=handoff.pk).update(state="withdrawn", taker=None)
    rows = as_user(mia).get(reverse("pipeline:handoff_list"), {"as_of": ago(mia, 1), "what": "waiting"}).context["page"].rows
    assert [(each.pk, each.taker) for each in rows] == [(handoff.pk, rita)]


def test_activity_and_results_of_a_past_day_end_with_it(rita, mia, deal_of, as_user):
    account = deal_of(rita).account
    for days in (1, 20):
        Activity.objects.create(
            account=account, user=rita, kind=Activity.Kind.CALL, done_at=timezone.now() - timedelta(days=days)
        )
    page, client = reverse("pipeline:effort"), as_user(mia)

    def calls(**asked):
        return sum(
            number
            for row in client.get(page, asked).context["rows"]
            for chart, number, _url in row["charts"]
            if str(chart.label) == "Call"
        )

    assert (calls(), calls(as_of=ago(mia, 10))) == (2, 1)
