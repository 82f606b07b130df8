"""Proposals as sellers write them."""

import re
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from pipeline.criteria import kind_of
from pipeline.models import (
    Criterion,
    IssuedDocument,
    PriceList,
    Proposal,
    ProposalLine,
    ProposalVersion,
)
from pipeline.proposal_pdf import content_of
from pipeline.search import find_proposals
from pipeline.services import move_deal
from pipeline.services.products import set_prices
from pipeline.services.proposals import Wanted, make_primary, take_into_deal
from pipeline.services.sending import accept_proposal, note_opened, reject_proposal, send_proposal
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.errors import DomainError

D = Decimal


def url(name, *args, **query):
    return reverse(f"pipeline:{name}", args=args, query=query or None)


def typed(deal, *lines, **facts):
    """What the form of a proposal sends."""
    data = {"name": "Pumps", "currency": "USD", "valid_until": str(deal.owner.today + timedelta(days=10)), "discount": ""}
    data |= {"line-TOTAL_FORMS": len(lines), "line-INITIAL_FORMS": 0} | facts
    for i, line in enumerate(lines):
        data |= {f"line-{i}-{name}": value for name, value in line.items()}
    return data


def test_a_seller_writes_a_proposal_and_sees_what_it_comes_to(rita, deal_of, pump, as_user):
    deal, client = deal_of(rita), as_user(rita)
    lines = [{"product": pump.pk, "quantity": "3", "discount": "10"}, {"text": "Fitting", "price": "49.99"}, {}]
    answer = client.post(url("proposal_new", deal.pk), typed(deal, *lines, discount="5"))
    version = ProposalVersion.objects.get()
    assert answer.status_code == 302 and answer["Location"] == version.proposal.get_absolute_url()
    assert (version.list_total, version.line_discounts, version.whole_discount, version.net) == (
        D("349.99"), D("30.00"), D("16.00"), D("303.99"),
    )  # fmt: skip
    assert version.discount_percent == D("13.15") and version.proposal.is_primary
    page = client.get(answer["Location"]).content.decode()
    assert "$303.99" in page and "61.37" not in page and "Margin" not in page
    panel = client.get(url("deal_proposals", deal.pk)).content.decode()
    assert version.proposal.number in panel and "$303.99" in panel


def test_the_price_of_the_list_counts_whatever_is_typed(rita, deal_of, pump, write):
    version = write(deal_of(rita), lines=[Wanted(pump, "", D(1), D(1))])
    assert version.net == 100


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"quantity": "2"}, "Choose a product"),
        ({"text": "Work"}, "Give its price"),
        ({"text": "Work", "price": "1", "quantity": "-1"}, "greater than or equal to 0"),
        ({"text": "Work", "price": "1", "discount": "101"}, "less than or equal to 100"),
        ({"text": "Work", "price": "1000000000000000", "quantity": "2"}, "comes to more than"),
        ({}, "Add a line"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(asked, sentence, rita, deal_of, as_user):
    deal = deal_of(rita)
    answer = as_user(rita).post(url("proposal_new", deal.pk), typed(deal, asked))
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Proposal.objects.exists()


def test_what_was_sent_never_changes_and_a_change_makes_the_next_version(rita, deal_of, write):
    first = send_proposal(proposal=write(deal_of(rita)).proposal, actor=rita)
    second = write(first.deal, proposal=first.proposal, discount=D(5))
    first.refresh_from_db()
    assert (first.number, first.net, first.state) == (1, D(250), "sent")
    assert (second.number, second.net, second.state) == (2, D("237.50"), "draft")
    for change in (
        lambda: ProposalVersion.objects.filter(pk=first.pk).update(net=1),
        lambda: ProposalVersion.objects.filter(pk=first.pk).update(state="draft"),
        lambda: ProposalLine.objects.filter(version=first).update(quantity=9),
        lambda: ProposalLine.objects.filter(version=first).delete(),
        lambda: IssuedDocument.objects.filter(version=first).update(pdf=b""),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    send_proposal(proposal=first.proposal, actor=rita)
    first.refresh_from_db()
    assert first.state == "replaced"


def test_a_price_that_changes_leaves_what_was_issued_alone(rita, otto, deal_of, pump, write):
    sent = send_proposal(proposal=write(deal_of(rita)).proposal, actor=rita)
    set_prices(price_list=PriceList.objects.get(), prices={pump: 120}, since=rita.today, actor=otto)
    assert list(sent.lines.values_list("list_price", flat=True)) == [100, 50]
    assert write(sent.deal, proposal=sent.proposal).net == 290


def test_a_deal_has_one_primary_and_takes_its_net_only_when_told(rita, deal_of, write):
    deal = deal_of(rita, amount=1000)
    first, second = write(deal).proposal, write(deal, discount=D(10)).proposal
    assert (first.is_primary, second.is_primary) == (True, False)
    with pytest.raises(DomainError):
        take_into_deal(proposal=second, actor=rita)
    make_primary(proposal=second, actor=rita)
    deal.refresh_from_db()
    assert deal.amount == 1000
    assert take_into_deal(proposal=second, actor=rita).amount == 225
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.filter(deal=deal).update(is_primary=True)


def test_a_stale_save_replaces_nobody_unseen(rita, deal_of, write, as_user):
    version = write(deal_of(rita))
    page = as_user(rita).get(url("proposal_edit", version.proposal_id)).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    write(version.deal, proposal=version.proposal, discount=D(3))
    data = typed(version.deal, {"text": "Mine", "price": "7"}, seen=seen)
    answer = as_user(rita).post(url("proposal_edit", version.proposal_id), data)
    assert answer.status_code == 422 and "Somebody has changed" in answer.content.decode() and "Mine" in answer.content.decode()


def test_which_proposal_wins_leads_to_its_rows(rita, mia, deal_of, write, pump, as_user):
    won, lost = (send_proposal(proposal=write(deal_of(rita), discount=D(i)).proposal, actor=rita) for i in (0, 7))
    note_opened(version=won)
    accept_proposal(version=won, name="Ann", consent="Yes")
    reject_proposal(version=lost, name="Bob", reason="Too dear")
    client = as_user(mia)
    page = client.get(url("proposal_figures"))
    tables = {
        title: {row["name"]: [number for number, _url in row["cells"]] for row in rows} for title, rows in page.context["tables"]
    }
    assert tables["By seller"] == {"Rita": [2, 1, 1, 1, 0]} and tables["By product"] == {"Pump": [2, 1, 1, 1, 0]}
    assert tables["By discount in all"] == {"no discount": [1, 1, 1, 0, 0], "up to 10%": [1, 0, 0, 1, 0]}
    assert tables["By number of versions"] == {"1 version": [2, 1, 1, 1, 0]}
    assert [(words, times) for words, times, _url in page.context["reasons"]] == [("Too dear", 1)]
    for _title, rows in page.context["tables"]:
        for row in rows:
            for number, to in row["cells"]:
                assert len(client.get(to).context["page"].rows) == number


def test_copying_begins_with_the_lines_of_another(rita, deal_of, write, as_user):
    version = write(deal_of(rita), discount=D(5))
    page = as_user(rita).get(url("proposal_new", version.deal_id, copy=version.proposal.number))
    assert [form.initial.get("text") for form in page.context["formset"]][:2] == ["", "Fitting"]
    assert page.context["form"].initial["discount"] == 5


def test_a_stage_asks_for_a_proposal_and_for_a_needs_analysis(rita, deal_of, write, stages):
    for kind, value in (("proposal", "sent"), ("activity", "needs_analysis")):
        Criterion.objects.create(stage=stages["Prospecting"], kind=kind, value=value)
    deal = deal_of(rita)
    with pytest.raises(DomainError, match="A proposal was sent"):
        move_deal(deal=deal, stage=stages["Engaging"], actor=rita)
    send_proposal(proposal=write(deal).proposal, actor=rita)
    with pytest.raises(DomainError, match="needs analysis") as refused:
        move_deal(deal=deal, stage=stages["Engaging"], actor=rita)
    assert "proposal" not in str(refused.value)


def test_a_proposal_is_found_by_its_number_by_those_who_see_its_deal(rita, tom, deal_of, write):
    proposal = write(deal_of(rita)).proposal
    for typed_number in (proposal.number, str(proposal.pk), proposal.number.lower()):
        assert [found.url for found in find_proposals(rita, typed_number, 5)] == [proposal.get_absolute_url()]
    assert find_proposals(tom, proposal.number, 5) == []


def test_a_round_price_is_shown_for_changing_as_it_was_typed(rita, deal_of, write, as_user):
    lines = [Wanted(None, "Machine", D(20), D(1200), D(10)), Wanted(None, "Sheet", D("2000.125"), D("0.0125"))]
    proposal, client = write(deal_of(rita), lines=lines).proposal, as_user(rita)
    page = client.get(url("proposal_edit", proposal.pk)).content.decode()
    for value in ("1200", "20", "10", "2000.125", "0.0125"):
        assert f'value="{value}"' in page
    sent = send_proposal(proposal=proposal, actor=rita)
    assert [line[1:4] for line in content_of(sent)["lines"]] == [["20", "$1,200.00", "10%"], ["2,000.125", "$0.0125", ""]]
    for address in (proposal.get_absolute_url(), url("offer", sent.token)):
        assert "2,000.125" in client.get(address).content.decode()


def test_a_saved_proposal_says_its_discount_in_plain_figures(rita, deal_of, pump, as_user):
    deal = deal_of(rita)
    answer = as_user(rita).post(url("proposal_new", deal.pk), typed(deal, {"product": pump.pk}, discount="10"), follow=True)
    assert "10% discount in all" in answer.content.decode()


def test_one_more_line_without_a_script_keeps_all_that_was_typed(rita, deal_of, as_user):
    deal = deal_of(rita)
    answer = as_user(rita).post(url("proposal_new", deal.pk), typed(deal, {"text": "Half a line"}, name="", then="another"))
    assert answer.status_code == 200 and "Half a line" in answer.content.decode()
    assert len(answer.context["formset"].forms) == 2 and not Proposal.objects.exists()


def test_beside_an_accepted_proposal_nothing_is_sent(rita, deal_of, write):
    deal = deal_of(rita)
    chosen = send_proposal(proposal=write(deal).proposal, actor=rita)
    accept_proposal(version=chosen, name="Ann", consent="Yes")
    with pytest.raises(DomainError, match=f"{chosen.proposal.number} of this deal is accepted already"):
        send_proposal(proposal=write(deal).proposal, email="ann@buyer.example", actor=rita)
    assert not OutboxMessage.objects.filter(topic="pipeline.proposal_letter").exists()


def test_what_a_stage_asks_for_leads_to_where_it_is_done(rita, deal_of, write):
    deal = deal_of(rita)
    where = {value: partial(kind_of("proposal").where, deal, value) for value in ("sent", "accepted")}
    assert where["sent"]() == where["accepted"]() == url("proposal_new", deal.pk)
    out = send_proposal(proposal=write(deal).proposal, actor=rita).proposal
    draft = write(deal).proposal
    assert (where["sent"](), where["accepted"]()) == (draft.get_absolute_url(), out.get_absolute_url())


def test_a_new_proposal_offers_to_begin_with_another(rita, tom, deal_of, write, as_user):
    mine, hidden, deal = write(deal_of(rita)).proposal, write(deal_of(tom)).proposal, deal_of(rita)
    near = write(deal).proposal
    offered = as_user(rita).get(url("proposal_new", deal.pk)).context["sources"]
    assert [version.proposal for version in offered] == [near, mine] and hidden not in offered
