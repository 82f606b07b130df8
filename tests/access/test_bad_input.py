"""Sends nonsense to every URL of the matrix, as somebody who may ask it: each answers in words, and asking changes nothing.

The names come from the pages themselves: the fields of every form that a page shows, and whatever a module reads from
`request.GET` and `request.POST`.
"""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from salesorg.people.roles import Role

from .kinds import KINDS
from .matrix import MATRIX

NONSENSE = (
    "a\x00b",
    "9" * 5000,
    "99999999999999999999",
    "1e400",
    "<script>alert(1)</script>\u202e🦑",
    "9999-12-31",
    "NaN",
    "-1",
    "1900-01-01",
    "²",
)
WRITES = re.compile(r'\b(INSERT INTO|UPDATE|DELETE FROM) "(?!people_session|people_user)(\w+)"')
READS_OF_ADDRESS = re.compile(r"""(?:GET|POST)(?:\.get\(|\.getlist\(|\[)"(\w+)\"""")


def names_in_code():
    """Every parameter that some module reads by name."""
    found = set()
    for part in ("salesorg", "accounts", "territories", "pipeline", "commissions"):
        for path in Path(settings.BASE_DIR, part).rglob("*.py"):
            found.update(READS_OF_ADDRESS.findall(path.read_text()))
    return sorted(found - {"csrfmiddlewaretoken"})


NAMES = names_in_code()


def forms_of(answer):
    """Every form in the context of an answer, those of form sets one by one."""
    seen = {}
    for layer in (answer and answer.context) or ():
        for value in layer.flatten().values() if hasattr(layer, "flatten") else layer.values():
            if isinstance(value, forms.BaseFormSet):
                seen |= {id(each): each for each in (*value.forms, value.management_form)}
            elif isinstance(value, forms.BaseForm):
                seen[id(value)] = value
    return list(seen.values())


def plausible(field):
    """A value that this field takes."""
    if isinstance(field, forms.ModelChoiceField):
        first = field.queryset.first() if field.queryset is not None else None
        return "" if first is None else field.prepare_value(first)
    if isinstance(field, forms.ChoiceField):
        return next((str(value) for value, _words in field.choices if value not in ("", None)), "")
    kinds = (
        (forms.EmailField, "zq@x.example"),
        (forms.DateTimeField, "2026-03-02T10:00"),
        (forms.DateField, "2026-03-02"),
        (forms.IntegerField, "1"),
        (forms.DecimalField, "1"),
        (forms.FloatField, "1"),
        (forms.UUIDField, "7c2f9a52-1df8-4d4f-bd63-4f6a1d4b9f11"),
        (forms.BooleanField, "on"),
    )
    return next((value for kind, value in kinds if type(field) is kind or isinstance(field, kind)), "Zq qZ 1 correct horse")


def filled(form):
    """What a browser would send of this form, with something plausible where nothing stands yet."""
    data = {}
    for bound in form:
        value = bound.value()
        data[bound.html_name] = str(plausible(bound.field) if value in (None, "", []) else value)
    return data


def all_wrong(names):
    """Every name with some nonsense, and each name with each nonsense once."""
    for i in range(len(NONSENSE)):
        yield {name: NONSENSE[(i + k) % len(NONSENSE)] for k, name in enumerate(names)}


def one_wrong(values):
    """One field after the other, all others as they were: so it gets past the other fields."""
    for i, name in enumerate(values):
        yield {**values, name: NONSENSE[i % len(NONSENSE)]}


def someone_who_may(line):
    may = line.may["own"] if isinstance(line.may, dict) else line.may
    kind = KINDS[line.kind].own if line.kind else set(Role)
    return next((role for role in (Role.OPERATIONS, Role.MANAGER, *Role) if role in may and role in kind), Role.ADMINISTRATOR)


@contextmanager
def taken_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def writes_noted(into):
    def note(execute, sql, params, many, context):
        if found := WRITES.search(str(sql)):
            into.append(found.group())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield


@pytest.mark.long
@pytest.mark.parametrize("name", MATRIX)
def test_nonsense_is_answered_in_words(name, world, browser_of):
    line = MATRIX[name]
    role = someone_who_may(line)
    browser = Client() if line.is_public else browser_of(world[role.name])
    key = KINDS[line.kind].make(world[role.name], "Zq") if line.kind else None
    url = reverse(name, args=line.args(key))
    wrong, changes = [], []

    def send(method, values):
        try:
            with taken_back():
                answer = getattr(browser, method)(url, values)
        except Exception as error:  # whatever it is, it is what we look for
            wrong.append(f"{method} { {name: value[:20] for name, value in values.items() if value} }: {error!r:.300}")
            return None
        if answer.status_code >= 500 and name != "home:readyz":
            wrong.append(f"{method} { {name: value[:20] for name, value in values.items()} }: {answer.status_code}")
        return answer

    shown = forms_of(send("get", line.query)) if line.get else []
    if line.get:
        with writes_noted(changes):
            for values in all_wrong([*NAMES, *line.query, *(each.html_name for form in shown for each in form)]):
                send("get", values)
    if line.post is not None:
        asked = [form for form in shown if not hasattr(form, "defaults")] or forms_of(send("post", {}))
        values = {}
        for form in asked:
            values |= filled(form)
        values = values or dict.fromkeys(NAMES, "1")
        send("post", values)
        for spoilt in (*all_wrong(values), *one_wrong(values)):
            send("post", spoilt)
    assert wrong == [], "\n".join(wrong)
    assert changes == [], "asking must change nothing"
