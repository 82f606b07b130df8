"""The row of tabs on the review: one list of its pages, each a page of its own that keeps the team one looks at."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# (URL name, label), in the order of the row. A page of the review adds itself here and passes `review_tabs(request)`.
PAGES = (
    ("pipeline:review", _("Review")),
    ("pipeline:forecast", _("Forecast")),
    ("pipeline:changes", _("What changed")),
    ("pipeline:win_rates", _("Win rates")),
    ("pipeline:conversion", _("Conversion")),
    ("pipeline:velocity", _("Velocity")),
    ("pipeline:coverage", _("Coverage")),
    ("pipeline:effort", _("Activity")),
    ("pipeline:sprint_call", _("Team call")),
)
KEPT = ("team", "as_of", "corrections")  # what the reader chose on one page and expects on the next


def review_tabs(request):
    """The tabs of pipeline/_review_tabs.html: {label, url, current}."""
    query = urlencode({name: request.GET[name] for name in KEPT if request.GET.get(name)})
    here = request.resolver_match.view_name
    return [
        {"label": label, "url": reverse(name) + (f"?{query}" if query else ""), "current": name == here} for name, label in PAGES
    ]
