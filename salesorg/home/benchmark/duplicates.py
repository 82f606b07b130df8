"""Measures the nightly search for duplicates on invented accounts of which some are planted twice, and takes them back."""

import random
from dataclasses import dataclass
from time import perf_counter

from django.db import connection, transaction

from accounts.models import Account, AccountPair
from accounts.services.duplicates import RULES, find_pairs, slices_of_names
from salesorg.home.generator import words
from salesorg.home.generator.rows import reserve
from salesorg.lib.db import copy_rows

SEED = 11
PLANTED = 0.05  # of the accounts are there twice
COLUMNS = ["id", "name", "domain", "phone", "street", "postal_code", "city", "country"]
REST = {"lifecycle": "prospect", "tier": "new", "is_key_account": False, "industry": "", "note": "", "version": 1}


@dataclass(frozen=True)
class Search:
    """`parts` are (rule, seconds, pairs compared); recall and precision are shares of the planted and of the found pairs."""

    accounts: int
    planted: int
    found: int
    parts: list
    recall: float
    precision: float

    @property
    def seconds(self):
        return sum(seconds for _rule, seconds, _compared in self.parts)

    @property
    def longest(self):
        return max(seconds for _rule, seconds, _compared in self.parts)


@transaction.atomic
def measure_search(count):
    """Search among `count` invented accounts, beside those that are there, and write nothing for good. Returns a Search."""
    rng, created = random.Random(SEED), Account._meta.get_field("created_at").get_default()
    rows, planted = invented(rng, reserve(Account, count))
    columns = [*COLUMNS, *REST, "created_at"]
    copy_rows(Account, columns, ((*row, *REST.values(), created) for row in rows), history=False)
    mine = {row[0] for row in rows}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_account")
    slices, parts = slices_of_names(), []
    rules = [{"rule": rule} for rule in RULES["accounts"]]
    rules += [{"rule": "slip", "slice": part, "slices": slices} for part in range(slices)]
    for rule in rules:
        began = perf_counter()
        counts = find_pairs(what="accounts", **rule)
        parts.append((rule["rule"], perf_counter() - began, counts["pairs compared"]))
    found = {pair for pair in AccountPair.objects.values_list("first_id", "second_id") if mine.issuperset(pair)}
    transaction.set_rollback(True)
    hits = len(found & planted)
    return Search(count, len(planted), len(found), parts, hits / len(planted), hits / max(len(found), 1))


def invented(rng, ids):
    """(rows in the order of COLUMNS, the planted pairs): companies that differ, and some of them as people type them again."""
    ids = list(ids)
    twins = int(len(ids) * PLANTED)
    names = rng.sample(range(len(words.COMPANY) ** 2 * len(words.TRADE)), len(ids) - twins)
    rows = [_company(rng, pk, number) for pk, number in zip(ids, names, strict=False)]
    planted = set()
    originals = rng.sample(range(len(rows)), twins)
    for i, (pk, original) in enumerate(zip(ids[len(rows) :], originals, strict=True)):
        rows.append((pk, *RETYPED[i % len(RETYPED)](rng, rows[original][1:])))
        planted.add((rows[original][0], pk))
    return rows, planted


def _company(rng, pk, number):
    first, number = words.COMPANY[number % len(words.COMPANY)], number // len(words.COMPANY)
    second, number = words.COMPANY[number % len(words.COMPANY)], number // len(words.COMPANY)
    trade = list(words.TRADE)[number]
    name = f"{first} {second} {trade} {rng.choice(words.FORM)}".strip()
    host = f"{first}{second}{trade}.example".lower() if rng.random() < 0.7 else ""
    phone = f"+1 {rng.randrange(201, 990)} {rng.randrange(200, 999)} {rng.randrange(10_000):04}" if rng.random() < 0.7 else ""
    street = f"{rng.randrange(1, 900)} {rng.choice(words.STREETS)}"
    return pk, name, host, phone, street, f"{rng.randrange(10_000, 99_999)}", "Denver", "United States"


def _slip(rng, name):
    """One letter left out, doubled, or changed places with the next."""
    at = rng.randrange(1, len(name) - 2)
    kind = rng.randrange(3)
    return name[:at] + (name[at + 1 :], name[at] + name[at:], name[at + 1] + name[at] + name[at + 2 :])[kind]


def _written_otherwise(rng, facts):
    return facts[0].upper() + ", Inc.", "", facts[2], "", "", "", facts[6]


def _slip_same_door(rng, facts):
    return _slip(rng, facts[0]), "", "", *facts[3:]


def _slip_same_domain_or_phone(rng, facts):
    kept = (facts[1], facts[2]) if facts[1] or facts[2] else ("", "+1 212 555 0199")
    return _slip(rng, facts[0]), *kept, "", "", "", facts[6]


def _words_turned(rng, facts):
    return " ".join(reversed(facts[0].split())), facts[1], facts[2], *facts[3:]


RETYPED = (_written_otherwise, _slip_same_door, _slip_same_domain_or_phone, _words_turned)
