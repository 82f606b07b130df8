"""Asks every URL as every role for one's own, a teammate's and a stranger's record, and compares with the matrix."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from salesorg.people.roles import Role

from .kinds import KINDS
from .matrix import MATRIX

RELATIONS = ("own", "mate", "stranger")
DONE = {200, 204, 302, 422}  # answers to a POST of somebody who may; an empty form is refused with 422


def url_names(patterns, namespace=""):
    """Every name of the URLconf."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from url_names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"


def test_every_url_is_in_the_matrix():
    there = set(url_names(get_resolver().url_patterns))
    assert sorted(there - set(MATRIX)) == [], "add a line for each in tests/access/matrix"
    assert sorted(set(MATRIX) - there) == [], "these are no longer URLs"


def ask(browser, method, name, line, pk):
    """The answer, with whatever it changed taken back."""
    url = reverse(name, args=line.args(pk), query=line.query)
    with transaction.atomic():
        answer = browser.post(url, line.post) if method == "POST" else browser.get(url)
        transaction.set_rollback(True)
    return answer


def methods(line):
    return [*(["GET"] if line.get else []), *(["POST"] if line.post is not None else [])]


def expected(line, role, relation):
    """The statuses that are right for this role."""
    if role not in (line.may[relation] if isinstance(line.may, dict) else line.may):
        return {line.refused}
    if line.kind and role not in getattr(KINDS[line.kind], relation):
        return {404}
    return None


@pytest.mark.parametrize("name", MATRIX)
def test_who_may_open(name, world, browser_of):
    line = MATRIX[name]
    wrong = [*at_the_door(name, line)]
    others = {} if line.is_public else {relation: record_of(line, world[relation], relation) for relation in ("mate", "stranger")}
    absent = {}
    for role in () if line.is_public else Role:
        with transaction.atomic():  # a list of ten must not be filled by the roles before
            person = world[role.name]
            records = {"own": record_of(line, person, "own"), **others}
            wrong += as_role(name, line, role, browser_of(person), records, absent)
            transaction.set_rollback(True)
    assert wrong == [], "\n".join(wrong)


def at_the_door(name, line):
    """Without signing in."""
    pk = KINDS[line.kind].absent if line.kind else None
    for method in methods(line):
        answer = ask(Client(), method, name, line, pk)
        sent_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
        if sent_away == line.is_public:
            yield f"{method} without signing in: {answer.status_code}"


def record_of(line, person, relation):
    """The key of a new record of this person, of the kind that the line asks for or lists."""
    kind = line.kind or line.shows
    return KINDS[kind].make(person, f"Zq {relation}") if kind else None


def as_role(name, line, role, browser, records, absent):
    """What is wrong for one role. `absent` keeps, by method, how a record that is not there is answered: alike to everybody."""
    for method in methods(line):
        for relation in relations(line, role):
            answer = ask(browser, method, name, line, records[relation])
            right = expected(line, role, relation) or ({200} if method == "GET" else DONE)
            if answer.status_code not in right:
                yield f"{method} {role.label} {relation}: {answer.status_code}, not {sorted(right)}"
            elif answer.status_code == 404 and line.kind:
                if method not in absent:
                    absent[method] = ask(browser, method, name, line, KINDS[line.kind].absent)
                if absent[method].status_code != 404 or absent[method].content != answer.content:
                    yield f"{method} {role.label} {relation}: a hidden record can be told from an absent one"
            elif line.shows and answer.status_code == 200:
                yield from listed(line, role, answer.content.decode())


def relations(line, role):
    """Whose records are worth asking for: who may not at all is refused before any record is looked for."""
    refused = not isinstance(line.may, dict) and role not in line.may
    return RELATIONS[:1] if refused or not line.kind else RELATIONS


def listed(line, role, body):
    """A list shows what one may see and not a trace of the rest."""
    for relation in RELATIONS:
        sees = role in getattr(KINDS[line.shows], relation)
        if (f"Zq {relation}" in body) != sees:
            yield f"{role.label}: the {relation} {line.shows} is {'missing from' if sees else 'shown on'} the list"
