"""Reading an e-mail that somebody wrote to us: who seems to have sent it, whether that is proven, and what they say."""

import re
import uuid
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.parser import BytesParser
from email.utils import parseaddr
from html import unescape

READ = 1024 * 1024  # bytes of a message that are read: its words stand before its attachments
LONGEST = 5_000  # characters of its words that are kept
LONGEST_ADDRESS = 254
LONGEST_HEADER = 1_000  # characters that are read: of a long one the parser makes minutes
MOST_PARTS = 500
STUMBLES = (MessageError, LookupError, ValueError, AttributeError, TypeError, RecursionError)  # of the parser, over forgeries
NAMESPACE = uuid.UUID("6d1ab0b4-6a5b-4b0e-9a53-5d2a5ffb1f0a")  # of the numbers by which messages are stored once


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message says."""

    name: str
    address: str
    subject: str
    text: str
    attachments: int  # left out
    is_cut: bool  # its end was left out too
    is_proven: bool  # our own mail server says that the sender's domain sent it
    is_automatic: bool  # a program's answer, or a circular
    key: uuid.UUID  # the same for the same message


class BeginningsOfHeaders(policy.EmailPolicy):
    """Reads of each header no more than anybody writes."""

    def header_fetch_parse(self, name, value):
        return super().header_fetch_parse(name, value[:LONGEST_HEADER])


def read_letter(raw, *, trusted="", is_cut=False):
    """The Letter in `raw`, an RFC 5322 message or the beginning of one; None for what has no sender.

    `trusted` is the name under which our own mail server writes Authentication-Results; what anybody else wrote there is
    a claim of the sender's and proves nothing.
    """
    raw = b"\n--".join(raw.split(b"\n--", MOST_PARTS)[:MOST_PARTS])
    try:
        message = BytesParser(policy=BeginningsOfHeaders()).parsebytes(raw)
        parts = list(message.walk())
    except STUMBLES:
        return None
    name, address = _sender(message)
    if not address:
        return None
    return Letter(
        name=name,
        address=address,
        subject=_header(message, "Subject")[:300],
        text=_words(message)[:LONGEST],
        attachments=sum(1 for part in parts if _is_attachment(part)),
        is_cut=is_cut,
        is_proven=bool(trusted) and _is_proven(message, address.rpartition("@")[2], trusted),
        is_automatic=_is_automatic(message),
        key=uuid.uuid5(NAMESPACE, f"{address} {_header(message, 'Message-ID') or raw.hex()}"),
    )


def _header(message, name):
    """A header as clean text, "" when it is missing or cannot be read."""
    try:
        value = str(message.get(name, ""))
    except STUMBLES:
        return ""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", value.encode("utf-8", "replace").decode()).strip()


def _sender(message):
    name, address = parseaddr(_header(message, "From"))
    address = address.strip().lower()
    if len(address) > LONGEST_ADDRESS:
        return "", ""
    return (name.strip()[:100], address) if re.fullmatch(r"[^@\s,;<>]{1,64}@[a-z0-9.-]+\.[a-z0-9-]+", address) else ("", "")


def _is_attachment(part):
    try:
        return part.get_content_disposition() == "attachment"
    except STUMBLES:
        return False


def _words(message):
    """The words of the message: its plain text, else its HTML without tags."""
    try:
        part = message.get_body(preferencelist=("plain", "html"))
        text = part.get_content() if part else ""
    except STUMBLES:
        return ""
    if part and part.get_content_subtype() == "html":
        text = _shown(text)
    text = text.encode("utf-8", "replace").decode().replace("\x00", "").replace("\r\n", "\n")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _shown(html):
    """What a reader sees of `html`. Nothing here looks for an end twice, or a megabyte of beginnings would take hours."""
    for begin, end in ((r"<script\b", "</script>"), (r"<style\b", "</style>"), ("<!--", "-->")):
        pieces, at = [], 0
        while found := re.compile(begin, re.IGNORECASE).search(html, at):
            pieces.append(html[at : found.start()])
            closes = re.compile(end, re.IGNORECASE).search(html, found.end())
            at = closes.end() if closes else len(html)
        html = " ".join([*pieces, html[at:]])
    html = re.sub(r"(?i)<br\s{0,9}/?>|</p>|</div>", "\n", html)
    return unescape(re.sub(r"<[^<>]*>", " ", html))


def _is_proven(message, domain, trusted):
    """Whether our mail server found that `domain` sent this: DMARC passed, or DKIM or SPF for that very domain."""
    for name, value in message.raw_items():
        server, _separator, results = str(value).partition(";")
        if name.lower() == "authentication-results" and server.split()[:1] == [trusted]:
            # Ours stands on top; whatever stands below came with the message.
            return any(_proves(found.split(), domain) for found in _without_quotes(results[:5_000]).lower().split(";"))
    return False


def _without_quotes(results):
    """Without comments and quoted words: a sender's own address may hold "dmarc=pass"."""
    results = re.sub(r'"(?:[^"\\]|\\.)*"', "", results)
    while results != (results := re.sub(r"\([^()]*\)", " ", results)):
        pass
    return "" if '"' in results else results


def _proves(words, domain):
    """Whether one result, as "dkim=pass header.d=globex.example" in words, says that `domain` sent the message."""
    said = {name: value.rpartition("@")[2] for name, _equals, value in (word.partition("=") for word in words[1:])}
    if words[:1] == ["dmarc=pass"]:
        return said.get("header.from", domain) == domain
    return words[:1] in (["dkim=pass"], ["spf=pass"]) and domain in {
        said.get(name) for name in ("header.d", "header.i", "smtp.mailfrom")
    }


def _is_automatic(message):
    auto, bulk = _header(message, "Auto-Submitted").lower(), _header(message, "Precedence").lower()
    return (bool(auto) and auto != "no") or bulk in {"bulk", "list", "junk"} or bool(_header(message, "List-Id"))
