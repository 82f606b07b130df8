"""Board, list and pages of deals as people use them."""

import pytest
from django.urls import reverse

from pipeline.models import LossReason


def board_url():
    return reverse("pipeline:board")


@pytest.fixture
def price(db):
    return LossReason.objects.create(name="Price")


def test_every_page_opens(rita, deal_of, as_user):
    deal = deal_of(rita)
    client = as_user(rita)
    for name in ("board", "deal_list", "deal_new", "lead_list"):
        assert client.get(reverse(f"pipeline:{name}")).status_code == 200, name
    for name in ("deal_detail", "deal_edit", "deal_assign", "deal_members"):
        assert client.get(reverse(f"pipeline:{name}", args=[deal.pk])).status_code == 200, name
    assert client.get(reverse("pipeline:account_deals", args=[deal.account_id])).status_code == 200
