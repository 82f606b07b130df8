"""Sprints: a week is committed, gets done by itself, and is closed; in unusual weeks too."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import InternalError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from accounts.models import Activity
from accounts.services import cancel_activity, complete_activity, log_activity, merge_accounts, plan_activity
from pipeline.models import Sprint, SprintItem
from pipeline.reports.sprints import capacities, with_outcomes
from pipeline.services import assign_deals, change_deal, move_deal
from pipeline.services.sprints import Decision, Pick, close_sprint, commit_items, drop_item, may_plan
from salesorg.audit.services import undo
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.people.models import Absence, Assistance, PublicHoliday
from salesorg.people.roles import Role
from salesorg.people.services.leaving import hand_over, undo_leaving

MONDAY = date(2026, 11, 16)
PAGE, PLAN, CALL_PAGE = "/sprints/", "/sprints/plan/", "/review/sprints/"


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(datetime(2026, 11, 18, 10, tzinfo=UTC), tick=True):
        yield


def at(days, hour=10):
    return time_machine.travel(datetime(2026, 11, 16, hour, tzinfo=UTC) + timedelta(days=days), tick=True)


@pytest.fixture
def planned(account_of):
    """planned(rita): a visit in her calendar for Thursday."""

    def make(user, kind="visit", account=None, days=3):
        account = account or account_of(user, f"Acme of {user}")
        return plan_activity(account=account, kind=kind, due_on=MONDAY + timedelta(days=days), actor=user)

    return make


@pytest.fixture
def deal(deal_of, rita):
    return deal_of(rita, next_step_on=date(2026, 11, 19), close_date=date(2026, 11, 20))


def commit(user, *picks, week=MONDAY, **more):
    more = more or {"user": user}
    return commit_items(week=week, picks=list(picks), actor=user, **more)


def facts(sprint):
    return [each.outcome.fact for each in with_outcomes(SprintItem.objects.filter(sprint=sprint).order_by("pk"))]


def carry(sprint, why="no_time"):
    return {each.pk: Decision(carry=True, why=why) for each in sprint.items.all()}


def test_what_is_committed_gets_done_by_what_really_happens(rita, planned, deal, stages, acting_as):
    visit, call = planned(rita), planned(rita, "call")
    picks = [Pick("call", activity=visit.pk), Pick("call", activity=call.pk), Pick("step", deal=deal.pk)]
    sprint, added = commit(rita, *picks, Pick("move", deal=deal.pk, stage=stages["Engaging"].pk))
    assert [(each.kind, each.doer) for each in added] == [(kind, rita) for kind in ("visit", "call", "step", "move")]
    assert facts(sprint) == ["waiting"] * 4
    log_activity(account=visit.account, kind="visit", outcome="well", actor=rita)  # not the planned one, at the same account
    complete_activity(activity=call, actor=rita)
    change_deal(deal=deal, actor=rita, next_step="Send the offer")
    move_deal(deal=deal, stage=stages["Engaging"], actor=rita)
    assert facts(sprint) == ["logged", "logged", "stepped", "moved"]


def test_two_tabs_that_commit_the_same_week_add_nothing_twice(rita, planned, deal):
    visit = planned(rita)
    picks = [Pick("visit", activity=visit.pk), Pick("step", deal=deal.pk)]
    first, _added = commit(rita, *picks)
    second, added = commit(rita, *picks, Pick("visit", activity=planned(rita).pk))
    assert first == second and len(added) == 1 and first.items.count() == 3


def test_what_is_in_the_pods_week_is_not_committed_again_in_the_own(rita, sam, teams, planned):
    """Each thing in a pod's common week has its own doer."""
    hers, his = planned(rita), planned(sam)
    _sprint, added = commit(rita, Pick("visit", activity=hers.pk), Pick("visit", activity=his.pk), team=teams["north"])
    assert [each.doer for each in added] == [rita, sam]
    assert commit(rita, Pick("visit", activity=hers.pk))[1] == []
    with pytest.raises(DomainError, match="with somebody else"):
        commit(rita, Pick("visit", activity=planned(sam).pk))  # not hers, and this is her own week


def test_what_strangers_have_committed_is_refused_like_what_there_is_not(rita, tom, planned, deal_of):
    visit, theirs = planned(tom), deal_of(tom)
    commit(tom, Pick("visit", activity=visit.pk), Pick("step", deal=theirs.pk))
    for pick in (Pick("visit", activity=visit.pk), Pick("step", deal=theirs.pk), Pick("step", deal=theirs.pk + 999)):
        with pytest.raises(DomainError, match="Look at the list again"):
            commit(rita, pick)


def test_a_week_that_is_over_cannot_be_planned_and_none_far_ahead(rita, planned):
    visit = planned(rita)
    for week in (MONDAY - timedelta(days=7), MONDAY + timedelta(days=35)):
        with pytest.raises(DomainError, match="running week"):
            commit(rita, Pick("visit", activity=visit.pk), week=week)
    assert commit(rita, Pick("visit", activity=visit.pk), week=MONDAY + timedelta(days=28))[1]


def test_closing_carries_over_and_drops_with_the_reason_and_freezes(rita, planned, deal, stages):
    done, late, lost = planned(rita), planned(rita), planned(rita)
    picks = [Pick("visit", activity=each.pk) for each in (done, late, lost)]
    sprint, items = commit(rita, *picks, Pick("move", deal=deal.pk, stage=stages["Engaging"].pk))
    complete_activity(activity=done, actor=rita)
    kept = Decision(carry=True, why="customer", note="After the fair")
    choices = {items[1].pk: kept, items[2].pk: Decision(carry=False, why="needless"), items[3].pk: kept}
    with pytest.raises(DomainError, match="Say what becomes of it"):
        close_sprint(sprint=sprint, decisions={}, actor=rita)
    closed = close_sprint(sprint=sprint, decisions=choices, actor=rita)
    assert (closed.done, closed.carried, closed.dropped, closed.closed_by) == (1, 2, 1, rita)
    later = Sprint.objects.get(user=rita, week=MONDAY + timedelta(days=7))
    came = list(later.items.order_by("pk"))
    assert [(each.activity or each.deal, each.times_carried, each.carried_from) for each in came] == [
        (late, 1, items[1]),
        (deal, 1, items[3]),
    ]
    # Frozen: for services, for the database, and whatever happens afterwards.
    complete_activity(activity=late, actor=rita)
    assert [each.is_done for each in with_outcomes(closed.items.order_by("pk"))] == [True, False, False, False]
    for change in (lambda: drop_item(item=items[1], why="away", actor=rita), lambda: commit(rita, picks[0])):
        with pytest.raises(DomainError, match="Rita closed this week"):
            change()
    for rows, changes in ((SprintItem.objects, {"state": "done"}), (Sprint.objects, {"done": 4})):
        with pytest.raises(InternalError), transaction.atomic():
            rows.filter(**{"sprint" if rows is SprintItem.objects else "pk": closed.pk}).update(**changes)


def test_carried_over_again_and_again_stands_still(rita, planned, as_user):
    visit = planned(rita)
    sprint, _items = commit(rita, Pick("visit", activity=visit.pk))
    for days in (4, 11):
        with at(days):
            close_sprint(sprint=sprint, decisions=carry(sprint), actor=rita)
            sprint = Sprint.objects.get(user=rita, closed_at=None)
    assert sprint.items.get().times_carried == 2
    with at(15):
        page = as_user(rita).get(PAGE, {"show": "still"}).content.decode()
    assert "Stuck" in page and "carried over 2 times" in page and visit.account.name in page


def test_a_week_closed_long_after_carries_over_to_the_running_one(rita, planned):
    visit = planned(rita)
    sprint, _items = commit(rita, Pick("visit", activity=visit.pk))
    with at(24):
        commit(rita, Pick("visit", activity=visit.pk), week=MONDAY + timedelta(days=21))
        close_sprint(sprint=sprint, decisions=carry(sprint), actor=rita)
    running = Sprint.objects.get(user=rita, week=MONDAY + timedelta(days=21))
    assert running.items.get().times_carried == 1  # it was committed there already: it only learns where it comes from


def test_a_week_is_not_closed_before_it_begins_nor_twice(rita, planned):
    sprint, _items = commit(rita, Pick("visit", activity=planned(rita, days=8).pk), week=MONDAY + timedelta(days=7))
    with pytest.raises(DomainError, match="not begun"):
        close_sprint(sprint=sprint, decisions=carry(sprint), actor=rita)
    with at(9):
        close_sprint(sprint=sprint, decisions=carry(sprint), actor=rita)
        with pytest.raises(DomainError, match="Rita closed this week on 25 Nov"):
            close_sprint(sprint=sprint, decisions=carry(sprint), actor=rita)


def test_what_was_lost_passed_on_cancelled_or_merged_gets_a_clear_answer(rita, sam, otto, planned, deal_of, account_of, stages):
    passed, lost = (deal_of(rita, next_step="Call", next_step_on=MONDAY) for _each in range(2))
    gone, merged = planned(rita), planned(rita)
    picks = [
        *(Pick("step", deal=each.pk) for each in (passed, lost)),
        *(Pick("visit", activity=each.pk) for each in (gone, merged)),
    ]
    sprint, items = commit(rita, *picks)
    assign_deals(deals=type(passed).objects.filter(pk=passed.pk), owner=sam, actor=otto)
    type(lost).objects.filter(pk=lost.pk).update(stage=stages["Lost"], status="lost", gate_debt=["loss_reason"])
    cancel_activity(activity=gone, actor=rita)
    kept = account_of(rita, "Kept")
    with acting(otto, "test"):
        merge_accounts(keep=kept, drop=merged.account, choices={}, actor=otto)
    assert SprintItem.objects.get(pk=items[1].pk).account == kept
    assert facts(sprint) == ["cancelled", "waiting", "passed_on", "lost"]
    with pytest.raises(DomainError, match="drop it"):
        close_sprint(sprint=sprint, decisions=carry(sprint), actor=rita)
    decisions = {each.pk: Decision(carry=each.pk == items[1].pk, why="needless") for each in items}
    assert close_sprint(sprint=sprint, decisions=decisions, actor=rita).dropped == 3


def test_a_deal_that_is_hidden_by_now_is_not_named(rita, tom, otto, deal, as_user, planned):
    commit(rita, Pick("step", deal=deal.pk), Pick("visit", activity=planned(rita).pk))
    deal.account.coverage.all().delete()
    deal.members.all().delete()
    type(deal).objects.filter(pk=deal.pk).update(owner=tom, name="Secret of the south")
    page = as_user(rita).get(PAGE).content.decode()
    assert "Secret" not in page and "A deal you may not open" in page and "with somebody else now" in page


def test_dropping_says_why_and_is_undone(rita, planned, as_user):
    sprint, [item] = commit(rita, Pick("visit", activity=planned(rita).pk))
    url = reverse("pipeline:sprint_item_drop", args=[item.pk])
    assert as_user(rita).post(url, {"why": ""}).status_code == 422
    with acting(rita, "test") as click:
        drop_item(item=item, why="waiting", actor=rita, note="For the contract")
    assert "Waiting for somebody: For the contract" in as_user(rita).get(sprint.get_absolute_url()).content.decode()
    undo(context=click.context, actor=rita)
    assert SprintItem.objects.get(pk=item.pk).is_open


def test_what_is_done_meanwhile_is_not_dropped_from_an_old_page(rita, planned, as_user):
    visit = planned(rita)
    _sprint, [item] = commit(rita, Pick("visit", activity=visit.pk))
    complete_activity(activity=visit, actor=rita)
    page = as_user(rita).post(reverse("pipeline:sprint_item_drop", args=[item.pk]), {"why": "no_time", "note": "Typed"})
    assert page.status_code == 422 and "This is done meanwhile" in page.content.decode() and "Typed" in page.content.decode()
    item.refresh_from_db()
    assert item.is_open


def test_a_form_commits_in_one_go_and_its_toast_takes_it_back(rita, planned, deal, stages, as_user):
    visit, browser = planned(rita), as_user(rita)
    page = browser.get(PLAN).content.decode()
    for ticked in (
        f'value="a{visit.pk}" id="a{visit.pk}" data-kind="visit" checked',
        f'value="s{deal.pk}"',
        f'value="m{deal.pk}"',
    ):
        assert ticked in page
    assert "Tick what you commit" in browser.post(PLAN, {}).content.decode()
    assert browser.post(PLAN, {"pick": ["a1x", "\x00", "m" + "9" * 30]}).status_code == 422
    assert browser.post(PLAN, {"pick": [f"m{deal.pk}"], f"stage_{deal.pk}": stages["Lost"].pk}).status_code == 422
    sent = {"pick": [f"a{visit.pk}", f"m{deal.pk}"], f"stage_{deal.pk}": stages["Won"].pk}
    page = browser.post(PLAN, sent, follow=True).content.decode()
    assert "2 committed for the week from" in page and "0 of 2 done" in page and "Undo" in page
    assert f'value="a{visit.pk}"' not in browser.get(PLAN).content.decode()


def test_closing_on_the_page_asks_why_and_one_reason_may_do_for_all(rita, planned, as_user):
    sprint, items = commit(rita, *(Pick("visit", activity=planned(rita).pk) for _each in range(2)))
    url, browser = reverse("pipeline:sprint_close", args=[sprint.pk]), as_user(rita)
    sent = {f"what_{items[0].pk}": "carry", f"what_{items[1].pk}": "drop", f"why_{items[1].pk}": "customer"}
    refused = browser.post(url, sent)
    assert refused.status_code == 422 and "Say why" in refused.content.decode()
    answer = browser.post(url, sent | {"why": "no_time"}, follow=True).content.decode()
    assert "0 done, 1 carried over, 1 dropped" in answer
    assert [each.why for each in sprint.items.order_by("pk")] == ["no_time", "customer"]
    assert "it stays as it is" in browser.get(url).content.decode()


# ── whose week ──


def test_whose_week_one_plans_and_sees(rita, sam, tom, mia, person, teams, planned, as_user):
    helper = person("hal", "north", Role.ASSISTANT)
    Assistance.objects.create(assistant=helper, principal=rita, during=DateRange(date(2020, 1, 1), None))
    assert [may_plan(each, user=rita) for each in (rita, helper, mia, sam, tom)] == [True, True, True, False, False]
    assert [may_plan(each, team=teams["north"]) for each in (rita, sam, mia, tom)] == [True, True, True, False]
    sprint, _items = commit(rita, Pick("visit", activity=planned(rita).pk))
    for url in (f"{PAGE}?person={rita.pk}", sprint.get_absolute_url(), f"{PAGE}?team={teams['north'].pk}"):
        assert as_user(mia).get(url).status_code == 200
        assert as_user(tom).get(url).status_code == 404
    with pytest.raises(DomainError, match="your own week"):
        commit_items(week=MONDAY, picks=[], user=rita, actor=sam)


def test_the_week_of_somebody_who_left_is_closed_by_the_leader(rita, mia, planned, as_user):
    sprint, [item] = commit(rita, Pick("visit", activity=planned(rita).pk))
    rita.memberships.all().end_before(date(2026, 11, 18))
    rita.is_active = False
    rita.save()
    browser = as_user(mia)
    page = browser.get(CALL_PAGE).content.decode()
    assert "Rita" in page and "left" in page
    assert browser.get(sprint.get_absolute_url()).status_code == 200
    with pytest.raises(DomainError, match="no longer works here"):
        close_sprint(sprint=sprint, decisions=carry(sprint), actor=mia)
    assert close_sprint(sprint=sprint, decisions={item.pk: Decision(False, "away")}, actor=mia).dropped == 1


def test_who_takes_over_has_what_was_committed_and_not_done(rita, sam, mia, ada, planned, deal):
    """With the visit and the deal themselves; what she did stays hers, and undoing the handover brings it all back."""
    visit, done = planned(rita), planned(rita)
    sprint, _items = commit(rita, Pick("visit", activity=visit.pk), Pick("visit", activity=done.pk), Pick("step", deal=deal.pk))
    complete_activity(activity=done, actor=rita)
    with acting(ada, "people:person_hand_over") as click:
        hand_over(person=rita, to=sam, on=rita.today, actor=ada)
    theirs = Sprint.objects.get(user=sam, week=MONDAY)
    assert [(each.kind, each.doer) for each in theirs.items.order_by("pk")] == [("visit", sam), ("step", sam)]
    assert facts(theirs) == ["waiting", "waiting"] and facts(sprint) == ["logged"]
    undo_leaving(context=click.context, actor=ada)
    assert sprint.items.count() == 3 and not Sprint.objects.filter(user=sam).exists()


# ── capacity ──


def log(user, account, kind, *days):
    for day in days:
        done_at = datetime(2026, 11, 16, 9, tzinfo=UTC) + timedelta(days=day)
        Activity.objects.create(account=account, kind=kind, user=user, done_at=done_at)


def test_what_the_week_holds_is_told_from_the_own_past(rita, sam, account_of, as_user):
    account = account_of(rita)
    log(rita, account, "visit", -7, -6, -14, -13, -12, -21, -20, -28, -27, -26)  # 2, 3, 2, 3 a week
    log(rita, account, "call", -28)
    PublicHoliday.objects.create(day=date(2026, 11, 17), name="Feast")
    Absence.objects.create(user=rita, during=DateRange(date(2026, 11, 19), date(2026, 11, 21)))
    found = capacities([rita, sam], MONDAY)
    assert (len(found[rita.pk].days), found[rita.pk].away, found[rita.pk].holidays) == (2, 2, 1)
    assert found[rita.pk].usually == {"visit": 1, "call": 0}  # 2.5 in five days: one in two
    assert found[sam.pk].usually == {"visit": None, "call": None}
    page = " ".join(as_user(rita).get(PLAN).content.decode().split())
    assert "2 working days · 2 days away · 1 public holiday. Such a week usually holds 1 visit and 0 calls." in page


def test_more_than_usual_warns_and_is_committed_all_the_same(rita, planned, account_of, as_user):
    log(rita, account_of(rita), "visit", -7, -14, -21)
    commit(rita, *(Pick("visit", activity=planned(rita).pk) for _each in range(3)))
    assert "3 visits are committed, more than the usual 1." in as_user(rita).get(PAGE).content.decode()


def test_a_week_of_absence_says_so(rita, mia, as_user):
    Absence.objects.create(user=rita, during=DateRange(MONDAY, MONDAY + timedelta(days=7)))
    assert "Away all week." in as_user(rita).get(PLAN).content.decode()
    assert "Nothing committed yet" not in as_user(mia).get(CALL_PAGE).content.decode()


def test_a_week_begins_by_the_clock_of_whoever_works_it(rita, planned):
    """On Sunday evening in New York it is Monday in Vienna: her week still runs, and what she logs belongs to it."""
    rita.time_zone = "America/New_York"
    rita.save()
    visit = planned(rita)
    sprint, _items = commit(rita, Pick("visit", activity=visit.pk))
    with at(7, hour=3):
        assert commit(rita, Pick("visit", activity=planned(rita).pk))[0] == sprint
        complete_activity(activity=visit, actor=rita)
        assert facts(sprint)[0] == "logged"


# ── the team call ──


def test_the_team_call_has_a_line_for_each_person_and_its_figures_lead_to_their_rows(rita, sam, mia, teams, planned, as_user):
    done, left = planned(rita), planned(rita)
    commit(rita, Pick("visit", activity=done.pk))
    commit(rita, Pick("visit", activity=left.pk), team=teams["north"])  # in the pod's week, and hers
    complete_activity(activity=done, actor=rita)
    browser = as_user(mia)
    page = browser.get(CALL_PAGE).content.decode()
    assert "Nothing committed yet:" in page and "Sam" in page
    url = f"{PAGE}?person={rita.pk}&amp;week=2026-11-16"
    assert f'<a href="{url}&amp;show=done" aria-label="1 done, Rita">1</a> / <a href="{url}"' in page
    assert done.account.name in browser.get(f"{PAGE}?person={rita.pk}&week=2026-11-16&show=done").content.decode()
    assert "0 / 2" not in browser.get(f"{PAGE}?person={rita.pk}&week=2026-11-16").content.decode()


def test_today_leads_to_the_week(rita, planned, as_user):
    browser = as_user(rita)
    assert "Plan your week" in browser.get("/sprints/today/").content.decode()
    commit(rita, Pick("visit", activity=planned(rita).pk))
    assert "0 of 1 done" in browser.get("/sprints/today/").content.decode()
    with at(7):
        assert "is not closed yet" in browser.get("/sprints/today/").content.decode()
