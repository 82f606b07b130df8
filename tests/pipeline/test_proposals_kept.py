"""What stands of a proposal everywhere the same: that it ran out, what its lines come to, its letters; and what is undone."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from pipeline.models import ProposalVersion
from pipeline.proposal_pdf import content_of, missing_letters, pdf_of
from pipeline.search import find_proposals
from pipeline.services.proposals import Wanted, create_proposal
from pipeline.services.sending import accept_proposal, send_proposal

D = Decimal


@pytest.fixture
def draft(deal_of, rita):
    """Two hours at 100, 10 % off the line and 5 % off the whole, as a draft of Rita's."""
    facts = {"currency": "USD", "valid_until": rita.today + timedelta(days=3), "discount": D(5), "name": "Pumps"}
    lines = [Wanted(None, "Fitting", D(2), D(100), discount=D(10))]
    return create_proposal(deal=deal_of(rita), lines=lines, actor=rita, **facts)


@pytest.fixture
def sent(draft, rita):
    return send_proposal(proposal=draft.proposal, actor=rita)


def test_a_proposal_that_ran_out_is_expired_wherever_its_state_is_told(rita, sent, as_user, client):
    with time_machine.travel(timezone.now() + timedelta(days=5), tick=False):
        mine = as_user(rita)
        for page in ("/proposals/", sent.proposal.get_absolute_url(), f"/deals/{sent.deal_id}/proposals/"):
            assert "Expired" in mine.get(page).content.decode(), page
        assert "Expired" in find_proposals(rita, sent.proposal.number, 5)[0].detail
        figures = mine.get("/proposals/figures/").content.decode()
        assert "came=expired" in figures
        assert sent.proposal.number in mine.get("/proposals/?came=expired").content.decode()
        offer = client.get(f"/offer/{sent.token}/").content.decode()
        assert "This proposal was valid until" in offer and "Fitting" not in offer and "Accept" not in offer
    assert "came=expired" not in as_user(rita).get("/proposals/figures/").content.decode()


def test_the_page_and_the_pdf_tell_the_same_sums_line_by_line(sent, client):
    said = content_of(sent)
    offer = client.get(f"/offer/{sent.token}/").content.decode().replace("\xa0", " ")
    assert [line[-1] for line in said["lines"]] == ["$180.00"]
    for words in ("$180.00", *(value for _name, value in said["sums"])):
        assert words in offer, words
    assert [value for _name, value in said["sums"]] == ["$200.00", "-$20.00", "-$9.00", "$171.00"]


def test_letters_that_no_font_has_are_told_to_the_seller_and_in_the_pdf(rita, draft, as_user, monkeypatch):
    assert missing_letters(content_of(draft)) == []
    unknown = "\U00010980"  # of a script that is hardly ever installed
    known = content_of(draft) | {"title": f"Ünïcode – {unknown}"}
    if missing_letters(known) != [unknown]:
        pytest.skip("This machine has a font for Meroitic letters, so none is missing.")
    draft.proposal.name = f"Pumps {unknown}"
    draft.proposal.save()
    page = as_user(rita).get(f"/proposals/{draft.proposal_id}/send/").content.decode()
    assert f"The PDF cannot show {unknown}" in page
    version = ProposalVersion.objects.select_related("proposal", "deal__account", "author").get()
    assert len(pdf_of(version)) > 1000 and json.dumps(content_of(version))


def test_undo_is_offered_for_a_draft_and_for_nothing_that_stays(rita, draft, as_user):
    client = as_user(rita)

    def offered():
        client.get("/proposals/")  # the toast of the last step offers an undo of its own
        page = client.get(f"/history/pipeline_proposalversion/{draft.pk}/").content.decode()
        return [part.partition('"')[0] for part in page.split('action="') if part.startswith("/history/undo/")]

    client.post(f"/proposals/{draft.proposal_id}/discard/")
    client.post(offered()[0])
    draft.refresh_from_db()
    assert draft.state == "draft"  # what was given up is there again
    client.post(f"/proposals/{draft.proposal_id}/send/", {"email": ""})
    assert offered() == []


def test_no_undo_is_offered_for_a_placed_order(rita, sent, as_user):
    accept_proposal(version=sent, name="Kim", consent="Yes")
    client, address = as_user(rita), f"/orders/new/?proposal={sent.pk}"
    rows = client.get(address).context["form"].rows
    columns = {name: [getattr(row, name) for row in rows] for name in ("product", "quantity", "price", "agreed", "open")}
    order = client.post(address, columns).url.rstrip("/").rpartition("/")[2]
    history = client.get(f"/history/pipeline_order/{order}/").content.decode()
    assert "created" in history and "/undo/" not in history
