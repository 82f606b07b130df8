"""The board in a real browser: by mouse, by keys and from the menu; refused moves come back."""

import pytest
from playwright.sync_api import expect

from pipeline.models import Deal, LossReason
from pipeline.services import move_deal

from .looking import assert_accessible

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deal(rita, deal_of, stages):
    LossReason.objects.create(name="Price")
    return deal_of(rita, amount=1000)


@pytest.fixture
def board(page, sign_in, rita, deal):
    sign_in(rita)("/board/")
    return page


def column(page, name):
    return page.locator(f".board-column[data-name='{name}']")


def card(page, deal):
    return page.locator(f"#deal-{deal.pk}")


def stage_of(deal):
    return Deal.objects.select_related("stage").get(pk=deal.pk).stage.name


def drag(page, deal, to):
    start, end = card(page, deal).bounding_box(), column(page, to).locator(".board-cards").bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 30, steps=3)
    page.mouse.move(end["x"] + 60, end["y"] + 20, steps=12)
    page.mouse.up()


def test_a_card_is_dragged_to_the_next_stage_and_the_sums_follow(board, deal):
    drag(board, deal, "Engaging")
    expect(board.locator(".toast-item")).to_contain_text("Engaging")
    expect(column(board, "Engaging").locator("[data-count]")).to_have_text("1")
    expect(column(board, "Prospecting").locator("[data-count]")).to_have_text("0")
    assert stage_of(deal) == "Engaging"


def test_a_move_is_taken_back_from_its_toast(board, deal):
    drag(board, deal, "Engaging")
    board.locator(".toast-item .btn-undo").click()
    expect(column(board, "Prospecting").locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Prospecting"


def test_arrow_keys_move_a_card_to_the_neighbouring_stage(board, deal):
    card(board, deal).focus()
    board.keyboard.press("ArrowRight")
    expect(column(board, "Engaging").locator(f"#deal-{deal.pk}")).to_be_focused()
    expect(board.locator(".toast-item")).to_be_visible()
    board.keyboard.press("ArrowLeft")
    expect(column(board, "Prospecting").locator(f"#deal-{deal.pk}")).to_be_visible()
    expect(board.locator(".toast-item")).to_have_count(2)
    assert stage_of(deal) == "Prospecting"


def test_the_menu_moves_a_card_to_any_stage(board, deal):
    card(board, deal).focus()
    board.keyboard.press("m")
    expect(board.locator("#move-menu").get_by_role("button", name="Engaging")).to_be_focused()
    board.keyboard.press("ArrowDown")
    board.keyboard.press("Enter")
    expect(card(board, deal)).to_have_count(0)
    expect(column(board, "Won").locator("[data-count]")).to_have_text("1")
    assert stage_of(deal) == "Won"


def test_lost_asks_for_the_reason_and_cancelling_puts_the_card_back(board, deal):
    drag(board, deal, "Lost")
    dialog = board.locator("#move")
    expect(dialog).to_contain_text("A lost deal needs a loss reason.")
    assert_accessible(board, "#move")
    dialog.get_by_role("button", name="Cancel").click()
    expect(column(board, "Prospecting").locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Prospecting"


def test_lost_goes_through_with_its_reason(board, deal):
    drag(board, deal, "Lost")
    dialog = board.locator("#move")
    dialog.get_by_role("button", name="Move to Lost").click()
    expect(dialog.locator(".is-invalid")).to_be_visible()
    dialog.get_by_label("Loss reason").select_option(label="Price")
    dialog.get_by_role("button", name="Move to Lost").click()
    expect(dialog).to_be_hidden()
    expect(column(board, "Lost").locator("[data-count]")).to_have_text("1")
    assert stage_of(deal) == "Lost"


def test_a_card_somebody_else_has_moved_comes_back_with_the_reason(board, deal, sam, stages):
    move_deal(deal=deal, stage=stages["Won"], actor=sam)
    drag(board, deal, "Engaging")
    expect(board.locator(".toast-item[data-level=error]")).to_contain_text("meanwhile")
    expect(column(board, "Prospecting").locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Won"


def test_an_account_is_chosen_by_typing(page, sign_in, rita, deal):
    sign_in(rita)("/deals/new/")
    field = page.get_by_role("combobox", name="Account")
    field.fill("rita")
    page.get_by_role("option", name="Rita's customer").wait_for()
    page.keyboard.press("Enter")
    expect(field).to_have_value("Rita's customer")
    expect(page.locator("input[name=account]")).to_have_value(str(deal.account_id))


def test_enter_before_the_list_has_come_chooses_what_was_typed_and_not_what_the_list_still_shows(
    page, sign_in, rita, deal, account_of
):
    wanted = account_of(rita, "Zinc Works")
    sign_in(rita)("/deals/new/")
    field = page.get_by_role("combobox", name="Account")
    field.focus()
    page.get_by_role("option", name="Rita's customer").wait_for()
    page.keyboard.type("zinc")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Zinc Works")
    expect(page.locator("input[name=account]")).to_have_value(str(wanted.pk))
