"""A marketing funnel arrives as leads on anonymous prospects; those won know their SDR, their seller and their deal."""

from datetime import UTC, date, datetime

import polars
import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.urls import reverse

from accounts.models import Account, Coverage
from pipeline.models import Deal, DealMember, DealVersion, Lead
from salesorg.audit.models import Change
from salesorg.people.models import Membership, User
from salesorg.people.roles import Role
from tests.imports.rendered import count, days, percent, tables_of
from tests.imports.small_exports import CLOSED, FUNNEL, LEADS, real

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(write_files, run_import):
    return run_import("import_funnel", write_files(FUNNEL))


def lead(name):
    return Lead.objects.get(external_key=f"funnel:lead:{name}")


def person(name):
    return User.objects.get(external_key=f"funnel:person:{name}")


def test_every_lead_is_kept_on_a_prospect_without_a_name(imported):
    open_lead = lead("a3")
    assert (open_lead.account.name, open_lead.account.lifecycle) == ("Anonymous a3", "prospect")
    assert (open_lead.source.name, open_lead.first_contact_on, open_lead.outcome) == ("email", date(2018, 3, 22), "open")
    assert Account.objects.count() == 4


def test_a_won_lead_names_its_sdr_its_seller_and_its_deal(imported):
    won = lead("a1")
    assert (won.sdr, won.seller, won.outcome, won.decided_on) == (person("p1"), person("p2"), "qualified", date(2018, 2, 26))
    assert (won.segment, won.lead_type, won.behaviour_profile) == ("pet", "online_medium", "cat, wolf")
    assert (won.deal.owner, won.deal.status, won.deal.amount, won.deal.currency) == (person("p2"), "won", None, "BRL")
    assert won.deal.gate_debt == ["amount"]
    assert won.account.lifecycle == "customer"
    members = DealMember.objects.filter(deal=won.deal).values_list("user", "role", "revenue_share")
    assert set(members) == {(person("p2").pk, Role.AE, 10_000), (person("p1").pk, Role.SDR_INBOUND, 0)}


def test_the_seller_covers_what_was_won_from_that_day(imported):
    coverage = Coverage.objects.get(account=lead("a1").account)
    assert (coverage.user, coverage.role, coverage.source, coverage.during.lower) == (
        person("p2"),
        Role.AE,
        "handoff",
        date(2018, 2, 26),
    )


def test_a_deal_is_won_from_its_very_moment_on(imported):
    version = DealVersion.objects.get(deal=lead("a1").deal)
    assert version.during.lower == datetime(2018, 2, 26, 19, 58, tzinfo=UTC) and version.during.upper is None


def test_one_person_may_qualify_and_sell(imported):
    assert set(Membership.objects.filter(user=person("p1")).values_list("role", flat=True)) == {Role.SDR_INBOUND, Role.AE}
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_what_is_missing_or_cannot_be_is_kept_and_reported(imported):
    _said, report = imported
    assert lead("a2").source.name == "unknown"
    assert {(row["kind"], row["record"], row["line"]) for row in report} == {
        ("lead without origin", "a2", "3"),
        ("win without lead_behaviour_profile", "a4", "3"),
        ("won before first contact", "a4", "3"),
        ("column left out", "", ""),
        ("no deal values in the funnel", "", ""),
    }


def test_a_dry_run_tells_the_same_and_keeps_nothing(write_files, run_import):
    before = Change.objects.count()
    rehearsed, _report = run_import("import_funnel", write_files(FUNNEL), "--dry-run")
    assert Change.objects.count() == before and not Lead.objects.exists()
    done, _report = run_import("import_funnel", write_files(FUNNEL))
    assert rehearsed == "Dry run: nothing was kept.\n" + done


def test_a_second_run_changes_nothing(imported, write_files, run_import):
    before = Change.objects.count(), DealVersion.objects.count()
    _said, report = run_import("import_funnel", write_files(FUNNEL))
    assert (Change.objects.count(), DealVersion.objects.count()) == before
    assert report == imported[1]


def closed(line):
    return {CLOSED: f"{FUNNEL[CLOSED]}{line}\n"}


REFUSALS = {
    "a date in another order": ({LEADS: FUNNEL[LEADS].replace("20-10-2017", "2017-10-20")}, [LEADS, "line 3", "31-03-2018"]),
    "no first contact": ({LEADS: FUNNEL[LEADS].replace("20-10-2017", "")}, [LEADS, "line 3, first_contact_date", "empty"]),
    "a win without its lead": (closed("zz,s,p1,p2,26-02-2018 19:58,pet,x,cat,"), [CLOSED, "line 4, mql_id", "“zz”", LEADS]),
    "a win without its seller": (closed("a3,s,p1,,26-02-2018 19:58,pet,x,cat,"), [CLOSED, "line 4, sr_id", "empty"]),
    "a win without a day": (closed("a3,s,p1,p2,,pet,x,cat,"), [CLOSED, "line 4, won_date", "empty"]),
    "a lead won twice": (closed("a1,s1,p1,p2,27-02-2018 19:58,pet,x,cat,"), [CLOSED, "line 4, mql_id", "line 2"]),
    "a missing file": ({CLOSED: None}, [CLOSED, "not in the folder"]),
    "a quote that never closes": (closed('a3,"s,p1,p2,26-02-2018 19:58,pet,x,cat,'), [CLOSED, "never closed"]),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_funnel_is_refused_for(case, write_files):
    changes, expected = REFUSALS[case]
    with pytest.raises(CommandError) as refused:
        call_command("import_funnel", str(write_files(FUNNEL, changes)))
    for part in [*expected, "Nothing was imported."]:
        assert part in str(refused.value)
    assert not Lead.objects.exists()


def test_the_real_funnel_agrees_with_its_files(run_import, otto, as_user):
    folder = real("olist_funnel")
    run_import("import_funnel", folder)
    leads, wins = polars.read_csv(folder / LEADS), polars.read_csv(folder / CLOSED)
    assert Lead.objects.count() == len(leads) == 8000
    assert Deal.objects.won().count() == Lead.objects.filter(outcome="qualified").count() == len(wins) == 842
    by_origin = leads.join(wins.select("mql_id", "won_date"), on="mql_id", how="left").with_columns(
        polars.col("origin").fill_null("unknown")
    )
    theirs = by_origin.group_by("origin").agg(polars.len(), polars.col("won_date").count())
    ours = Lead.objects.values_list("source__name").annotate(Count("pk"), Count("deal")).order_by()
    assert set(ours) == set(theirs.iter_rows())
    sellers = {f"funnel:person:{row[0]}": row[1] for row in wins.group_by("sr_id").len().iter_rows()}
    assert dict(Deal.objects.values_list("owner__external_key").annotate(Count("pk")).order_by()) == sellers

    # The same on the page, as it is read there, and where every figure leads to its rows.
    answer = as_user(otto).get(reverse("pipeline:lead_figures", query={"all": "landing_page"}))
    page, (of_origins, of_pages, _pairs) = answer.context, tables_of(answer)
    won_by = {key: (count(leads), count(won), percent(won, leads)) for key, leads, won in theirs.sort("origin").iter_rows()}
    assert {row[0]: (row[1], row[4], row[5]) for row in of_origins[1:-1]} == won_by
    of_pages_in_files = by_origin.group_by("landing_page_id").agg(polars.len(), polars.col("won_date").count())
    assert {row[0]: (row[1], row[4], row[5]) for row in of_pages[1:-1]} == {
        key or "none noted": (count(leads), count(won), percent(won, leads)) for key, leads, won in of_pages_in_files.iter_rows()
    }
    joined = by_origin.with_columns(polars.col("landing_page_id").fill_null(""))
    for table, column in zip(page["tables"], ("origin", "landing_page_id"), strict=True):
        shown = {(row["name"], row["cells"][0][0], row["cells"][3][0]) for row in table["rows"]}
        assert shown == set(joined.group_by(column).agg(polars.len(), polars.col("won_date").count()).iter_rows())
    day = polars.col("won_date").str.to_datetime("%d-%m-%Y %H:%M").dt.date()
    first = polars.col("first_contact_date").str.to_date("%d-%m-%Y")
    won = wins.join(leads, on="mql_id").with_columns(days=(day - first).dt.total_days())
    theirs = won.group_by("sdr_id", "sr_id").agg(
        polars.len(), polars.col("days").median().alias("median"), polars.col("days").mean()
    )
    answer = as_user(otto).get(reverse("pipeline:lead_figures", query={"all": "pairs"}))
    pairs = answer.context["pairs"]["rows"]
    named = {external[14:]: name for external, name in User.objects.values_list("external_key", "name") if external}
    read = sorted((row[0], row[1], row[2], row[3], row[4]) for row in tables_of(answer)[2][1:-1])
    assert read == sorted(
        (named[sdr], named[seller], count(won), days(median).removesuffix(".0"), days(mean))
        for sdr, seller, won, median, mean in theirs.iter_rows()
    )
    ours = {
        (row["sdr"].external_key[14:], row["seller"].external_key[14:]): (
            row["pair"].won,
            row["pair"].median_days,
            row["pair"].mean_days,
        )
        for row in pairs
    }
    assert ours.keys() == {row[:2] for row in theirs.iter_rows()}
    for row in theirs.iter_rows():
        assert ours[row[:2]] == pytest.approx(row[2:])
