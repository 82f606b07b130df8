"""One search box: each app registers what it can find, and finds only what the person may see."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib.postgres.search import SearchQuery

from .db import no_whole_tables

_providers = []


@dataclass(frozen=True)
class Result:
    title: str
    detail: str
    url: str
    icon: str


@dataclass(frozen=True)
class Provider:
    """`find(user, text, limit)` returns Results, best first, narrowed by `visible_to(user)`."""

    label: str
    find: Callable


def register(label, find):
    """Called in AppConfig.ready; the groups of results come in the order of registration."""
    _providers.append(Provider(label, find))


def search(user, text, limit=6):
    """What `user` may see that matches `text`: (label, results) for each kind that has any."""
    text = " ".join(text.replace("\x00", " ").split())[:100]
    if len(text) < 2:
        return []
    found = ((provider.label, list(provider.find(user, text, limit))) for provider in _providers)
    return [(label, results) for label, results in found if results]


def answers_by_index(view):
    """A page whose address may hold words (`q`) looks them up in the indexes of words, however many rows have them.

    Of two letters that most rows match PostgreSQL would rather read all rows, taking the words of a row to cost next to
    nothing: two seconds for the 50,000 contacts of a company whose mail is at "mail.example".
    """

    @wraps(view)
    def answer(request, *args, **kwargs):
        if not request.GET.get("q"):
            return view(request, *args, **kwargs)
        with no_whole_tables():
            return view(request, *args, **kwargs)

    return answer


def prefix_query(text):
    """A full-text query in which every word of `text` may be the beginning of a word; None when there is no word in it.

    Words are what PostgreSQL's `simple` configuration makes of them; a phone number is searched by its digits alone.
    """
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 4 and not re.search(r"[^\d\s()+./-]", text):
        words = [digits]
    else:
        words = re.findall(r"\w+", text)
    return SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple") if words else None
