"""Statements of a month as CSV for payroll."""

import csv

from django.http import HttpResponse

from salesorg.lib.money import from_minor
from salesorg.lib.sheets import BOM, safe

HEADER = ("name", "e-mail", "month", "currency", "plan", "won value", "quota", "commission", "state")


def statements_csv(statements, period):
    """A response with one row per statement; figures in major units."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="statements-{period}.csv"'
    response.write(BOM)
    writer = csv.writer(response)
    writer.writerow(HEADER)
    for each in statements:
        plan = each.snapshot["plan"]
        writer.writerow(
            [
                safe(each.user.name),
                safe(each.user.email),
                period,
                each.currency,
                safe(f"{plan['name']} {plan['number']}") if plan else "",
                from_minor(each.credited, each.currency),
                "" if each.quota is None else from_minor(each.quota, each.currency),
                from_minor(each.total, each.currency),
                each.state,
            ]
        )
    return response
