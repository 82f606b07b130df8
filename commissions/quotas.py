"""What people's quotas say of a period: handed to the forecasts of the pipeline, which knows nothing of pay."""

from decimal import Decimal

from pipeline.reports import targets
from salesorg.lib.periods import months

from .models import Measure, Quota


def register():
    """Called in AppConfig.ready."""
    targets.register(quotas_in)


def quotas_in(user, period, currency):
    """{person id: sum of the quotas of the months in `period`} of the people whose quotas `user` may see.

    Of a period that ends before it begins: nobody's.
    """
    if period.until <= period.start:
        return {}
    starts = [month.start for month in months(period.start, period.last_day)]
    found = {}
    quotas = Quota.objects.visible_to(user).filter(
        measure=Measure.REVENUE, currency=currency, during__overlap=(period.start, period.until)
    )
    for person, amount, during in quotas.values_list("user_id", "amount", "during"):
        covered = sum(during.lower <= start and (during.upper is None or start < during.upper) for start in starts)
        found[person] = found.get(person, Decimal(0)) + amount * covered
    return found
