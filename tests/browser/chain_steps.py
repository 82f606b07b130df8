"""What each person does in the chain from an import to a statement, and what must be seen meanwhile."""

import re
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urljoin, urlsplit

from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Account, Activity, Coverage
from commissions.models import Statement
from pipeline.models import Deal, Stage
from pipeline.services import move_deal
from salesorg.jobs.models import Run
from salesorg.lib.periods import quarter_of
from salesorg.people.models import User


def follow(page, link):
    """Click the link and be where it leads."""
    target = urljoin(page.url, link.get_attribute("href"))
    link.click()
    page.wait_for_url(target)


# ── the rep ──


def a_rep_sees_what_is_theirs_and_nothing_of_a_stranger(page, export, look):
    players = export.players
    look(page, "1 today")
    page.goto(reverse("accounts:account_list") + "?whose=mine")
    listed = page.locator("#accounts tbody th a")
    expect(listed).to_have_count(len(export.accounts_of(players.rep)))
    assert set(listed.all_inner_texts()) == export.accounts_of(players.rep)
    look(page, "2 accounts")
    page.goto(reverse("pipeline:deal_list") + "?owner=me&status=all")
    deals = export.of(players.rep, "Prospecting", "Engaging", "Won", "Lost")
    expect(page.locator("#deals tfoot th")).to_have_text(f"{len(deals):,} deals")
    look(page, "3 deals")
    theirs = Account.objects.get(name=players.strangers_account).get_absolute_url()
    for hidden in (theirs, Deal.objects.get(external_key=f"crm:deal:{players.strangers_deal}").get_absolute_url()):
        assert page.goto(hidden).status == 404
    look(page, "4 not there")


def a_visit_is_logged_in_three_taps(page, rep, export, look):
    account = Account.objects.get(name=export.players.account)
    page.goto(account.get_absolute_url())
    expect(page.get_by_text("Visits, calls and notes appear here")).to_be_visible()
    look(page, "5 account")
    follow(page, page.get_by_role("link", name="Log", exact=True))
    page.get_by_label("Went well").check()
    look(page, "6 log a visit")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.get_by_text(f"Visit at {account} logged")).to_be_visible()
    expect(page.locator(".timeline li").filter(has_text=rep.name)).to_have_count(1)
    assert Activity.objects.filter(account=account, user=rep, outcome="well").count() == 1
    look(page, "7 account with visit")


def a_move_is_refused_filled_in_dragged_and_taken_back(page, deal, look):
    page.goto(reverse("pipeline:board"))
    prospecting, engaging = (column(page, name) for name in ("Prospecting", "Engaging"))
    before = count_in(engaging)
    look(page, "8 board")

    drag(page, deal, engaging)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("An open deal needs an amount, a close date and a next step with its date.")
    look(page, "9 move asks")
    dialog.get_by_role("button", name="Cancel").click()
    expect(prospecting.locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Prospecting"

    page.locator(f"#deal-{deal.pk}").focus()
    page.keyboard.press("ArrowRight")
    soon = (deal.owner.today + timedelta(days=5)).isoformat()
    for label, typed in (("Amount", "5000"), ("Close date", soon), ("Next step", "Show the new model")):
        dialog.get_by_label(label, exact=False).first.fill(typed)
    dialog.locator("[name=next_step_on]").fill(soon)
    dialog.get_by_role("button", name="Move to Engaging").click()
    expect(page.get_by_text(f"{deal} is now in Engaging.")).to_be_visible()
    expect(engaging.locator(f"#deal-{deal.pk}")).to_contain_text("Show the new model")
    assert (count_in(engaging), stage_of(deal)) == (before + 1, "Engaging")

    drag(page, deal, prospecting)
    expect(page.get_by_text(f"{deal} is now in Prospecting.")).to_be_visible()
    expect(prospecting.locator(f"#deal-{deal.pk}")).to_be_visible()
    look(page, "10 board after moves")
    undo(page, f"{deal} is now in Prospecting.")
    expect(engaging.locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Engaging"


def what_somebody_else_moved_meanwhile_goes_back(page, deal, manager, acting_as, look):
    with acting_as(manager, "pipeline:deal_move"):
        move_deal(deal=deal, stage=Stage.objects.get(name="Prospecting"), actor=manager)
    page.locator(f"#deal-{deal.pk}").focus()
    page.keyboard.press("ArrowRight")
    sentence = f"{manager} has moved this deal to “Prospecting” meanwhile."
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(column(page, "Engaging").locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Prospecting"
    look(page, "11 refused move")
    page.goto(deal.get_absolute_url())
    expect(page.locator("[aria-current=step]")).to_contain_text("Prospecting")
    expect(page.get_by_text("$5,000.00").first).to_be_visible()
    expect(page.locator("aside [hx-get*='/history/']")).to_contain_text(manager.name)
    look(page, "12 deal")


def column(page, name):
    return page.locator(f".board-column[data-name={name}]")


def count_in(column):
    return int(column.locator("[data-count]").inner_text().replace(",", ""))


def stage_of(deal):
    return Stage.objects.get(deals=deal).name


def drag(page, deal, column):
    """By hand, as a mouse does: a card begins to move only after a few pixels."""
    card = page.locator(f"#deal-{deal.pk}")
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + box["height"] - 6)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + box["height"], steps=4)
    column.locator(".board-cards").hover(position={"x": 60, "y": 20})
    column.locator(".board-cards").hover(position={"x": 66, "y": 26})
    page.mouse.up()


def undo(page, text):
    """Take back what the toast with `text` says. Pointed at, it stays."""
    toast = page.locator(".toast-item").filter(has_text=text)
    toast.hover()
    toast.get_by_role("button", name="Undo").click()


# ── the manager ──


def every_figure_of_the_review_is_its_rows(page, export, deal, look):
    rep, quarter = export.players.rep, quarter_of(date.fromisoformat(export.last_day))
    today = reverse("pipeline:review")
    counts = [len(export.of(rep, stage)) for stage in ("Prospecting", "Engaging")]
    compare_with_rows(page, today, rep, [*counts, sum(counts)], [Decimal(5000), Decimal(0), Decimal(5000)], look, "13 review")
    look(page, "14 rows of a figure")
    closed = {stage: export.of(rep, stage) for stage in ("Won", "Lost")}
    wins, losses = ([row for row in rows if quarter.covers(date.fromisoformat(row["close_date"]))] for rows in closed.values())
    won = sum(Decimal(row["close_value"]) for row in wins)
    counts = [len(export.of(rep, "Prospecting", "Engaging")), len(wins), len(losses)]
    past = f"{today}?as_of={export.last_day}&period=quarter"
    compare_with_rows(page, past, rep, counts, [None, won, Decimal(0)], look, "15 review of a past day", last=3)


def compare_with_rows(page, address, rep, counts, sums, look, name, last=None):
    """Click every figure in the row of `rep`: its list has as many rows and the same sum.

    `counts` and `sums` are what the files say of all figures, or of the `last` few; None is not compared.
    """
    figures = open_table(page, address).filter(has_text=rep).locator("a[data-figure]").count()
    look(page, name)
    found = []
    for index in range(figures - last if last else 0, figures):
        figure = open_table(page, address).filter(has_text=rep).locator("a[data-figure]").nth(index)
        shown = int(figure.get_attribute("data-figure")), sums_in(figure)
        follow(page, figure)
        foot = page.locator("#deals tfoot")
        assert (int(re.sub(r"\D", "", foot.locator("th").inner_text())), sums_in(foot)) == shown
        found.append((shown[0], sum(shown[1])))
    assert [count for count, _sum in found] == counts
    assert all(expected is None or expected == total for expected, (_count, total) in zip(sums, found, strict=True))


def open_table(page, address):
    page.goto(address)
    page.locator("details.review-table > summary").click()
    return page.locator(".review-table tbody tr")


def sums_in(element):
    return [Decimal(each.get_attribute("value")) for each in element.locator("data").all()]


# ── operations ──


def a_patch_passes_to_another_office(page, at_reps, at_strangers, export, stranger, look):
    players = export.players
    page.goto(reverse("territories:territory_list"))
    look(page, "16 territories")
    follow(page, page.get_by_role("link", name=f"{players.rep}'s patch"))
    look(page, "17 patch")
    follow(page, page.get_by_role("link", name="Give to…"))
    choose(page, "To", players.stranger)
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator(".preview")).to_contain_text(f"{len(export.accounts_of(players.rep))} account")
    look(page, "18 what changes")
    page.get_by_role("button", name="Reassign").click()
    said = page.locator(".toast-item").filter(has_text="hands")
    expect(said).to_be_visible()
    said.hover()
    account = Account.objects.get(name=players.account)
    assert covers(account) == players.stranger
    assert_sees(at_strangers, at_reps, account)
    undo(page, "hands")
    expect(page.get_by_text("taken back")).to_be_visible()
    assert covers(account) == players.rep
    assert_sees(at_reps, at_strangers, account)


def an_account_moves_to_another_office(page, at_reps, at_strangers, export, look):
    players = export.players
    page.goto(reverse("territories:territory_list"))
    follow(page, page.get_by_role("link", name=f"{players.rep}'s patch"))
    page.get_by_label(f"Select {players.account}").check()
    page.get_by_role("button", name="Move to…").click()
    choose(page, "To", f"{players.stranger}'s patch")
    page.get_by_label("Why").fill("Closer to the other office")
    page.get_by_role("button", name="Show what changes").click()
    look(page, "19 move an account")
    page.get_by_role("button", name="Reassign").click()
    expect(page.locator(".toast-item")).to_contain_text("1 account changes hands")
    page.locator(".toast-item").hover()
    account = Account.objects.get(name=players.account)
    assert_sees(at_strangers, at_reps, account)
    expect(at_strangers.get_by_text("Closer to the other office").first).to_be_visible()
    look(at_strangers, "20 account of the new office")
    undo(page, "1 account changes hands")
    expect(page.get_by_text("taken back")).to_be_visible()
    assert_sees(at_reps, at_strangers, account)


def choose(page, label, name):
    """Type into a combobox and take the option."""
    page.get_by_role("combobox", name=label).fill(name)
    page.get_by_role("option").filter(has_text=name).first.click()


def covers(account):
    return Coverage.objects.select_related("user").get(account=account, during__contains=account_day()).user.name


def account_day():
    return User.objects.first().today


def assert_sees(page, other, account):
    """`page` opens the account, and for `other` it is not there."""
    assert page.goto(account.get_absolute_url()).status == 200
    assert other.goto(account.get_absolute_url()).status == 404


# ── the night ──


def the_nightly_run_is_started_and_watched(page, processes, look):
    page.goto(reverse("home:runs"))
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("Running")).to_be_visible()
    look(page, "21 run started")
    processes["relay"].start()
    expect(page.get_by_text("No problems.")).to_be_visible(timeout=60_000)
    run = Run.objects.get()
    expect(page.get_by_role("status").filter(has_text="parts done")).to_have_text(f"{run.total} of {run.total} parts done")
    assert (run.state, run.done) == (run.State.DONE, run.total)
    look(page, "22 run done")


# ── pay ──


def a_statement_is_read_line_by_line(at_finance, at_reps, at_strangers, export, look):
    rep, month = export.players.rep, export.best_month(export.players.rep)
    pay = export.pay(rep, month)
    assert sum(export.won_in(rep, month)) > export.quota(rep)  # so that both rates pay
    statement = Statement.objects.get(user__name=rep, period__start=f"{month}-01")
    title = f"{statement.period.start:%B %Y}"

    at_finance.goto(reverse("commissions:statement_list"))
    look(at_finance, "23 months")
    while not at_finance.get_by_role("link", name=title).count():  # the months since lie before it
        follow(at_finance, at_finance.get_by_role("link", name="Next"))
    follow(at_finance, at_finance.get_by_role("link", name=title))
    look(at_finance, "24 statements of a month")
    follow(at_finance, at_finance.get_by_role("link", name=rep))
    assert_adds_up(at_finance, export.won_in(rep, month), pay)
    look(at_finance, "25 statement for finance")

    at_reps.goto(reverse("commissions:statement_list"))
    look(at_reps, "26 my pay")
    while not at_reps.get_by_role("link", name=title).count():
        follow(at_reps, at_reps.get_by_role("link", name="Next"))
    follow(at_reps, at_reps.get_by_role("link", name=title))
    assert urlsplit(at_reps.url).path == statement.get_absolute_url()
    assert_adds_up(at_reps, export.won_in(rep, month), pay)
    look(at_reps, "27 my statement")
    assert at_strangers.goto(statement.get_absolute_url()).status == 404


def assert_adds_up(page, won, pay):
    """The page says `pay`, and its lines are the deals won and add up to it."""
    expect(page.locator(".figure-number").first).to_have_text(f"${pay:,.2f}")
    details = page.locator("section.card details")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    rows = details.locator("tbody tr")
    expect(rows).to_have_count(len(won))
    lines = [row.locator("td").all_inner_texts() for row in rows.all()]
    assert sorted(number(line[-3]) for line in lines) == sorted(won)
    assert sum(number(line[-1]) for line in lines) == pay


def number(text):
    return Decimal(re.sub(r"[^\d.-]", "", text))
