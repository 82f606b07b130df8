"""The pages of handoffs: the inbox, offering, answering, figures and packages."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from accounts.services import log_activity
from pipeline.models import Deal, Handoff, PackageVersion
from pipeline.services import (
    accept_handoff,
    challenge_handoff,
    move_deal,
    offer_handoff,
    pass_on_handoff,
    return_handoff,
)
from salesorg.people.roles import Role

BANT = {"budget": "40,000, released by the CFO", "authority": "Ms Weber", "need": "Faster set-up", "timing": "2026-05-01"}
TYPED = {f"q_{key}": answer for key, answer in BANT.items()}


@pytest.fixture
def offered(sol, rita, deal_of):
    return offer_handoff(deal=deal_of(sol, name="Zq"), to=rita, package=BANT, actor=sol)


def body(answer):
    return answer.content.decode()


def test_sol_hands_over_rita_accepts_and_the_toast_of_the_offer_withdraws_it(sol, rita, deal_of, as_user):
    deal = deal_of(sol)
    url = reverse("pipeline:handoff_new", args=[deal.pk])
    assert "Budget" in body(as_user(sol).get(url))
    answer = as_user(sol).post(url, {"to": rita.pk, **TYPED}, follow=True)
    handoff = Handoff.objects.get()
    assert reverse("pipeline:handoff_withdraw", args=[handoff.pk]) in body(answer)
    page = body(as_user(rita).get(handoff.get_absolute_url()))
    assert "40,000, released by the CFO" in page
    assert reverse("pipeline:handoff_accept", args=[handoff.pk]) in page
    assert '1<span class="visually-hidden"> waiting' in body(as_user(rita).get(reverse("pipeline:handoff_inbox")))
    for _twice in range(2):
        as_user(rita).post(reverse("pipeline:handoff_accept", args=[handoff.pk]))
    assert Deal.objects.get().owner == rita
    assert "Log the first contact" in body(as_user(rita).get(handoff.get_absolute_url()))


def test_a_package_that_says_too_little_comes_back_with_all_that_was_typed(sol, rita, deal_of, as_user):
    url = reverse("pipeline:handoff_new", args=[deal_of(sol).pk])
    for spoilt, wrong in (
        ({"q_budget": "", "q_timing": ""}, {"q_budget", "q_timing"}),
        ({"q_need": "a\x00b"}, {"q_need"}),
        ({"q_need": "x" * 2_000_000}, {"q_need"}),
        ({"q_timing": "1900-01-01"}, {"q_timing"}),
        ({"to": "999999999999999999999"}, {"to"}),
    ):
        answer = as_user(sol).post(url, {"to": rita.pk, **TYPED, **spoilt})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == wrong
        assert "Ms Weber" in body(answer)
    assert not Handoff.objects.exists()


def test_who_gave_a_deal_back_is_not_told_what_becomes_of_its_amount(offered, sol, tom, rita, as_user):
    pass_on_handoff(handoff=offered, to=tom, actor=rita)
    assert "1,000" in body(as_user(tom).get(offered.get_absolute_url()))
    return_handoff(handoff=offered, reason="No budget", actor=tom)
    Deal.objects.update(amount=87_654)
    assert "No budget" in (page := body(as_user(tom).get(offered.get_absolute_url()))) and "87,654" not in page
    assert "87,654" in body(as_user(sol).get(offered.get_absolute_url()))


def test_rita_gives_it_back_with_a_reason_and_sol_offers_it_again(offered, sol, rita, as_user):
    url = reverse("pipeline:handoff_return", args=[offered.pk])
    assert as_user(rita).post(url, {"reason": "Because"}).status_code == 422
    as_user(rita).post(url, {"reason": "No budget", "note": "Next year"})
    inbox = body(as_user(sol).get(reverse("pipeline:handoff_inbox")))
    assert "Given back to me" in inbox
    assert "No budget" in inbox
    assert "Offer it again" in body(as_user(sol).get(offered.get_absolute_url()))
    again = as_user(sol).get(reverse("pipeline:handoff_new", args=[offered.deal_id]))
    assert "No budget" in body(again) and "Next year" in body(again)
    begun = again.context["form"]
    assert {name: begun[name].value() for name in TYPED} == TYPED and begun["to"].value() == rita.pk
    offer_handoff(deal=offered.deal, to=rita, package=BANT, actor=sol)
    assert "Given back to me" not in body(as_user(sol).get(reverse("pipeline:handoff_inbox")))


def test_mia_passes_on_and_judges_and_tom_sees_nothing_of_it(offered, rita, sam, tom, mia, as_user):
    for name in ("detail", "return", "accept"):
        url = reverse(f"pipeline:handoff_{name}", args=[offered.pk])
        assert as_user(tom).post(url).status_code in (404, 405)
    assert 'id="team"' in body(as_user(mia).get(reverse("pipeline:handoff_inbox")))
    as_user(mia).post(reverse("pipeline:handoff_pass_on", args=[offered.pk]), {"to": sam.pk})
    offered.refresh_from_db()
    assert offered.taker == sam
    accept_handoff(handoff=offered, actor=sam)
    challenge_handoff(handoff=offered, reason="A student", actor=sam)
    judge = reverse("pipeline:handoff_judge", args=[offered.pk])
    assert as_user(sam).post(judge, {"verdict": "disqualified"}).status_code == 422
    assert "A student" in body(as_user(mia).get(offered.get_absolute_url()))
    as_user(mia).post(judge, {"verdict": "disqualified"})
    offered.refresh_from_db()
    assert offered.state == "disqualified"


def test_the_deal_and_the_board_say_that_it_waits(offered, sol, rita, as_user, mia):
    assert "Handed over, waiting for an answer" in body(as_user(mia).get(reverse("pipeline:board") + "?owner=all"))
    page = body(as_user(sol).get(offered.deal.get_absolute_url()))
    assert "Sol → Rita" in page
    assert reverse("pipeline:handoff_new", args=[offered.deal_id]) not in page
    assert "1 deal is handed to you" in body(as_user(rita).get("/"))


def test_figures_are_the_rows_they_link_to(sol, rita, sam, cora, mia, deal_of, stages, as_user):
    now = timezone.now()
    deals = [deal_of(sol, name=f"Deal {i}") for i in range(5)]
    offers = [
        offer_handoff(deal=deal, to=to, package=BANT, actor=sol) for deal, to in zip(deals, [rita] * 4 + [sam], strict=True)
    ]
    for handoff in offers[:2]:
        accept_handoff(handoff=handoff, actor=rita)
    return_handoff(handoff=offers[2], reason="No budget", actor=rita)
    Deal.objects.filter(pk=deals[0].pk).update(status="won", stage=stages["Won"])
    Deal.objects.filter(pk=deals[1].pk).update(status="lost", stage=stages["Lost"], gate_debt=["loss_reason"])
    promised = {"promised": "A", "success": "B", "start_on": "2026-01-01", "contact": "C"}
    for day in (now - timedelta(days=100), now - timedelta(days=5)):
        sold = deal_of(rita, stage="Won")
        accept_handoff(handoff=offer_handoff(deal=sold, to=cora, package=promised, actor=rita, now=day), actor=cora, now=day)
    Handoff.objects.filter(taker=cora, decided_at__lt=now - timedelta(days=90)).update(churned_on=date.today())
    client = as_user(mia)
    answer = client.get(reverse("pipeline:handoff_figures") + "?by=roles")
    found, kept = {row.label: row for row in answer.context["pairs"]}, {}
    row = found["SDR, outbound → Account executive"]
    assert (row.offered, row.accepted, row.returned, row.waiting) == (5, 2, 1, 2)
    assert (float(row.acceptance), row.win_rate, row.churn) == (pytest.approx(2 / 3), 0.5, None)
    for row in (*answer.context["pairs"], answer.context["total"]):
        for name, url in row.links.items():
            kept[row.label, name] = client.get(url).context["total"], row.values[name]
    assert {key: shown for key, (shown, counted) in kept.items() if shown != counted} == {}
    customers = found["Account executive → Customer success manager"]
    assert (customers.kept, customers.churn) == (1, 1)
    assert [(words, count) for words, count, _url in answer.context["reasons"]] == [("No budget", 1)]
    people = client.get(reverse("pipeline:handoff_figures")).context["pairs"]
    assert [row.label for row in people] == ["Sol → Rita", "Rita → Cora", "Sol → Sam"]


def test_a_stranger_counts_nothing_of_it(offered, tom, as_user):
    assert as_user(tom).get(reverse("pipeline:handoff_figures")).context["total"].offered == 0
    assert Account.objects.visible_to(tom).count() == 0


def test_otto_changes_a_package_and_what_was_typed_wrong_is_said(otto, rita, as_user):
    url = reverse("pipeline:package_edit", args=[Role.SDR_OUTBOUND, Role.AE])
    page = as_user(otto).get(url + "?framework=MEDDIC")
    assert "Champion" in body(page)
    form = {each.html_name: each.value() or "" for part in page.context["questions"] for each in part}
    form |= {"field-TOTAL_FORMS": "9", "field-INITIAL_FORMS": "7", "decide_hours": "24", "contact_hours": "2"}
    form |= {"disqualify_days": "20", "reasons": "No fit\nNo fit\nToo early", "seen": "0"}
    form = {name: value for name, value in form.items() if value is not False}
    assert as_user(otto).post(url, form | {"reasons": " \n "}).status_code == 422
    assert as_user(otto).post(url, form | {"field-0-kind": "choice"}).status_code == 422
    assert (
        as_user(otto)
        .post(url, form | {"field-7-label": "Region", "field-7-kind": "choice", "field-7-choices": "A, B"})
        .status_code
        == 302
    )
    version = PackageVersion.objects.get()
    assert (version.reasons, version.decide_hours, len(version.fields)) == (["No fit", "Too early"], 24, 8)
    assert version.fields[-1].choices == ("A", "B")
    assert as_user(otto).get(reverse("pipeline:package_edit", args=[99, 1])).status_code == 404
    assert "Region" in body(as_user(rita).get(reverse("pipeline:package_list")))


def test_the_call_that_rita_has_logged_is_not_asked_for_again(offered, rita, as_user):
    accept_handoff(handoff=offered, actor=rita)
    client, inbox = as_user(rita), reverse("pipeline:handoff_inbox")
    assert "Mine now, to call" in body(client.get(inbox))
    log_activity(account=offered.deal.account, kind="call", actor=rita)
    assert "Mine now, to call" not in body(client.get(inbox))
    page = body(client.get(offered.get_absolute_url()))
    assert "Log the first contact" not in page and "First contact with the customer" in page


def test_a_deal_just_won_asks_to_hand_the_customer_over_until_that_is_done(rita, cora, stages, deal_of, as_user):
    deal, client = deal_of(rita), as_user(rita)
    assert "Hand the customer over" not in body(client.get(deal.get_absolute_url()))
    deal = move_deal(deal=deal, stage=stages["Won"], actor=rita)
    assert "Hand the customer over" in body(client.get(deal.get_absolute_url()))
    promised = {"promised": "Two trained", "success": "Half the time", "start_on": "2026-12-01", "contact": "Olga"}
    offer_handoff(deal=deal, to=cora, package=promised, actor=rita)
    assert "Hand the customer over" not in body(client.get(deal.get_absolute_url()))
