"""Changing many rows at once: which ones a person chose, what will become of each, and the page that shows it before."""

import hashlib
import json
from dataclasses import dataclass, field

from django.core import signing
from django.db.models import Count, Sum
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .errors import DomainError
from .forms import refusal_shown_in
from .http import toast, undo_url
from .templatetags.salesorg import figure

MOST = 5_000  # rows at once: what one request does in seconds; more is done in the background, where a page offers that
MOST_LATER = 200_000  # rows in the background: what one undo takes back
LOOKED_AT = 1_000  # rows whose effect is shown of those
SHOWN = 8  # of the rows that change, and of those refused
SALT = "salesorg.lib.bulk"


@dataclass
class Plan:
    """What a change of many rows does to each of them."""

    changes: list = field(default_factory=list)  # (row as it will be, {column: value before})
    refused: list = field(default_factory=list)  # (row, why, in a sentence)
    same: int = 0  # are so already


@dataclass(frozen=True)
class Chosen:
    """The rows chosen: by their boxes, or all that a list shows; `token` carries the choice from page to page."""

    rows: object  # a queryset, within what the person may see
    count: int
    token: str
    words: str  # what the list shows, when all of it was chosen
    moved_on: bool  # the list has other rows now than when it was chosen

    @property
    def is_large(self):
        """Too many for one request."""
        return self.count > MOST

    @property
    def looked_at(self):
        """How many rows a preview goes through, from the first on."""
        return LOOKED_AT if self.is_large else MOST


def chosen_rows(request, visible, selected):
    """The Chosen of this request. `selected(params)` gives the queryset and the words of a list's address.

    Raises DomainError when it is too much.
    """
    asked = _asked(request)
    if "ids" in asked:
        rows, words = visible.filter(pk__in=asked["ids"]), ""
    else:
        rows, words = selected(QueryDict(asked["query"]))
        rows = visible.filter(pk__in=rows.order_by().values("pk"))
    count, total = rows.aggregate(count=Count("pk"), total=Sum("pk")).values()
    if count > MOST_LATER:
        words = {"most": figure(MOST_LATER), "count": figure(count)}
        raise DomainError(_("%(count)s rows are too many at once; the most is %(most)s. Filter the list further.") % words)
    mark = [count, str(total)]
    moved_on = "query" in asked and asked.get("mark", mark) != mark
    token = signing.dumps(asked | ({"mark": mark} if "query" in asked else {}), salt=SALT)
    return Chosen(rows, count, token, words, moved_on)


def _asked(request):
    if token := request.POST.get("chosen"):
        try:
            return signing.loads(token, salt=SALT)
        except (signing.BadSignature, json.JSONDecodeError, UnicodeError):
            return {"ids": []}
    if request.GET.get("all"):
        return {"query": request.GET.urlencode()}
    ids = {int(each) for each in request.GET.getlist("row")[: MOST + 1] if each.isascii() and each.isdecimal() and len(each) < 19}
    return {"ids": sorted(ids)}


def bulk_page(request, *, chosen, form, plan, change, later, words, to, title, breadcrumb):
    """The page that changes the rows `chosen`: asks what, shows what it would do, and does what it has shown.

    `plan(**facts)` and `change(**facts)` give a Plan, the second after writing it; `words(row, name, value)` says a value.
    Of more than MOST rows the first LOOKED_AT are planned, and `later(form)` begins the change and gives where it is followed.
    """
    context = {"chosen": chosen, "form": form, "title": title, "list_url": to, "list_name": breadcrumb}
    if not chosen.count or not form.is_bound or not form.is_valid():
        return render(request, "parts/bulk.html", context, status=422 if form.is_bound else 200)
    facts = form.facts()
    shown = _fingerprint(request, form)
    if "apply" in request.POST and request.POST.get("shown") == shown and not chosen.moved_on:
        with refusal_shown_in(form):
            if chosen.is_large:
                return redirect(later(form))
            done = change(**facts)
            count = len(done.changes)
            text = ngettext("%(count)s changed", "%(count)s changed", count) % {"count": figure(count)}
            if done.refused:
                text += " · " + _("%(count)s refused") % {"count": figure(len(done.refused))}
            return toast(request, text, undo=undo_url(request) if count else "", to=to)
    elif not form.errors:
        with refusal_shown_in(form):
            planned = plan(**facts)
            context |= {"plan": planned, "shown": shown, "samples": _samples(planned, words), "refused": planned.refused[:SHOWN]}
    status = 422 if form.errors or ("apply" in request.POST and chosen.moved_on) else 200
    return render(request, "parts/bulk.html", context, status=status)


def _fingerprint(request, form):
    """What was typed, so that nothing is done that was not shown."""
    typed = {name: request.POST.getlist(name) for name in sorted(form.fields)}
    return hashlib.sha256(json.dumps(typed).encode(errors="replace")).hexdigest()[:32]


def _samples(plan, words):
    """(row, [(words before, words after)]) of the first rows that change."""
    return [
        (row, [(words(row, name, value), words(row, name, getattr(row, name))) for name, value in before.items()])
        for row, before in plan.changes[:SHOWN]
    ]
