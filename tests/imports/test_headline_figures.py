"""The real export in the database, figure by figure against the files as another library reads them."""

import polars
import pytest
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse

from accounts.models import Account, Coverage
from pipeline.models import Deal, DealVersion
from salesorg.people.models import Membership, Team, User
from salesorg.people.roles import Role
from tests.conftest import EVER
from tests.imports.rendered import count, percent, tables_of
from tests.imports.small_exports import real

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def folder():
    return real("crm_sales_opportunities")


@pytest.fixture(scope="module")
def deals(folder):
    """The deals as polars reads them, with each agent's office."""
    teams = polars.read_csv(folder / "sales_teams.csv").rename({"sales_agent": "agent"})
    rows = polars.read_csv(folder / "sales_pipeline.csv", try_parse_dates=True)
    return rows.rename({"sales_agent": "agent"}).join(teams, on="agent")


@pytest.fixture(scope="module")
def imported(django_db_setup, django_db_blocker, folder, tmp_path_factory):
    """One import for all tests here, taken back at the end."""
    from django.db import transaction

    with django_db_blocker.unblock():
        before = transaction.atomic()
        before.__enter__()
        call_command("import_crm", str(folder), report=tmp_path_factory.mktemp("crm") / "report.csv", verbosity=0)
        yield
        transaction.set_rollback(True)
        before.__exit__(None, None, None)


def by(frame, *keys):
    """{key: (deals, won value)} of the won deals in the files."""
    won = frame.filter(polars.col("deal_stage") == "Won")
    grouped = won.group_by(keys).agg(polars.len(), polars.col("close_value").sum())
    return {row[: len(keys)]: row[len(keys) :] for row in grouped.iter_rows()}


def ours(*keys):
    """The same from the database."""
    rows = Deal.objects.won().values_list(*keys).annotate(Count("pk"), Sum("amount")).order_by()
    return {row[: len(keys)]: (row[-2], int(row[-1])) for row in rows}


def test_the_headline_figures_are_those_of_the_files(imported, deals):
    in_files = {row[0]: row[1] for row in deals.group_by("deal_stage").len().iter_rows()}
    assert in_files == {"Won": 4238, "Lost": 2473, "Engaging": 1589, "Prospecting": 500}
    assert dict(Deal.objects.values_list("stage__name").annotate(Count("pk")).order_by()) == in_files
    assert sum(value for _count, value in by(deals, "agent").values()) == 10_005_534
    assert Deal.objects.won().aggregate(total=Sum("amount"))["total"] == 10_005_534


@pytest.mark.parametrize(
    ("theirs", "our"),
    [
        ("agent", "owner__name"),
        ("product", "product__name"),
        ("account", "account__name"),
        ("regional_office", "owner__memberships__team__parent__name"),
        ("manager", "owner__memberships__team__memberships__user__name"),
    ],
)
def test_won_deals_agree_by(imported, deals, theirs, our):
    rows = ours(our)
    if theirs == "manager":  # the pod's other members are agents
        managers = set(deals["manager"])
        rows = {key: value for key, value in rows.items() if key[0] in managers}
    assert rows == by(deals, theirs)


def test_won_deals_agree_by_month(imported, deals):
    in_files = by(deals.with_columns(month=polars.col("close_date").dt.truncate("1mo")), "month")
    months = Deal.objects.won().annotate(month=TruncMonth("close_date")).values_list("month").annotate(Count("pk"), Sum("amount"))
    assert {(month,): (count, int(total)) for month, count, total in months.order_by()} == in_files


def test_what_the_files_leave_out_is_owed(imported, deals):
    assert Deal.objects.filter(gate_debt__contains=["account"]).count() == deals["account"].null_count() == 1425
    assert Deal.objects.filter(gate_debt__contains=["amount"]).count() == deals["close_value"].null_count() == 2089


def test_each_past_day_shows_the_deals_engaged_by_then(imported, deals):
    from datetime import UTC, date, datetime, timedelta

    for day in (date(2016, 12, 31), date(2017, 6, 30), date(2017, 9, 30)):
        end = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC) - timedelta(seconds=1)
        engaged = deals.filter(polars.col("engage_date") <= day)
        open_then = engaged.filter(polars.col("close_date").is_null() | (polars.col("close_date") > day))
        versions = DealVersion.objects.on(end)
        assert versions.count() == len(engaged)
        assert versions.filter(stage__name="Engaging").count() == len(open_then)


def test_every_account_is_covered_by_the_agent_who_won_most_there(imported, deals):
    won = deals.filter((polars.col("deal_stage") == "Won") & polars.col("account").is_not_null())
    totals = (
        won.group_by("account", "agent")
        .agg(polars.col("close_value").sum())
        .sort(["close_value", "agent"], descending=[True, False])
    )
    best = {row["account"]: row["agent"] for row in totals.group_by("account", maintain_order=True).first().iter_rows(named=True)}
    assert dict(Coverage.objects.values_list("account__name", "user__name")) == best
    assert len(best) == Account.objects.count() == 85


# ── on the pages ──


@pytest.fixture
def reader(imported):
    """Somebody of sales operations in the imported company."""
    user = User.objects.create(email="reader@crm.example", name="Reader", started_on=EVER)
    team = Team.objects.get(kind=Team.Kind.COMPANY, parent=None)
    Membership.objects.create(user=user, team=team, role=Role.OPERATIONS, during=DateRange(EVER, None))
    return user


def closed_by(deals, key):
    """{key: (closed, won, lost, win rate)} of the files, in the words of a page."""
    closed = deals.filter(polars.col("deal_stage").is_in(["Won", "Lost"]))
    rows = closed.group_by(key).agg(
        polars.len().alias("closed"), (polars.col("deal_stage") == "Won").sum().alias("won"), polars.col("close_value").sum()
    )
    return {
        row[key]: (count(row["closed"]), count(row["won"]), count(row["closed"] - row["won"]), percent(row["won"], row["closed"]))
        for row in rows.iter_rows(named=True)
    }


@pytest.mark.parametrize(("by", "theirs"), [("owner", "agent"), ("product", "product"), ("team", "regional_office")])
def test_the_page_shows_the_win_rate_of_every(by, theirs, reader, deals, as_user):
    page = as_user(reader).get(reverse("pipeline:win_rates"), {"by": by, "period": "all", "all": "1"})
    table = tables_of(page)[0]
    assert table[0][:5] == [{"owner": "Rep", "product": "Product", "team": "Team"}[by], "Closed", "Won", "Lost", "Win rate"]
    shown = {row[0]: tuple(row[1:5]) for row in table[1:-1]}
    expected = closed_by(deals, theirs)
    if by == "team":  # the company and the teams of the managers stand there too
        shown = {name: figures for name, figures in shown.items() if name in expected}
    assert shown == expected
    assert table[-1][:5] == ["Together", "6,711", "4,238", "2,473", "63.2%"]


def test_the_page_shows_of_the_deals_engaged_in_a_quarter_how_many_were_won(reader, deals, as_user):
    from datetime import date

    days = {"entered_from": "2017-01-01", "entered_to": "2017-03-31"}
    page = as_user(reader).get(reverse("pipeline:conversion"), days | {"by": "owner", "all": "1"})
    engaged = deals.filter(polars.col("engage_date").is_between(date(2017, 1, 1), date(2017, 3, 31)))
    by_agent = engaged.group_by("agent").agg(polars.len().alias("all"), (polars.col("deal_stage") == "Won").sum().alias("won"))
    stage = tables_of(page)[0][0].index("Engaging")
    shown = {row[0]: row[stage] for row in tables_of(page)[0][1:]}
    assert shown == {row["agent"]: percent(row["won"], row["all"]) + count(row["all"]) for row in by_agent.iter_rows(named=True)}
