"""Specialists on deals: bringing in, asking, joining, leaving, what they are credited, and what a pod shares."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from accounts.models import Coverage
from pipeline.models import Ask, Deal, DealMember, Product
from pipeline.services import Share, ask_for, assign_deals, bring_in, join_deal, leave_deal, move_deal, set_members, withdraw_ask
from pipeline.services.joining_mail import mail_member
from pipeline.specialists import candidates
from salesorg.audit.services import undo
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership, User
from salesorg.people.roles import Role
from salesorg.people.services.leaving import deactivate_person, hand_over

pytestmark = pytest.mark.django_db
ALL = DealMember.WHOLE


def url(name, *args, **query):
    return reverse(f"pipeline:{name}", args=args, query=query or None)


@pytest.fixture
def spencer(person):
    """A specialist in South: a stranger to North."""
    return person("spencer", "south", Role.SPECIALIST)


@pytest.fixture
def deal(rita, deal_of):
    return deal_of(rita)


def parts(deal, day=None):
    """{name: (revenue share, overlay share)} in percent."""
    rows = deal.members.on(day or deal.owner.today).select_related("user")
    return {each.user.name: (each.revenue_share // 100, each.overlay_share // 100) for each in rows}


def sees(user, row):
    """Whether the person sees it, asked anew as their next request would."""
    return type(row).objects.visible_to(User.objects.get(pk=user.pk)).filter(pk=row.pk).exists()


# bringing in


def test_a_split_is_taken_from_the_owner_and_double_credit_from_nobody(rita, sam, spencer, deal):
    bring_in(deal=deal, person=sam, role=Role.AE, revenue=3000, actor=rita)
    bring_in(deal=deal, person=spencer, role=Role.SPECIALIST, overlay=5000, actor=rita)
    assert parts(deal) == {"Rita": (70, 0), "Sam": (30, 0), "Spencer": (0, 50)}
    assert parts(deal, rita.today - timedelta(days=1)) == {"Rita": (100, 0)}


@pytest.mark.parametrize(
    ("who", "role", "revenue", "says"),
    [
        ("spencer", Role.SPECIALIST, 10_001, "can give away no more"),
        ("spencer", Role.AE, 0, "does not hold the role"),
        ("rita", Role.AE, 0, "works on this deal already"),
        ("gone", Role.AE, 0, "no longer works here"),
    ],
)
def test_who_cannot_be_brought_in_is_refused_at_the_field(request, deal, rita, who, role, revenue, says):
    with pytest.raises(DomainError, match=says) as refused:
        bring_in(deal=deal, person=request.getfixturevalue(who), role=role, revenue=revenue, actor=rita)
    assert refused.value.fields in (("person",), ("percent",))
    assert parts(deal) == {"Rita": (100, 0)}


def test_a_specialist_sees_the_deal_and_its_account_from_the_day_they_join_until_they_leave(rita, spencer, deal, as_user):
    assert not sees(spencer, deal) and not sees(spencer, deal.account)
    bring_in(deal=deal, person=spencer, role=Role.SPECIALIST, actor=rita, today=rita.today - timedelta(days=9))
    assert sees(spencer, deal) and sees(spencer, deal.account)
    leave_deal(deal=deal, person=spencer, actor=spencer, today=rita.today)
    assert not sees(spencer, deal) and not sees(spencer, deal.account)


def test_who_leaves_gives_the_share_back_and_keeps_the_days_before(rita, sam, deal):
    today = rita.today
    bring_in(deal=deal, person=sam, role=Role.AE, revenue=4000, actor=rita, today=today - timedelta(days=10))
    leave_deal(deal=deal, person=sam, actor=rita, today=today)
    assert parts(deal, today) == {"Rita": (100, 0)}
    assert parts(deal, today - timedelta(days=1)) == {"Rita": (60, 0), "Sam": (40, 0)}
    with pytest.raises(DomainError, match="owns this deal"):
        leave_deal(deal=deal, person=rita, actor=rita)


def test_the_person_is_mailed_once_and_nobody_who_is_off_the_deal_again(rita, spencer, deal):
    member = bring_in(deal=deal, person=spencer, role=Role.SPECIALIST, actor=rita)
    mail_member({"member": member.pk, "by": rita.pk})
    assert [(each.to, each.subject) for each in mail.outbox] == [
        ([spencer.email], f"Rita brings you in on “{deal}” as Specialist")
    ]
    leave_deal(deal=deal, person=spencer, actor=rita)
    mail_member({"member": member.pk, "by": rita.pk})
    assert len(mail.outbox) == 1


def test_bringing_in_from_the_page_says_split_and_double_credit_apart(rita, spencer, sam, deal, as_user):
    client = as_user(rita)
    page = client.get(url("deal_bring_in", deal.pk)).content.decode()
    assert "Split: a part of the owner" in page and "Double credit: a share beside the 100%" in page
    no_share = client.post(url("deal_bring_in", deal.pk), {"person": spencer.pk, "credit": "overlay"})
    assert no_share.status_code == 422 and "Say how much." in no_share.content.decode()
    facts = {"person": spencer.pk, "credit": "overlay", "percent": "25"}
    assert client.post(url("deal_bring_in", deal.pk), facts).status_code == 302
    split = {"person": sam.pk, "credit": "split", "percent": "40"}
    assert client.post(url("deal_bring_in", deal.pk, role=int(Role.AE)), split).status_code == 302
    page = client.get(deal.get_absolute_url()).content.decode()
    assert "25% double credit" in page and "40% of the revenue" in page


def test_only_the_owner_and_whoever_reassigns_says_who_works_on_a_deal(rita, sam, mia, spencer, deal, as_user):
    bring_in(deal=deal, person=spencer, role=Role.SPECIALIST, actor=rita)
    for user, status in ((sam, 403), (spencer, 403), (mia, 200)):
        client = as_user(user)
        assert client.get(url("deal_bring_in", deal.pk)).status_code == status
        assert client.get(url("deal_members", deal.pk)).status_code == status
    assert as_user(sam).post(url("deal_leave", deal.pk, spencer.pk)).status_code == 403
    assert as_user(spencer).post(url("deal_leave", deal.pk, spencer.pk)).status_code == 302
    assert parts(deal) == {"Rita": (100, 0)}


# who fits


def test_who_covers_the_account_comes_before_who_knows_the_product_and_each_says_why(rita, person, deal_of, account_of, line):
    account = account_of(rita)
    deal = deal_of(rita, account, product=Product.objects.create(name="Scanner"))
    knows, covers, holds = (person(name, "south", Role.SPECIALIST) for name in ("kim", "cy", "hal"))
    near = person("nia", "north", Role.SPECIALIST)
    Coverage.objects.create(
        account=account, line=line, role=Role.SPECIALIST, user=covers, during=DateRange(date(2020, 1, 1), None),
        source="manual", reason="test",
    )  # fmt: skip
    for stage in ("Won", "Lost"):
        bring_past(deal_of(rita, account, stage=stage, product=deal.product, gate_debt=["loss_reason"]), knows)
    found = candidates(deal, Role.SPECIALIST, rita)
    assert [each.person for each in found] == [covers, knows, near, holds]
    assert [each.reasons for each in found] == [
        ["covers the account: New business"], ["2 deals with Scanner, 1 won"], ["in team North too"], [],
    ]  # fmt: skip


def bring_past(deal, user):
    DealMember.objects.create(deal=deal, user=user, role=Role.SPECIALIST, overlay_share=1000, during=DateRange(date(2024, 1, 1)))


# asking


def test_a_deal_asks_a_role_and_the_first_who_joins_works_on_it(rita, spencer, person, deal, as_user):
    ask = ask_for(deal=deal, role=Role.SPECIALIST, question="Can it scan in the dark?", actor=rita)
    later = person("lee", "company", Role.SPECIALIST)
    client = as_user(spencer)
    page = client.get(url("advice_list")).content.decode()
    assert "Can it scan in the dark?" in page
    assert "Can it scan in the dark?" in client.get(url("waiting_for_me")).content.decode()
    assert client.get(deal.get_absolute_url()).status_code == 404
    assert client.post(url("ask_join", ask.pk)).status_code == 302
    assert parts(deal) == {"Rita": (100, 0), "Spencer": (0, 0)}
    assert client.get(deal.get_absolute_url()).status_code == 200
    listed = client.get(url("advice_list"))
    assert [member.deal for member in listed.context["members"]] == [deal]
    assert list(listed.context["asks"]) == []
    today = client.get(url("waiting_for_me")).context
    assert (list(today["advised"]), list(today["asks"])) == ([], [])
    Deal.objects.filter(pk=deal.pk).update(next_step_on=rita.today)
    assert [member.deal for member in client.get(url("waiting_for_me")).context["advised"]] == [deal]
    assert not sees(later, ask)
    with pytest.raises(DomainError, match="Spencer was quicker"):
        join_deal(ask=ask, actor=later)


def test_nobody_joins_what_asks_for_another_role_or_was_taken_back(rita, tom, spencer, deal, as_user):
    ask = ask_for(deal=deal, role=Role.SPECIALIST, question="Help", actor=rita)
    assert as_user(tom).post(url("ask_join", ask.pk)).status_code == 404
    withdraw_ask(ask=ask, actor=rita)
    with pytest.raises(DomainError, match="taken back"):
        join_deal(ask=ask, actor=spencer)
    assert not sees(spencer, ask)


def test_a_deal_asks_once_for_each_role_and_not_when_it_is_closed(rita, deal, stages):
    ask_for(deal=deal, role=Role.SPECIALIST, question="Help", actor=rita)
    with pytest.raises(DomainError, match="asks for this role already"):
        ask_for(deal=deal, role=Role.SPECIALIST, question="Help", actor=rita)
    ask_for(deal=deal, role=Role.TECHNICIAN, question="Help", actor=rita)
    won = move_deal(deal=deal, stage=stages["Won"], actor=rita)
    with pytest.raises(DomainError, match="closed"):
        ask_for(deal=won, role=Role.CSM, question="Help", actor=rita)
    assert not Ask.objects.open().exists()


# what is settled


def test_who_is_credited_for_a_won_deal_is_settled_on_every_path(rita, sam, spencer, deal, stages):
    with acting(rita, "shares") as share_change, transaction.atomic():
        set_members(deal=deal, shares=[Share(rita, Role.AE, 6000), Share(sam, Role.AE, 4000)], actor=rita)
    won = move_deal(deal=deal, stage=stages["Won"], actor=rita)
    for change in (
        lambda: bring_in(deal=won, person=spencer, role=Role.SPECIALIST, overlay=1, actor=rita),
        lambda: leave_deal(deal=won, person=sam, actor=rita),
        lambda: set_members(deal=won, shares=[Share(rita, Role.AE, ALL)], actor=rita),
        lambda: assign_deals(deals=Deal.objects.filter(pk=won.pk), owner=sam, actor=rita),
        lambda: undo(context=share_change.context, actor=rita),
    ):
        with pytest.raises(DomainError, match=r"settled|closed"):
            change()
    assert parts(won) == {"Rita": (60, 0), "Sam": (40, 0)}
    move_deal(deal=won, stage=stages["Engaging"], actor=rita, next_step="Call", next_step_on=rita.today)
    undo(context=share_change.context, actor=rita)
    assert parts(won) == {"Rita": (100, 0)}


def test_what_somebody_works_on_passes_with_its_shares_to_who_takes_over(rita, sam, spencer, person, ada, deal):
    heir = person("hera", "south", Role.SPECIALIST)
    bring_in(deal=deal, person=spencer, role=Role.SPECIALIST, overlay=2000, actor=rita)
    hand_over(person=spencer, to=heir, on=ada.today, actor=ada)
    assert parts(deal) == {"Rita": (100, 0), "Hera": (0, 20)}


def test_a_stale_save_of_shares_shows_what_stands_now_beside_what_was_typed(rita, sam, spencer, deal, as_user):
    client = as_user(rita)
    seen = client.get(url("deal_members", deal.pk)).context["seen"]
    bring_in(deal=deal, person=spencer, role=Role.SPECIALIST, overlay=5000, actor=rita)
    rows = {"share-TOTAL_FORMS": "1", "share-INITIAL_FORMS": "1", "share-0-user": rita.pk, "share-0-role": "3"}
    rows |= {"share-0-revenue": "100", "share-0-overlay": "7", "seen": seen}
    refused = client.post(url("deal_members", deal.pk), rows)
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "50% double credit" in text and 'value="7"' in text
    assert parts(deal)["Spencer"] == (0, 50)


# pods


def test_a_pod_sees_each_others_deals_and_accounts_and_nobody_else_does(rita, sam, tom, deal):
    assert sees(sam, deal) and sees(sam, deal.account)
    assert not sees(tom, deal) and not sees(tom, deal.account)


def test_moving_into_a_pod_opens_its_work_and_moving_out_closes_it_the_same_moment(rita, tom, teams, deal, as_user):
    client = as_user(tom)
    page = deal.get_absolute_url()
    assert client.get(page).status_code == 404
    moved = Membership.objects.create(user=tom, team=teams["north"], role=Role.AE, during=DateRange(tom.today, None))
    assert client.get(page).status_code == 200
    assert client.get(deal.account.get_absolute_url()).status_code == 200
    moved.delete()
    assert client.get(page).status_code == 404
    assert client.get(deal.account.get_absolute_url()).status_code == 404


def test_a_team_that_shares_nothing_opens_nothing(rita, sam, teams, deal):
    type(teams["north"]).objects.filter(pk=teams["north"].pk).update(account_visibility="own", deal_visibility="own")
    assert not sees(sam, deal) and not sees(sam, deal.account)


def test_a_team_s_page_shows_its_work_as_far_as_the_reader_sees_it_and_links_to_exactly_these_rows(
    rita, sam, tom, ada, teams, deal_of, as_user
):
    deals = [deal_of(rita, amount=1000), deal_of(sam, amount=500)]
    deal_of(tom, amount=9)
    client = as_user(sam)
    assert url("team_work", teams["north"].pk) in client.get(reverse("people:team", args=[teams["north"].pk])).content.decode()
    work = client.get(url("team_work", teams["north"].pk)).context
    assert (work["open"].count, work["open"].amounts, work["accounts"]) == (2, {"USD": 1500}, 2)
    assert {row.pk for row in client.get(work["deals_url"]).context["page"].rows} == {each.pk for each in deals}
    accounts = client.get(work["accounts_url"]).context["page"].rows
    assert {row.pk for row in accounts} == {each.account_id for each in deals}
    other = client.get(url("team_work", teams["south"].pk)).context
    assert (other["open"].count, other["accounts"]) == (0, 0)
    assert "pipeline/_team_work" not in as_user(ada).get(reverse("people:team", args=[teams["north"].pk])).content.decode()


def test_the_place_of_who_left_is_listed_until_it_is_filled_and_what_was_won_stays(
    rita, sam, tom, spencer, mia, deal, deal_of, stages, as_user, ada
):
    won = deal_of(rita, stage="Won", next_step="", next_step_on=None)
    for each in (deal, won):
        DealMember.objects.create(
            deal=each, user=spencer, role=Role.SPECIALIST, overlay_share=5000, during=DateRange(date(2026, 1, 1), None)
        )
    deactivate_person(person=spencer, on=ada.today, actor=ada)
    for who in (rita, mia):
        assert [place.deal for place in as_user(who).get(url("waiting_for_me")).context["places"]] == [deal]
    assert not as_user(tom).get(url("waiting_for_me")).context["places"]
    client, fill = as_user(rita), url("deal_bring_in", deal.pk, instead=spencer.pk)
    assert fill in client.get(deal.get_absolute_url()).content.decode()
    assert client.post(fill, {"person": sam.pk}).status_code == 302
    assert parts(deal) == {"Rita": (100, 0), "Sam": (0, 50)}
    assert parts(won)["Spencer"] == (0, 50)
    assert not client.get(url("waiting_for_me")).context["places"]
    again = client.post(fill, {"person": sam.pk})  # it is filled: the page offers to bring somebody in, and nothing is taken over
    assert again.status_code == 422 and parts(deal) == {"Rita": (100, 0), "Sam": (0, 50)}
