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


def read_letter(raw, *, trusted="", is_cut=False):
    """The Letter in `raw`, an RFC 5322 message or the beginning of one; None for what has no sender.

    `trusted` is the name under which our own mail server writes Authentication-Results; what anybody else wrote there is
    a claim of the sender's and proves nothing.
    """
    message = BytesParser(policy=policy.default).parsebytes(raw)
    name, address = _sender(message)
    if not address:
        return None
    return Letter(
        name=name,
        address=address,
        subject=_header(message, "Subject")[:300],
        text=_words(message)[:LONGEST],
        attachments=sum(1 for part in message.walk() if part.get_content_disposition() == "attachment"),
        is_cut=is_cut,
        is_proven=bool(trusted) and _is_proven(message, address.rpartition("@")[2], trusted),
        is_automatic=_is_automatic(message),
        key=uuid.uuid5(NAMESPACE, _header(message, "Message-ID") or raw.hex()),
    )


def _header(message, name):
    """A header as clean text, "" when it is missing or cannot be read."""
    try:
        value = str(message.get(name, ""))
    except (MessageError, ValueError, IndexError, AttributeError, TypeError):  # the parser stumbles over some forgeries
        return ""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", value.encode("utf-8", "replace").decode()).strip()


def _sender(message):
    name, address = parseaddr(_header(message, "From"))
    address = address.strip().lower()
    return (name.strip()[:100], address) if re.fullmatch(r"[^@\s,;<>]{1,64}@[a-z0-9.-]+\.[a-z0-9-]+", address) else ("", "")


def _words(message):
    """The words of the message: its plain text, else its HTML without tags."""
    try:
        part = message.get_body(preferencelist=("plain", "html"))
        text = part.get_content() if part else ""
    except (MessageError, LookupError, ValueError, KeyError, AttributeError, TypeError):
        return ""
    if part and part.get_content_subtype() == "html":
        text = re.sub(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->", " ", text)
        text = unescape(re.sub(r"(?s)<[^>]*>", " ", re.sub(r"(?i)<br\s*/?>|</p>|</div>", "\n", text)))
    text = text.encode("utf-8", "replace").decode().replace("\x00", "").replace("\r\n", "\n")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _is_proven(message, domain, trusted):
    """Whether our mail server found that `domain` sent this: DMARC passed, or DKIM or SPF for that very domain."""
    for value in message.get_all("Authentication-Results", []):
        server, _separator, results = str(value).partition(";")
        if server.split()[:1] != [trusted]:
            continue
        results = results.lower()
        if re.search(r"\bdmarc=pass\b", results):
            return True
        for found in re.findall(r"\b(?:dkim|spf)=pass\b([^;]*)", results):
            said = re.findall(r"(?:header\.d|header\.i|smtp\.mailfrom)=(?:[^\s;@]*@)?([a-z0-9.-]+)", found)
            if domain in said:
                return True
        return False  # ours stands on top; whatever stands below came with the message
    return False


def _is_automatic(message):
    auto, bulk = _header(message, "Auto-Submitted").lower(), _header(message, "Precedence").lower()
    return (bool(auto) and auto != "no") or bulk in {"bulk", "list", "junk"} or bool(_header(message, "List-Id"))
