"""Which proposal wins: of the last sent version of each, how many were opened, accepted and rejected."""

from django.db.models import Count, Q

from pipeline.models import ProposalLine
from pipeline.selections.proposals import BANDS, CAME, came_to, in_band


def counts(by=""):
    """The aggregates that count what became of versions; `by` is the way to the version."""
    return {what: Count(f"{by}pk", filter=_through(came_to(what), by), distinct=bool(by)) for what in CAME}


def together(versions):
    return versions.aggregate(**counts())


def by_seller(versions):
    """[(seller's key, name, {what: count})], the busiest first."""
    rows = versions.order_by().values("sent_by", "sent_by__name").annotate(**counts()).order_by("-sent", "sent_by__name")
    return [(row["sent_by"], row["sent_by__name"], row) for row in rows]


def by_versions(versions):
    """[(number of the last sent version, {what: count})]: how often it was written anew."""
    return [(row["number"], row) for row in versions.order_by().values("number").annotate(**counts()).order_by("number")]


def by_band(versions):
    """[(band of discount, {what: count})], those without any left out."""
    came = {what: came_to(what) for what in CAME}
    tells = {f"{key}_{what}": Count("pk", filter=in_band(key) & came[what]) for key, *_band in BANDS for what in CAME}
    found = versions.aggregate(**tells)
    rows = [(key, {what: found[f"{key}_{what}"] for what in CAME}) for key, *_band in BANDS]
    return [(key, row) for key, row in rows if row["sent"]]


def by_product(versions):
    """[(product's key, name, {what: count})] of proposals that name it; one that names several stands with each of them."""
    lines = ProposalLine.objects.filter(version__in=versions.order_by().values("pk")).exclude(product=None)
    rows = lines.order_by().values("product", "product__name").annotate(**counts("version__"))
    return [(row["product"], row["product__name"], row) for row in rows.order_by("-sent", "product__name")]


def reasons(versions):
    """[(reason as the customer wrote it, how often)], the most frequent first."""
    said = versions.filter(state="rejected").order_by().values("reason").annotate(times=Count("pk"))
    return [(row["reason"], row["times"]) for row in said.order_by("-times", "reason")]


def _through(condition, by):
    return Q(*((f"{by}{name}", value) for name, value in condition.children)) if by else condition
