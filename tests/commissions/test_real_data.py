"""The whole chain on a real company's deals: quotas, attainment and commission as another library computes them."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Sum
from django.db.models.functions import TruncMonth

from commissions.models import Credit, Quota, Statement

FILES = Path(settings.BASE_DIR).parent / "shared" / "data" / "crm_sales_opportunities"
pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason=f"the CRM export is not at {FILES}")


def by_the_files():
    """{agent: quota} and {(agent, month): (won value, commission in cents)}, from the files alone."""
    won = (
        pl.read_csv(FILES / "sales_pipeline.csv", try_parse_dates=True)
        .filter(pl.col("deal_stage") == "Won")
        .with_columns(month=pl.col("close_date").dt.truncate("1mo"), value=pl.col("close_value").cast(pl.Int64))
    )
    months = pl.date_range(won["month"].min(), won["month"].max(), "1mo", eager=True).len()
    step = 1000 * months
    quotas = won.group_by("sales_agent").agg(quota=(pl.col("value").sum() + step - 1) // step * 1000)
    paid = (
        won.group_by("sales_agent", "month")
        .agg(pl.col("value").sum())
        .join(quotas, on="sales_agent")
        .with_columns(below=pl.min_horizontal("value", "quota"))
        .with_columns(cents=5 * pl.col("below") + 8 * (pl.col("value") - pl.col("below")))
    )
    return (
        dict(quotas.iter_rows()),
        {
            (agent, month): (value, cents)
            for agent, month, value, cents in paid.select("sales_agent", "month", "value", "cents").rows()
        },
    )


def test_pay_of_every_agent_and_month_is_what_the_files_say(organisation, night, tmp_path):
    call_command("import_crm", str(FILES), report=tmp_path / "report.csv")
    call_command("set_quotas_from_history", plan=True)
    run = night(date(2018, 1, 2))
    quotas, expected = by_the_files()

    assert (run.counts["booked"], run.problems) == (4_238, [])
    assert Credit.objects.aggregate(total=Sum("amount"))["total"] == 10_005_534_00
    assert dict(Quota.objects.values_list("user__name", "amount")) == quotas
    credited = (
        Credit.objects.annotate(month=TruncMonth("on"))
        .values_list("payee__name", "month")
        .annotate(amount=Sum("amount"))
        .order_by()
    )
    assert {(name, month): amount for name, month, amount in credited} == {
        key: value * 100 for key, (value, _cents) in expected.items()
    }
    paid = Statement.objects.exclude(credited=0).values_list("user__name", "period__start", "total")
    assert {(name, month): total for name, month, total in paid} == {key: cents for key, (_value, cents) in expected.items()}
    assert Statement.objects.filter(credited=0).exclude(total=0).count() == 0

    again = night(date(2018, 1, 2))
    assert (again.counts["credits"], again.counts["entries"], again.counts["statements written"]) == (0, 0, 0)
