"""The figures of handoffs between people or roles: how many, how fast, why not, and what became of them."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, DurationField, F, Q
from django.utils.translation import gettext as _

from pipeline.selections.handoffs import COUNTED, NO_PRODUCT
from pipeline.waiting import in_short
from salesorg.lib.aggregates import Median
from salesorg.people.models import User
from salesorg.people.roles import Role

MOST = 60  # pairs on the page; who wants all filters by team or period
GROUPS = {
    "people": ("giver", "taker", "giver__name", "taker__name", "taker_role"),
    "roles": ("giver_role", "taker_role"),
    "pipelines": ("deal__pipeline", "deal__pipeline__name"),
    "products": ("deal__product", "deal__product__name"),
}
OF_A_DAY = ("giver", "then_taker_id", "giver__name", "taker_role")  # people: whoever was to receive on the day looked at
COUNTS = ("offered", "waiting", "accepted", "returned", "decided", "contacted", "won", "closed", "kept", "churned")
RATES = {"acceptance": ("accepted", "decided"), "win_rate": ("won", "closed"), "churn": ("churned", "kept")}


@dataclass
class Row:
    """The figures of one pair, or of all; `query` is of the list that shows exactly these."""

    label: str
    values: dict
    query: dict

    def __getattr__(self, name):
        if name in RATES:
            part, whole = (self.values[each] for each in RATES[name])
            return Decimal(part) / whole if whole else None
        if name in self.values:
            return self.values[name]
        raise AttributeError(name)

    @property
    def decide_words(self):
        return in_short(self.values["decide"]) if self.values["decide"] is not None else ""

    @property
    def contact_words(self):
        return in_short(self.values["contact"]) if self.values["contact"] is not None else ""


def _aggregates(selection):
    counts = {name: Count("pk", filter=selection.condition(name)) if COUNTED[name][1] != Q() else Count("pk") for name in COUNTS}
    return counts | {
        "decide": Median(selection.column("decide_time"), output_field=DurationField()),
        "contact": Median(selection.column("contact_time"), output_field=DurationField()),
    }


def figures(handoffs, by, selection):
    """(Row of all, [Row of each group]) of the `handoffs` of `selection`, in two queries: pairs of people or roles,
    pipelines or products.
    """
    aggregates = _aggregates(selection)
    total = Row(_("All together"), handoffs.order_by().aggregate(**aggregates), {})
    columns = GROUPS[by] if not (selection.day and by == "people") else OF_A_DAY
    rows = handoffs.order_by().values(*columns).annotate(**aggregates).order_by(F("offered").desc(), *columns)
    shown = list(rows[:MOST])
    if columns is OF_A_DAY:
        names = dict(User.objects.filter(pk__in={row["then_taker_id"] for row in shown}).values_list("pk", "name"))
        shown = [row | {"taker": row["then_taker_id"], "taker__name": names.get(row["then_taker_id"])} for row in shown]
    return total, [_row(row, by) for row in shown]


def _row(values, by):
    if by == "pipelines":
        return Row(values["deal__pipeline__name"], values, {"pipeline": values["deal__pipeline"]})
    if by == "products":
        label = values["deal__product__name"] or _("without a product")
        return Row(label, values, {"product": values["deal__product"] or NO_PRODUCT})
    if by == "roles":
        giver, taker = Role(values["giver_role"]), Role(values["taker_role"])
        return Row(f"{giver.label} → {taker.label}", values, {"giver_role": int(giver), "taker_role": int(taker)})
    to = values["taker__name"] or _("anybody who is %(role)s") % {"role": Role(values["taker_role"]).label}
    query = {"giver": values["giver"], "taker_role": values["taker_role"]}
    return Row(f"{values['giver__name']} → {to}", values, query | ({"taker": values["taker"]} if values["taker"] else {}))


def reasons(handoffs, selection):
    """[(reason, how many)] of what was returned, the most frequent first."""
    found = handoffs.filter(selection.condition("returned")).order_by().values_list("reason").annotate(count=Count("pk"))
    return list(found.order_by("-count", "reason")[:20])


def definitions(total):
    """How each figure is made, as parts/why.html shows it."""
    left_out = [{"count": total.waiting, "rule": _("still waiting")}]
    return {
        "acceptance": {
            "id": "acceptance", "formula": _("accepted ÷ (accepted + returned)"), "rows_in": total.decided,
            "rows_out": [*left_out, {"count": total.offered - total.decided - total.waiting, "rule": _("withdrawn")}],
        },
        "decide": {
            "id": "decide", "formula": _("median of the receiver's working time from offer to answer"), "rows_in": total.decided,
            "rows_out": left_out,
        },
        "contact": {
            "id": "contact",
            "formula": _("median of the receiver's working time from acceptance to their first activity at the account"),
            "rows_in": total.contacted,
            "rows_out": [{"count": total.accepted - total.contacted, "rule": _("accepted, no contact yet")}],
        },
        "win_rate": {
            "id": "win", "formula": _("won ÷ (won + lost) of accepted deals"), "rows_in": total.closed,
            "rows_out": [{"count": total.accepted - total.closed, "rule": _("still open, or won before")}],
        },
        "churn": {
            "id": "churn", "formula": _("lost within 90 days of acceptance ÷ customers handed over 90 days ago or lost"),
            "rows_in": total.kept, "rows_out": [],
        },
    }  # fmt: skip
