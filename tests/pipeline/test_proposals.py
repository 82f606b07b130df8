"""Proposals from the first draft to the customer's answer."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from pipeline.criteria import kind_of
from pipeline.forms import public
from pipeline.models import (
    Approval,
    Criterion,
    DiscountLimit,
    IssuedDocument,
    LineCost,
    PriceList,
    Product,
    Proposal,
    ProposalLine,
    ProposalVersion,
)
from pipeline.proposal_pdf import content_of
from pipeline.search import find_proposals
from pipeline.services import move_deal
from pipeline.services.approvals import ask_approval, decide_approval
from pipeline.services.products import set_cost, set_prices
from pipeline.services.proposals import Wanted, create_proposal, latest_of, make_primary, save_proposal, take_into_deal
from pipeline.services.sending import accept_proposal, mail_letter, note_opened, reject_proposal, send_proposal, withdraw_proposal
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role

D = Decimal


@pytest.fixture
def pump(otto):
    product = Product.objects.create(name="Pump", code="P-1", unit="piece")
    usual = PriceList.objects.create(name="Usual", currency="USD", during=DateRange(date(2020, 1, 1), None))
    set_prices(price_list=usual, prices={product: 100}, since=None, actor=otto)
    set_cost(product=product, currency="USD", since=date(2020, 1, 1), amount=D("61.37"), actor=otto)
    return product


@pytest.fixture
def write(pump):
    """A proposal of two pumps and an hour of work: write(deal, discount=10)."""

    def make(deal, proposal=None, actor=None, **facts):
        lines = facts.pop("lines", [Wanted(pump, "", D(2)), Wanted(None, "Fitting", D(1), D(50))])
        facts = {"currency": "USD", "valid_until": deal.owner.today + timedelta(days=10), "discount": D(0)} | facts
        facts |= {"name": "Pumps", "lines": lines, "actor": actor or deal.owner}
        return save_proposal(proposal=proposal, **facts) if proposal else create_proposal(deal=deal, **facts)

    return make


@pytest.fixture
def limited(db):
    """Account executives give 10 %, managers 30 %."""
    DiscountLimit.objects.create(role=Role.AE, percent=10)
    DiscountLimit.objects.create(role=Role.MANAGER, percent=30)


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


def test_a_discount_above_the_limit_is_sent_only_once_a_leader_approved_it(rita, mia, deal_of, write, limited):
    version = write(deal_of(rita), discount=D(20))
    with pytest.raises(DomainError, match="above your limit"):
        send_proposal(proposal=version.proposal, actor=rita)
    asked = ask_approval(proposal=version.proposal, note="Competitor", actor=rita)
    with pytest.raises(DomainError, match="above your limit"):
        send_proposal(proposal=version.proposal, actor=rita)
    assert [message.payload["to"] for message in OutboxMessage.objects.filter(topic="pipeline.approval_mail")] == [mia.pk]
    decide_approval(approval=asked, approved=True, actor=mia)
    assert send_proposal(proposal=version.proposal, actor=rita).state == "sent"


def test_a_change_after_approval_asks_again(rita, mia, deal_of, write, limited):
    version = write(deal_of(rita), discount=D(20))
    asked = ask_approval(proposal=version.proposal, actor=rita)
    decide_approval(approval=asked, approved=True, actor=mia)
    write(version.deal, proposal=version.proposal, discount=D(25))
    asked.refresh_from_db()
    assert asked.state == "void"
    with pytest.raises(DomainError, match="above your limit"):
        send_proposal(proposal=version.proposal, actor=rita)


def test_an_approved_sum_cannot_be_changed_past_the_service(rita, mia, deal_of, write, limited):
    version = write(deal_of(rita), discount=D(20))
    decide_approval(approval=ask_approval(proposal=version.proposal, actor=rita), approved=True, actor=mia)
    for change in (
        lambda: ProposalVersion.objects.filter(pk=version.pk).update(net=1),
        lambda: ProposalLine.objects.filter(version=version).update(discount=99),
        lambda: ProposalVersion.objects.filter(pk=write(version.deal).pk).update(state="approved"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_nobody_approves_the_own_nor_beyond_the_own_limit(rita, sam, mia, deal_of, write, limited):
    asked = ask_approval(proposal=write(deal_of(rita), discount=D(20)).proposal, actor=rita)
    for person in (rita, sam):
        with pytest.raises(DomainError, match="Only a leader"):
            decide_approval(approval=asked, approved=True, actor=person)
    with pytest.raises(DomainError, match="Nobody above you"):
        ask_approval(proposal=write(deal_of(mia), discount=D(40)).proposal, actor=mia)
    with pytest.raises(DomainError, match="Nobody above you"):
        ask_approval(proposal=write(deal_of(rita), discount=D(31)).proposal, actor=rita)
    with pytest.raises(DatabaseError), transaction.atomic():
        Approval.objects.filter(pk=asked.pk).update(state="approved", decided_by=rita)


def test_a_refusal_says_why_and_the_leader_finds_what_waits(rita, mia, deal_of, write, limited, as_user):
    version = write(deal_of(rita), discount=D(20))
    asked = ask_approval(proposal=version.proposal, actor=rita)
    client = as_user(mia)
    assert version.proposal.number in client.get(url("proposal_list", state="mine")).content.decode()
    assert version.proposal.number in client.get("/").content.decode()
    assert client.post(url("approval_decide", asked.pk), {"reason": ""}).status_code == 422
    assert client.post(url("approval_decide", asked.pk), {"reason": "Too much"}).status_code == 302
    assert latest_of(version.proposal).state == "draft"
    assert "Too much" in as_user(rita).get(version.proposal.get_absolute_url()).content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_once_one_is_told(rita, mia, deal_of, write, limited, otto):
    version = write(deal_of(rita), discount=D(20))
    asked = ask_approval(proposal=version.proposal, actor=rita)
    together = Barrier(2)

    def attempt(step):
        together.wait()
        try:
            step()
            return "done"
        except DomainError:
            return "refused"
        finally:
            connection.close()

    def approve():
        decide_approval(approval=asked, approved=True, actor=mia)

    def change():
        write(version.deal, proposal=version.proposal, discount=D(29))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(attempt, [approve, change]))
    latest = latest_of(version.proposal)
    assert (latest.discount, latest.state) == (29, "draft")  # in either order the approval does not cover what was changed
    with pytest.raises(DomainError):
        send_proposal(proposal=version.proposal, actor=rita)


@pytest.mark.django_db(transaction=True)
def test_of_two_proposals_that_are_accepted_at_once_one_is_and_stands_for_the_deal(rita, deal_of, write, otto):
    deal = deal_of(rita)
    versions = [send_proposal(proposal=write(deal).proposal, actor=rita) for _ in range(2)]
    together = Barrier(2)

    def accept(version):
        together.wait()
        try:
            return accept_proposal(version=version, name="Ann", consent="Yes").proposal
        except DomainError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        (chosen,) = filter(None, pool.map(accept, versions))
    assert Proposal.objects.get(deal=deal, is_primary=True) == chosen
    assert sorted(ProposalVersion.objects.values_list("state", flat=True)) == ["accepted", "not_chosen"]


@pytest.fixture
def sent(rita, deal_of, write):
    return send_proposal(proposal=write(deal_of(rita), intro="Dear <b>you</b> #sys", terms="30 days").proposal, actor=rita)


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(public, "QUICKEST", -1)


def answer_of(client, version, **data):
    page = client.get(url("offer", version.token)).content.decode()
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)[1]
    return client.post(url("offer", version.token), {"stamp": stamp, "person": "Ann Buyer", **data})


def test_the_customer_reads_and_accepts(sent, write, client, at_once):
    other = write(sent.deal).proposal
    page = client.get(url("offer", sent.token)).content.decode()
    assert "$250.00" in page and "Dear &lt;b&gt;you" in page and "61.37" not in page and "Margin" not in page
    client.post(url("offer_opened", sent.token))
    client.post(url("offer_opened", sent.token))
    sent.refresh_from_db()
    assert (sent.state, sent.opens) == ("opened", 2) and sent.opened_at
    assert answer_of(client, sent, answer="accept").status_code == 422  # without the consent
    assert answer_of(client, sent, answer="accept", consent="on").status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.decided_name) == ("accepted", "Ann Buyer") and "I accept" in sent.consent
    assert latest_of(other).state == "not_chosen"
    sent.deal.refresh_from_db()
    assert sent.deal.status == "open"
    assert OutboxMessage.objects.filter(topic="pipeline.proposal_news", payload__what="accepted").exists()


def test_the_customer_says_no_and_why(sent, client, at_once):
    assert answer_of(client, sent, answer="reject", reason="").status_code == 422
    assert answer_of(client, sent, answer="reject", reason="Too dear").status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("rejected", "Too dear")
    with pytest.raises(DomainError):
        accept_proposal(version=sent, name="Ann", consent="Yes")


def test_an_address_ends_and_may_be_taken_back(sent, rita, client):
    later = sent.valid_until + timedelta(days=1)
    with pytest.raises(DomainError, match="no longer valid"):
        accept_proposal(version=sent, name="Ann", consent="Yes", now=rita_at(later))
    assert sent.state_on(later) == ("expired", "Expired")
    withdraw_proposal(version=sent, actor=rita)
    assert client.get(url("offer", sent.token)).status_code == 404
    assert client.get(url("offer_pdf", sent.token)).status_code == 404
    assert client.get(url("offer", "a" * 22)).status_code == 404


def rita_at(day):
    from datetime import UTC, datetime, time

    return datetime.combine(day, time(12), UTC)


def test_colleagues_who_look_are_not_counted(sent, sam, as_user):
    client = as_user(sam)
    assert b"data-opened" not in client.get(url("offer", sent.token)).content
    client.post(url("offer_opened", sent.token))
    sent.refresh_from_db()
    assert sent.opens == 0


def test_the_pdf_is_made_once_and_goes_with_the_mail(rita, deal_of, write, client):
    version = send_proposal(proposal=write(deal_of(rita)).proposal, email="ann@buyer.example", actor=rita)
    message = OutboxMessage.objects.get(topic="pipeline.proposal_letter")
    mail_letter(message.payload)
    letter = mail.outbox[0]
    assert letter.to == ["ann@buyer.example"] and version.token in letter.body
    assert letter.attachments[0][1] == client.get(url("offer_pdf", version.token)).content
    assert letter.attachments[0][1].startswith(b"%PDF")
    withdraw_proposal(version=version, actor=rita)
    mail_letter(message.payload)
    assert len(mail.outbox) == 1


def test_cost_and_margin_stay_with_those_who_may(sent, rita, mia, as_user):
    cost = LineCost.objects.get()
    assert (cost.cost, cost.margin) == (D("122.74"), D("77.26"))
    pages = [sent.proposal.get_absolute_url(), reverse("audit:history", args=["pipeline_proposalversion", sent.pk])]
    for page in pages:
        assert not re.search(r"122\.74|77\.26|61\.37", as_user(rita).get(page).content.decode())
    assert "$77.26" in as_user(mia).get(pages[0]).content.decode()
    assert as_user(rita).get(reverse("audit:history", args=["pipeline_linecost", cost.pk])).status_code == 404


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
    assert tables["By discount in all"] == {"no discount": [1, 1, 1, 0, 0], "up to 10 %": [1, 0, 0, 1, 0]}
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
    assert [line[1:4] for line in content_of(sent)["lines"]] == [["20", "$1,200.00", "10 %"], ["2,000.125", "$0.0125", ""]]
    for address in (proposal.get_absolute_url(), url("offer", sent.token)):
        assert "2,000.125" in client.get(address).content.decode()


def test_a_saved_proposal_says_its_discount_in_plain_figures(rita, deal_of, pump, as_user):
    deal = deal_of(rita)
    answer = as_user(rita).post(url("proposal_new", deal.pk), typed(deal, {"product": pump.pk}, discount="10"), follow=True)
    assert "10 % discount in all" in answer.content.decode()


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
