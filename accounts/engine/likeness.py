"""How likely two accounts, or two contacts, are one and the same. Pure: facts in, a score and its reasons out.

The rules, as they are told to whoever asks why a pair is shown. A score runs from 0 to 100; pairs from 60 on are shown.

Accounts. Names are compared without case, accents, punctuation and legal form. The same name counts 60, the same words in
another order 55, a name that differs by a slip of the finger 45, a similar one 25; names whose numbers differ ("Store 12"
and "Store 13") are different names. The same web domain counts 35, one that differs only in its ending (acme.com, acme.de)
20, the same phone 25, the same street and postal code 25. Against it speak: another web domain 10, another postal code and
city 15, another country 15. A parent and its subsidiary are two companies, however alike.

Contacts. The same e-mail counts 65 (a shared mailbox such as info@ only 20), the same name 35, a similar name or the same
with an initial ("J. Smith") 25, the same phone 25, the same account 25. Against it speak: names that have nothing in
common 30, and at the same account another e-mail 10.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

SHOWN_FROM = 60  # of 100: below it a pair is more often two companies than one
CERTAIN_FROM = 90
MOST = 100
# A pair that somebody called different comes back only when its facts have come so much closer since.
RETURNS_AFTER = 15

LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "as",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "gmbh",
        "inc",
        "incorporated",
        "kg",
        "limited",
        "llc",
        "llp",
        "ltd",
        "nv",
        "oy",
        "plc",
        "sa",
        "sarl",
        "se",
        "spa",
        "srl",
    ]
)
SHARED_MAILBOXES = frozenset(
    [
        "admin",
        "billing",
        "contact",
        "hello",
        "info",
        "mail",
        "office",
        "order",
        "orders",
        "purchasing",
        "sales",
        "service",
        "support",
    ]
)
# Half of the world has its mail there: the same domain says nothing about the company.
PUBLIC_DOMAINS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "yahoo.com",
        "icloud.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "web.de",
    ]
)
PHONE_DIGITS = 9  # from the right: country and area are written in many ways
SHORTEST_PHONE = 7
SIMILAR = 88  # per cent of rapidfuzz's ratio
NOTHING_IN_COMMON = 45
LONG_ENOUGH_FOR_A_SLIP = 5  # letters; of shorter names one letter is too much


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score` 0…100; `reasons` are codes that a page puts into words, strongest first."""

    score: int
    reasons: tuple


def plain(text):
    """Small letters and digits only, without accents, in words."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    return re.findall(r"[^\W_]+", bare)


@dataclass(frozen=True)
class AccountFacts:
    """What is compared of an account."""

    pk: int
    name: str
    domain: str = ""
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    parent: int | None = None

    @cached_property
    def words(self):
        words = plain(self.name)
        return [word for word in words if word not in LEGAL_FORMS] or words

    @cached_property
    def plain_name(self):
        return "".join(self.words)

    @cached_property
    def numbers(self):
        return sorted(re.findall(r"\d+", self.name))

    @cached_property
    def digits(self):
        return digits(self.phone)

    @cached_property
    def place(self):
        """Street and postal code as far as they tell a door from another; empty when one is missing."""
        return f"{self.postal_code.strip()} {street_key(self.street)}" if self.postal_code and street_key(self.street) else ""

    @cached_property
    def host(self):
        return "" if self.domain.lower() in PUBLIC_DOMAINS else self.domain.lower()


@dataclass(frozen=True)
class ContactFacts:
    """What is compared of a contact."""

    pk: int
    name: str
    email: str = ""
    phone: str = ""
    account: int | None = None

    @cached_property
    def words(self):
        return plain(self.name)

    @cached_property
    def digits(self):
        return digits(self.phone)

    @cached_property
    def mail(self):
        return self.email.strip().lower()


def digits(phone):
    """The digits by which phones are compared; empty for too few."""
    found = re.sub(r"\D", "", phone)
    return found[-PHONE_DIGITS:] if len(found) >= SHORTEST_PHONE else ""


def street_key(street):
    """House number and the first letters of the street, so that "12 Oak Street" is "12 Oak St."."""
    letters, numbers = "".join(re.findall(r"[^\W\d_]", street.lower()))[:4], "".join(re.findall(r"\d", street))
    return f"{numbers}{letters}" if letters and numbers else ""


def like_accounts(one, other):
    """The Likeness of two AccountFacts."""
    if one.parent == other.pk or other.parent == one.pk:
        return Likeness(0, ())
    found = [_names(one, other), _hosts(one, other)]
    if one.digits and one.digits == other.digits:
        found.append((25, "same_phone"))
    if one.place and other.place:
        if one.place == other.place:
            found.append((25, "same_address"))
        elif one.postal_code != other.postal_code and one.city.lower() != other.city.lower():
            found.append((-15, ""))
    if one.country and other.country and one.country.lower() != other.country.lower():
        found.append((-15, ""))
    return _added(found)


def may_become(typed, other):
    """True when the name typed so far is the beginning of the other's."""
    return len(typed.plain_name) >= LONG_ENOUGH_FOR_A_SLIP and other.plain_name.startswith(typed.plain_name)


def _names(one, other):
    if not one.plain_name or not other.plain_name:
        return 0, ""
    if one.plain_name == other.plain_name:
        return 60, "same_name"
    if one.numbers != other.numbers:
        return 0, ""
    if sorted(one.words) == sorted(other.words):
        return 55, "same_words"
    shortest = min(len(one.plain_name), len(other.plain_name))
    if shortest >= LONG_ENOUGH_FOR_A_SLIP and OSA.distance(one.plain_name, other.plain_name, score_cutoff=1) <= 1:
        return 45, "name_slip"
    ratio = fuzz.token_sort_ratio(" ".join(one.words), " ".join(other.words), score_cutoff=SIMILAR)
    return (25, "similar_name") if ratio else (0, "")


def _hosts(one, other):
    if not one.host or not other.host:
        return 0, ""
    if one.host == other.host:
        return 35, "same_domain"
    if one.host.rpartition(".")[0] == other.host.rpartition(".")[0]:
        return 20, "similar_domain"
    return -10, ""


def like_contacts(one, other):
    """The Likeness of two ContactFacts."""
    found = [_people(one, other)]
    together = one.account is not None and one.account == other.account
    if one.mail and one.mail == other.mail:
        shared = one.mail.partition("@")[0] in SHARED_MAILBOXES
        found.append((20 if shared else 65, "same_email"))
    elif one.mail and other.mail and together:
        found.append((-10, ""))
    if one.digits and one.digits == other.digits:
        found.append((25, "same_phone"))
    if together:
        found.append((25, "same_account"))
    return _added(found)


def _people(one, other):
    if not one.words or not other.words:
        return 0, ""
    if sorted(one.words) == sorted(other.words):
        return 35, "same_name"
    if _initials_fit(one.words, other.words):
        return 25, "similar_name"
    ratio = fuzz.token_sort_ratio(" ".join(one.words), " ".join(other.words))
    if ratio >= SIMILAR:
        return 25, "similar_name"
    return (-30, "") if ratio < NOTHING_IN_COMMON else (0, "")


def _initials_fit(one, other):
    """“J. Smith” and “Jane Smith”: the same last word, and the first ones begin alike, one of them being an initial."""
    if len(one) < 2 or len(other) < 2 or one[-1] != other[-1]:
        return False
    return one[0][0] == other[0][0] and 1 in (len(one[0]), len(other[0]))


def same_person(one, other):
    """Beyond doubt: the same name, and neither e-mail nor phone says otherwise. Accounts are not asked."""
    if sorted(one.words) != sorted(other.words) or not one.words:
        return False
    other_mail = one.mail and other.mail and one.mail != other.mail
    other_phone = one.digits and other.digits and one.digits != other.digits
    return not other_mail and (not other_phone or one.mail == other.mail != "")


def _added(found):
    score = max(0, min(MOST, sum(points for points, _reason in found)))
    speaking = sorted(((points, reason) for points, reason in found if points > 0 and reason), key=lambda each: -each[0])
    return Likeness(score, tuple(reason for _points, reason in speaking))
