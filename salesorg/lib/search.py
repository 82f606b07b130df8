"""One search box: each app registers what it can find, and finds only what the person may see."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery

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
