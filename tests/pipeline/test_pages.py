"""Board, list and pages of deals as people use them."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Account, Coverage
from pipeline.models import Deal, LossReason
from pipeline.services import Share, assign_deals, move_deal, set_members
from salesorg.people.roles import Role


def url(name, *args, **query):
    return reverse(f"pipeline:{name}", args=args, query=query or None)


@pytest.fixture
def price(db):
    return LossReason.objects.create(name="Price")


@pytest.fixture
def imported(deal_of):
    """A deal whose import brought neither account nor amount."""

    def make(user, **fields):
        deal = deal_of(user, amount=None, gate_debt=["account", "amount"], **fields)
        Deal.objects.filter(pk=deal.pk).update(account=None)
        deal.refresh_from_db()
        return deal

    return make


def facts_of(at, stages, **more):
    return {
        "name": "Pumps",
        "account": at.pk,
        "stage": stages["Prospecting"].pk,
        "amount": "1000",
        "currency": "USD",
        "close_date": "2026-12-01",
        "next_step": "Call",
        "next_step_on": "2026-11-25",
        "type": "new",
    } | more


# the board


def test_a_seller_s_board_begins_with_the_own_deals(rita, sam, deal_of, as_user):
    mine, hers = deal_of(rita, amount=1000), deal_of(sam, amount=500)
    page = as_user(rita).get(url("board"))
    assert [card for column in page.context["columns"] for card in column.cards] == [mine]
    everyone = as_user(rita).get(url("board", owner="all"))
    assert {card for column in everyone.context["columns"] for card in column.cards} == {mine, hers}


def test_a_column_says_how_many_how_much_and_how_much_of_it_is_likely(rita, deal_of, as_user):
    deal_of(rita, amount=1000)
    deal_of(rita, amount=500)
    deal_of(rita, amount=70, currency="EUR")
    prospecting = as_user(rita).get(url("board")).context["columns"][0]
    assert prospecting.sums.count == 3
    assert prospecting.sums.amounts == {"USD": 1500, "EUR": 70}
    assert prospecting.sums.weighted == {"USD": 150, "EUR": 7}


def test_what_is_due_first_is_on_top(rita, deal_of, as_user):
    later = deal_of(rita, next_step_on=rita.today + timedelta(days=9))
    late = deal_of(rita, next_step_on=rita.today - timedelta(days=1))
    assert as_user(rita).get(url("board")).context["columns"][0].cards == [late, later]


def test_a_closed_column_counts_the_last_thirty_days_and_links_to_exactly_these(rita, deal_of, as_user):
    for days in (0, 30, 31):
        deal_of(rita, stage="Won", close_date=rita.today - timedelta(days=days))
    client = as_user(rita)
    won = client.get(url("board")).context["columns"][2]
    assert (won.sums.count, won.cards) == (2, [])
    assert client.get(f"{url('deal_list')}?{won.query}").context["totals"].count == 2


def test_a_column_of_more_than_twelve_pages_in_the_rest(rita, otto, deal_of, account_of, as_user):
    account = account_of(rita)
    deals = {deal_of(rita, account).pk for _each in range(15)}
    client = as_user(rita)
    column = client.get(url("board")).context["columns"][0]
    assert (len(column.cards), column.sums.count) == (12, 15)
    rest = client.get(url("board", column=column.stage.pk, after=column.after)).context["column"]
    assert {card.pk for card in column.cards + rest.cards} == deals
    assert rest.after is None
    everybody = as_user(otto).get(url("board")).context["columns"]
    assert [card.pk for card in everybody[0].cards] == [card.pk for card in column.cards]
    assert [(each.stage.name, each.sums.count) for each in everybody] == [
        ("Prospecting", 15),
        ("Engaging", 0),
        ("Won", 0),
        ("Lost", 0),
    ]


def test_the_board_of_a_past_day_shows_what_was_there_then(rita, deal_of, stages, as_user):
    from .test_versions import at, effective_at

    yesterday = rita.today - timedelta(days=1)
    with transaction.atomic():
        effective_at(at(yesterday))
        deal = deal_of(rita, amount=1000)
        effective_at(None)
    move_deal(deal=deal, stage=stages["Won"], actor=rita)
    Deal.objects.filter(pk=deal.pk).update(amount=9)
    client = as_user(rita)
    columns = client.get(url("board", as_of=yesterday.isoformat())).context["columns"]
    assert [(card.pk, card.amount) for card in columns[0].cards] == [(deal.pk, 1000)]
    assert columns[2].sums.count == 0
    assert client.get(url("board")).context["columns"][0].cards == []
    listed = client.get(url("deal_list", as_of=yesterday.isoformat())).context
    assert [(row.stage.name, row.amount) for row in listed["page"].rows] == [("Prospecting", 1000)]
    assert listed["totals"].amounts == {"USD": 1000}


def test_nothing_moves_on_the_board_of_a_past_day(rita, deal_of, as_user):
    deal_of(rita)
    page = as_user(rita).get(url("board", as_of="2026-01-01"))
    assert b"data-move" not in page.content


# moving


def moves(client, deal, stage, **more):
    board = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": f"http://testserver{url('board')}"}
    return client.post(url("deal_move", deal.pk), {"stage": stage.pk, "seen": deal.stage_id, **more}, **board)


def test_a_dragged_card_moves_and_both_columns_get_their_sums(rita, deal_of, stages, as_user):
    deal = deal_of(rita, amount=1000)
    answer = moves(as_user(rita), deal, stages["Engaging"])
    assert answer.status_code == 200
    assert [(column.stage.name, column.sums.count) for column in answer.context["columns"]] == [
        ("Prospecting", 0),
        ("Engaging", 1),
    ]
    assert f'id="deal-{deal.pk}"'.encode() in answer.content
    assert reverse("audit:undo", args=["00000000-0000-0000-0000-000000000000"])[:13] in answer["HX-Trigger"]


def test_a_card_dragged_to_lost_is_asked_for_the_reason_and_goes_through_with_it(rita, deal_of, stages, price, as_user):
    deal, client = deal_of(rita), as_user(rita)
    asked = moves(client, deal, stages["Lost"])
    assert asked.status_code == 422
    assert list(asked.context["form"].fields) == ["close_date", "loss_reason", "version"]
    told = {"asked": "1", "version": deal.version, "close_date": rita.today.isoformat()}
    again = moves(client, deal, stages["Lost"], **told)
    assert again.status_code == 422
    assert "loss_reason" in again.context["form"].errors
    assert moves(client, deal, stages["Lost"], **told, loss_reason=price.pk).status_code == 200
    deal.refresh_from_db()
    assert (deal.status, deal.loss_reason) == ("lost", price)


def test_moving_an_imported_deal_asks_for_what_it_owes_and_keeps_what_was_typed(rita, imported, stages, account_of, as_user):
    deal, client, account = imported(rita), as_user(rita), account_of(rita)
    asked = moves(client, deal, stages["Engaging"])
    assert "An open deal needs an account and an amount." in asked.content.decode()
    typed = {"asked": "1", "version": deal.version, "account": account.pk, "amount": "not a number"}
    again = moves(client, deal, stages["Engaging"], **typed)
    assert b'value="not a number"' in again.content
    assert account.name.replace("'", "&#x27;") in again.content.decode()
    assert moves(client, deal, stages["Engaging"], **typed | {"amount": "5"}).status_code == 200
    deal.refresh_from_db()
    assert (deal.gate_debt, deal.amount, deal.account) == ([], 5, account)


def test_a_card_that_somebody_else_has_moved_goes_back_with_the_reason(rita, sam, deal_of, stages, as_user):
    deal = deal_of(rita)
    move_deal(deal=deal, stage=stages["Engaging"], actor=sam)
    answer = moves(as_user(rita), deal, stages["Won"])
    assert answer.status_code == 422
    assert "meanwhile" in answer["HX-Trigger"]
    deal.refresh_from_db()
    assert deal.stage == stages["Engaging"]


def test_a_move_without_javascript_asks_on_a_page(rita, deal_of, stages, as_user):
    deal = deal_of(rita)
    answer = as_user(rita).post(url("deal_move", deal.pk), {"stage": stages["Lost"].pk})
    assert answer.status_code == 422
    assert "A lost deal needs a loss reason." in answer.content.decode()


@pytest.mark.parametrize("stage", ["", "x", "\x00", "9" * 30, "-1", "²"])
def test_a_stage_that_is_none_is_refused_in_words(rita, deal_of, as_user, stage):
    answer = as_user(rita).post(url("deal_move", deal_of(rita).pk), {"stage": stage})
    assert answer.status_code == 422
    assert "Choose the stage" in answer.content.decode()


# forms


def test_a_deal_is_opened_from_its_form(rita, account_of, stages, as_user):
    account = account_of(rita)
    answer = as_user(rita).post(url("deal_new"), facts_of(account, stages))
    deal = Deal.objects.get()
    assert answer.url == deal.get_absolute_url()
    assert (deal.owner, deal.amount, deal.members.get().revenue_share) == (rita, 1000, 10_000)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", "\x00"),
        ("name", "x" * 10_000),
        ("amount", "-1"),
        ("amount", "1" + "0" * 15),
        ("amount", "NaN"),
        ("amount", "Infinity"),
        ("close_date", "1900-01-01"),
        ("close_date", "9999-12-31"),
        ("close_date", "soon"),
        ("next_step_on", "1900-01-01"),
        ("account", "999999999999999999999"),
        ("account", "x"),
        ("currency", "???"),
        ("stage", "\x00"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(rita, account_of, stages, as_user, field, typed):
    answer = as_user(rita).post(url("deal_new"), facts_of(account_of(rita), stages, next_step="Call Ms Ortega", **{field: typed}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert b"Call Ms Ortega" in answer.content


@pytest.mark.parametrize("field", ["account", "amount", "close_date", "next_step", "next_step_on"])
def test_a_form_that_lacks_a_fact_names_its_field(rita, account_of, stages, as_user, field):
    answer = as_user(rita).post(url("deal_new"), facts_of(account_of(rita), stages, **{field: ""}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Deal.objects.count() == 0


def test_an_account_one_does_not_see_is_no_choice(rita, tom, account_of, stages, as_user):
    answer = as_user(rita).post(url("deal_new"), facts_of(account_of(tom), stages))
    assert "account" in answer.context["form"].errors


def test_a_deal_changed_by_another_meanwhile_shows_both_values(rita, sam, deal_of, as_user):
    deal = deal_of(rita, amount=1000)
    client = as_user(rita)
    form = client.get(url("deal_edit", deal.pk)).context["form"]
    Deal.objects.filter(pk=deal.pk).update(amount=2000)
    typed = {name: form[name].value() or "" for name in form.fields} | {"amount": "3000"}
    answer = client.post(url("deal_edit", deal.pk), typed)
    assert answer.status_code == 422
    assert "Someone saved “2,000” meanwhile; you typed “3,000”." in str(answer.context["form"].errors["amount"])
    decided = typed | {"version": answer.context["form"]["version"].value()}
    assert client.post(url("deal_edit", deal.pk), decided).status_code == 302
    deal.refresh_from_db()
    assert deal.amount == 3000


def test_whoever_works_on_a_deal_without_its_account_reads_the_name_without_a_link(rita, tom, deal_of, account_of, as_user):
    deal = deal_of(rita, account_of(tom, name="Hidden Ltd"), stage="Won")
    page = as_user(rita).get(deal.get_absolute_url()).content.decode()
    assert "Hidden Ltd" in page
    assert f"/accounts/{deal.account_id}/" not in page
    assert as_user(rita).get(url("deal_edit", deal.pk)).status_code == 200


def test_an_account_is_visible_to_whoever_works_an_open_deal_there(rita, tom, deal_of, account_of, stages):
    deal = deal_of(rita, account_of(tom))
    assert Account.objects.visible_to(rita).filter(pk=deal.account_id).exists()
    move_deal(deal=deal, stage=stages["Won"], actor=rita)
    assert not Account.objects.visible_to(rita).filter(pk=deal.account_id).exists()


def test_a_former_owner_keeps_a_summary_and_a_stranger_nothing(rita, tom, otto, deal_of, as_user):
    deal = deal_of(tom)
    Coverage.objects.all().delete()
    assert as_user(rita).get(deal.get_absolute_url()).status_code == 404
    assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=otto, actor=otto)
    page = as_user(tom).get(deal.get_absolute_url())
    assert page.status_code == 200
    assert "only a summary" in page.content.decode()
    assert as_user(tom).get(url("deal_edit", deal.pk)).status_code == 404


def test_shares_are_typed_in_percent_and_must_add_up(rita, sam, deal_of, as_user):
    deal, client = deal_of(rita), as_user(rita)
    rows = {"share-TOTAL_FORMS": "2", "share-INITIAL_FORMS": "1", "share-MIN_NUM_FORMS": "0", "share-MAX_NUM_FORMS": "30"}
    for index, (person, percent) in enumerate([(rita, "66.67"), (sam, "33.32")]):
        rows |= {f"share-{index}-user": person.pk, f"share-{index}-role": "3", f"share-{index}-revenue": percent}
        rows |= {f"share-{index}-overlay": "0"}
    refused = client.post(url("deal_members", deal.pk), rows)
    assert refused.status_code == 422
    assert "add up to exactly 100%" in refused.content.decode()
    assert client.post(url("deal_members", deal.pk), rows | {"share-1-revenue": "33.33"}).status_code == 302
    assert {m.user: m.revenue_share for m in deal.members.on(rita.today)} == {rita: 6667, sam: 3333}


def test_shares_that_somebody_else_changed_meanwhile_are_shown_before_they_are_replaced(rita, sam, deal_of, as_user):
    deal, client = deal_of(rita), as_user(rita)
    rows = {"share-TOTAL_FORMS": "1", "share-INITIAL_FORMS": "1", "share-0-user": rita.pk, "share-0-role": "3"}
    rows |= {"share-0-revenue": "100", "share-0-overlay": "5"}
    seen = client.get(url("deal_members", deal.pk)).context["seen"]
    set_members(deal=deal, shares=[Share(rita, Role.AE, 6000), Share(sam, Role.AE, 4000)], actor=sam)
    refused = client.post(url("deal_members", deal.pk), rows | {"seen": seen})
    assert refused.status_code == 422
    assert "Sam 40%" in refused.content.decode()
    assert client.post(url("deal_members", deal.pk), rows | {"seen": refused.context["seen"]}).status_code == 302


def test_a_seller_hands_over_the_own_deal_and_no_other(rita, sam, deal_of, as_user):
    mine, hers = deal_of(rita), deal_of(sam)
    client = as_user(rita)
    assert client.post(url("deal_assign", mine.pk), {"owner": sam.pk}).status_code == 302
    assert client.post(url("deal_assign", hers.pk), {"owner": rita.pk}).status_code == 403
    mine.refresh_from_db()
    assert mine.owner == sam
