"""A CRM export arrives with its past, its structure and its dirt; a second run changes nothing."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.models import Account, Coverage
from accounts.services import merge_accounts
from pipeline.models import Deal, DealMember, DealVersion, Product
from salesorg.audit.models import Change
from salesorg.home.demo import load_demo
from salesorg.people.models import Membership, Team, User
from salesorg.people.roles import Role
from territories.models import Placement, Seat
from territories.placement import check_coverage_agrees
from tests.imports.small_exports import CRM

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(write_files, run_import):
    return run_import("import_crm", write_files(CRM))


def state_on(deal, day):
    version = DealVersion.objects.get(deal__external_key=f"crm:deal:{deal}", during__contains=datetime(*day, 12, tzinfo=UTC))
    return version.stage.name, version.amount, version.close_date


def test_offices_become_regions_and_each_manager_leads_a_pod_of_agents(imported):
    pod = Team.objects.get(name="Max Boss's team")
    assert (pod.kind, pod.parent.name, pod.parent.kind, pod.parent.parent.kind) == ("pod", "Central", "region", "company")
    roles = Membership.objects.filter(team=pod).values_list("user__email", "role")
    assert set(roles) == {
        ("max.boss@crm.example", Role.MANAGER),
        ("ann.lee@crm.example", Role.AE),
        ("bob.ray@crm.example", Role.AE),
    }
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_accounts_keep_what_is_written_and_know_their_parent(imported):
    acme, bolt = Account.objects.get(name="Acme"), Account.objects.get(name="Bolt")
    assert (acme.industry, acme.annual_revenue, acme.founded) == ("technolgy", Decimal("1100040000"), 1996)
    assert (bolt.parent, bolt.country, bolt.lifecycle) == (acme, "Philipines", "customer")


def test_a_won_deal_can_be_opened_on_every_day_of_its_past(imported):
    assert not DealVersion.objects.filter(
        deal__external_key="crm:deal:D1", during__contains=datetime(2016, 10, 19, 12, tzinfo=UTC)
    ).exists()
    assert state_on("D1", (2016, 10, 20)) == state_on("D1", (2017, 2, 28)) == ("Engaging", None, None)
    assert state_on("D1", (2017, 3, 1)) == ("Won", 1054, date(2017, 3, 1))
    assert state_on("D5", (2017, 5, 1)) == ("Prospecting", None, None)  # it names no day: known from the export's last one
    assert not DealVersion.objects.filter(
        deal__external_key="crm:deal:D5", during__contains=datetime(2017, 4, 30, 12, tzinfo=UTC)
    ).exists()


def test_what_the_export_cannot_say_is_owed_by_each_deal(imported):
    debts = {deal.external_key[-2:]: sorted(deal.gate_debt) for deal in Deal.objects.all()}
    assert debts == {
        "D1": [],
        "D2": [],
        "D3": ["loss_reason"],
        "D4": ["account", "amount", "close_date", "next_step"],
        "D5": ["amount", "close_date", "next_step"],
        "D6": [],
    }


def test_the_owner_is_paid_the_whole_of_each_deal(imported):
    assert set(DealMember.objects.values_list("revenue_share", "role")) == {(10_000, Role.AE)}
    for member in DealMember.objects.select_related("deal"):
        assert member.user_id == member.deal.owner_id


def test_an_account_goes_to_the_agent_who_won_most_there_and_the_report_names_the_others(imported):
    _said, report = imported
    covered = {row.account.name: (row.user.name, row.is_first_contact) for row in Coverage.objects.all()}
    assert covered == {"Acme": ("Bob Ray", True), "Bolt": ("Ann Lee", True)}
    placed = Placement.objects.get(account__name="Acme")
    assert (placed.territory.name, placed.territory.parent.name) == ("Bob Ray's patch", "Central")
    others = {row["record"]: row["value"] for row in report if row["kind"] == "account with several sellers"}
    assert others == {
        "Acme": "Ann Lee (Central, 1 deals, 1,054 won)",
        "Bolt": "Bob Ray (Central, 1 deals, 0 won)",
    }


def test_a_tie_in_won_value_goes_to_the_first_by_name(write_files, run_import):
    tied = CRM["sales_pipeline.csv"].replace("4514.50", "1054")
    run_import("import_crm", write_files(CRM, {"sales_pipeline.csv": tied}))
    assert Coverage.objects.get(account__name="Acme").user.name == "Ann Lee"


def test_coverage_is_what_placements_and_lead_seats_say(imported):
    assert check_coverage_agrees(day=date(2017, 1, 1)) == []
    seats = dict(Seat.objects.filter(is_lead=True).values_list("territory_id", "user_id"))
    assert {row.account_id: row.user_id for row in Coverage.objects.all()} == {
        row.account_id: seats[row.territory_id] for row in Placement.objects.all()
    }
    assert Seat.objects.filter(user__name="Idle Ida").exists()


def test_dirt_is_reported_one_row_each_and_never_repaired(imported):
    said, report = imported
    assert Counter(row["kind"] for row in report) == {
        "unknown product": 1,
        "industry looks misspelt": 1,
        "unknown country": 1,
        "deal without account": 1,
        "open deal without close date and value": 2,
        "agent without deals": 1,
        "account with several sellers": 2,
        "no next steps in the export": 1,
        "no loss reasons in the export": 1,
    }
    product = next(row for row in report if row["kind"] == "unknown product")
    assert (product["file"], product["line"], product["value"]) == ("sales_pipeline.csv", "2", "GTXPro")
    assert Deal.objects.get(external_key="crm:deal:D1").product == Product.objects.get(name="GTXPro")
    assert "5 problems" not in said and "11 problems" in said


def test_a_dry_run_tells_the_same_and_keeps_nothing(write_files, run_import):
    before = Change.objects.count()
    rehearsed, _report = run_import("import_crm", write_files(CRM), "--dry-run")
    assert not Deal.objects.exists() and not User.objects.exists() and Change.objects.count() == before
    done, _report = run_import("import_crm", write_files(CRM))
    assert rehearsed == "Dry run: nothing was kept.\n" + done


def test_history_names_the_import_for_every_deal(imported):
    deal = Deal.objects.get(external_key="crm:deal:D1")
    change = Change.objects.get(table="pipeline_deal", row_id=deal.pk)
    assert (change.operation, change.cause, change.after["amount"]) == ("INSERT", "import_crm", 1054)
    assert DealVersion.objects.filter(deal=deal, cause="import_crm").count() == 2


def test_a_second_run_changes_nothing_and_leaves_no_trace_in_history(imported, write_files, run_import):
    before = Change.objects.count(), DealVersion.objects.count()
    said, report = run_import("import_crm", write_files(CRM))
    assert (Change.objects.count(), DealVersion.objects.count()) == before
    assert "6 there already" in said
    assert report == imported[1]


def test_a_second_run_leaves_what_people_did_since_and_reports_it(imported, write_files, run_import):
    deal = Deal.objects.get(external_key="crm:deal:D1")
    deal.amount = 2000
    deal.save(update_fields=["amount"])
    Coverage.objects.filter(account__name="Acme").update(user=User.objects.get(name="Idle Ida"))
    _said, report = run_import("import_crm", write_files(CRM))
    assert Deal.objects.get(pk=deal.pk).amount == 2000
    assert Coverage.objects.get(account__name="Acme").user.name == "Idle Ida"
    different = [row for row in report if row["kind"] == "differs from what is here"]
    assert [(row["record"], row["field"], Decimal(row["value"])) for row in different] == [("D1", "close_value", 2000)]


def test_an_account_that_was_merged_is_not_made_again(otto, write_files, run_import):
    run_import("import_crm", write_files(CRM))
    acme, bolt = Account.objects.get(name="Acme"), Account.objects.get(name="Bolt")
    merge_accounts(keep=acme, drop=bolt, choices={}, actor=otto)
    there = Account.objects.count()
    run_import("import_crm", write_files(CRM))
    assert (Account.objects.count(), Account.objects.filter(name="Bolt").exists()) == (there, False)


def test_later_files_add_what_is_new(imported, write_files, run_import):
    more = CRM["sales_pipeline.csv"] + "D7,Idle Ida,MG,Acme,Won,2017-05-02,2017-06-01,99\n"
    run_import("import_crm", write_files(CRM, {"sales_pipeline.csv": more}))
    assert Deal.objects.count() == 7
    assert state_on("D7", (2017, 5, 20)) == ("Engaging", None, None)


def test_a_region_and_a_person_who_are_here_already_are_joined_and_reported(teams, write_files, run_import):
    """The company of the tests has no Central; give it one, and Ann her own account."""
    central = Team.objects.create(name="Central", kind=Team.Kind.REGION, parent=teams["company"])
    ann = User.objects.create(name="Ann Lee", email="Ann.Lee@crm.example")
    _said, report = run_import("import_crm", write_files(CRM))
    assert Team.objects.get(name="Max Boss's team").parent == central
    assert Deal.objects.get(external_key="crm:deal:D1").owner == ann
    joined = [row["record"] for row in report if row["kind"] == "here already by that name"]
    assert joined == ["Central", "Ann Lee"]


def test_the_export_arrives_beside_the_demo(write_files, run_import):
    load_demo(now=datetime(2026, 11, 20, 15, tzinfo=UTC))
    run_import("import_crm", write_files(CRM, {"sales_teams.csv": CRM["sales_teams.csv"].replace("Central", "East")}))
    assert Coverage.objects.get(account__name="Acme").user.name == "Bob Ray"
    assert check_coverage_agrees(day=date(2026, 11, 20)) == []
