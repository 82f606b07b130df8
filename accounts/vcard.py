"""vCards: contacts as a phone's address book writes and reads them. No database.

Written as version 4.0 (RFC 6350), with the N that readers of 3.0 insist on; read from 2.1 to 4.0.
"""

import quopri
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from salesorg.lib.errors import DomainError

LARGEST_FILE = 2 * 1024**2  # bytes; photos in cards are passed over
MOST_CARDS = 500
LONGEST_LINE = 75  # bytes before a line is folded


@dataclass(frozen=True)
class Card:
    """What is read of one card."""

    name: str
    position: str = ""
    email: str = ""
    phone: str = ""


def card_of(contact, *, host):
    """The text of one contact's card. Of somebody not to be contacted it holds no address, and says so."""
    account = contact.account
    family, given = _parts_of(contact.name)
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"UID:contact-{contact.pk}@{host}",
        f"FN:{escaped(contact.name)}",
        f"N:{escaped(family)};{escaped(given)};;;",
        f"ORG:{escaped(account.name)}",
    ]
    if contact.position:
        lines.append(f"TITLE:{escaped(contact.position)}")
    if phone := contact.phone_to_call:
        lines.append(f"TEL;TYPE=work:{escaped(phone)}")
    if email := contact.email_to_write_to:
        lines.append(f"EMAIL;TYPE=work:{escaped(email)}")
    if not contact.refusal("post") and any(account.address):
        place = (account.street, account.city, "", account.postal_code, account.country)
        lines.append("ADR;TYPE=work:;;" + ";".join(map(escaped, place)))
    if refusals := dict.fromkeys(filter(None, map(contact.refusal, ("", "phone", "email", "post")))):
        lines.append(f"NOTE:{escaped(' '.join(map(str, refusals)))}")
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCARD"])


def _parts_of(name):
    """(family name, given names): the last word is the family's, which is right more often than not."""
    given, _space, family = name.rpartition(" ")
    return family, given


def escaped(text):
    """Text as a value of a card: no mark of it can be taken for the card's own."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return re.sub(r"\r\n|\r|\n", r"\\n", text)


def folded(line):
    """A line in pieces of at most 75 bytes, the next ones behind a space; no character is torn apart."""
    pieces, piece = [], b""
    for letter in map(str.encode, line):
        if len(piece) + len(letter) > LONGEST_LINE:
            pieces.append(piece)
            piece = b" "
        piece += letter
    return b"\r\n".join([*pieces, piece]).decode()


def read_cards(content):
    """The Cards of a file. Raises DomainError for what is too large or holds none."""
    if len(content) > LARGEST_FILE:
        raise DomainError(_("This file is larger than 2 MB. Export fewer contacts at once."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    lines = re.sub(r"\r?\n[ \t]", "", text.replace("\x00", "")).splitlines()
    cards, found = [], None
    for line in _whole(lines):
        head, colon, value = line.partition(":")
        name, *parameters = head.upper().split(";")
        name = name.rpartition(".")[2]
        if name == "BEGIN" and value.strip().upper() == "VCARD":
            found = {}
        elif name == "END" and found is not None:
            cards.append(_card(found))
            found = None
        elif found is not None and colon:
            if "ENCODING=QUOTED-PRINTABLE" in parameters or "QUOTED-PRINTABLE" in parameters:
                value = quopri.decodestring(value.encode()).decode("utf-8", "replace")
            found.setdefault(name, value)
        if len(cards) > MOST_CARDS:
            raise DomainError(_("There are more than %(most)d cards. Export fewer contacts at once.") % {"most": MOST_CARDS})
    if not cards:
        raise DomainError(_("There is no contact in this file. A vCard file (.vcf) is expected."))
    return cards


def _whole(lines):
    """Lines of the old kind go on after a “=” at their end."""
    pieces = []  # of the line that goes on; joined once, since a file may be one line of a hundred thousand pieces
    for piece in lines:
        if piece.endswith("=") and (pieces or "QUOTED-PRINTABLE" in piece.upper()):
            pieces.append(piece[:-1])
            continue
        yield "".join([*pieces, piece])
        pieces = []


def _card(found):
    family, given, *_rest = [*_split(found.get("N", "")), "", ""]
    name = unescaped(found.get("FN", "")) or f"{given} {family}".strip()
    phone = _without_scheme(unescaped(found.get("TEL", "")))
    email = _without_scheme(unescaped(found.get("EMAIL", "")))
    organisation = next(iter(_split(found.get("ORG", ""))), "")
    return Card(name=name or email or organisation, position=unescaped(found.get("TITLE", "")), email=email, phone=phone)


def _without_scheme(value):
    """Version 4.0 may write a number or an address as a link."""
    return re.sub(r"^[a-z]+:", "", value, flags=re.IGNORECASE)


def _split(value):
    return [unescaped(part) for part in re.split(r"(?<!\\);", value)]


def unescaped(value):
    """The words of a value, in one line."""
    value = re.sub(r"\\(.)", lambda mark: " " if mark[1] in "nN" else mark[1], value)
    return " ".join(value.split())
