"""Leads that arrive by e-mail: one letter in, one lead or none, and a sentence that says what became of it."""

from django.conf import settings
from django.utils.translation import gettext as _

from pipeline.letters import READ, read_letter
from pipeline.models import Arrival
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError

from .intake import receive_lead
from .sources import flooded

PIECE = 64 * 1024


class TryLater(DomainError):
    """The letter is not taken now; the mail server keeps it and brings it again."""


def receive_letter(*, stream, source, actor=None, now=None):
    """Read one message from `stream` (binary) and receive its lead. Returns what became of it, in a sentence.

    Only its beginning is kept in memory, however long it is. Raises TryLater when too many arrived just now, and
    DomainError for what is no message.
    """
    raw = stream.read(READ)
    length = len(raw)
    while piece := stream.read(PIECE):  # taken in to the end: a mail server that is cut off would bring it again
        length += len(piece)
    letter = read_letter(raw, trusted=settings.TRUSTED_MAIL_SERVER, is_cut=length > len(raw))
    if letter is None:
        raise DomainError(_("This is no message: it has no sender that could be answered."))
    if letter.is_automatic:
        return _("Left out: a program wrote it, or it went to many.")
    if flooded(source, now):
        raise TryLater(_("Too many leads arrived from %(source)s just now. Bring it again in a minute.") % {"source": source})
    with acting(actor, "receive_email"):
        received = receive_lead(
            source=source, path=Arrival.Path.EMAIL, company="", person=letter.name, email=letter.address, actor=actor, now=now,
            request="\n\n".join(filter(None, (letter.subject, letter.text)))[:5_000], warning=_warning(letter, length),
            client_id=letter.key,
        )  # fmt: skip
    return _("Received: %(lead)s.") % {"lead": received.lead}


def _warning(letter, length):
    """What whoever reads the letter ought to know, in sentences."""
    said = []
    if not letter.is_proven:
        said.append(_("The sender is not proven: this may not come from %(address)s.") % {"address": letter.address})
    if letter.attachments or letter.is_cut:
        size = {"mb": f"{length / 1024 / 1024:.1f}"}
        said.append(_("Attachments were left out (%(mb)s MB in all). Ask for them if you need them.") % size)
    return " ".join(said)[:300]
