"""Putting documents into the library or to an account, new versions, sending them as links, and ordering printed ones."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Document, DocumentLink, DocumentTeam, DocumentVersion, PrintOrder
from salesorg.lib import files
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError

MOST_OPENINGS, WITHIN = 30, timedelta(minutes=1)  # of one link: a whole meeting may open it, a robot may not
LONGEST_LINK = 365  # days; what is out for longer is forgotten


@transaction.atomic
def add_document(*, upload, actor, account=None, teams=(), what_is_new="", **facts):
    """A new document with its first version: of the library, or of `account`. Returns the Document.

    Raises DomainError, naming the file, for one that is too large or of a kind that is not accepted.
    """
    accepted = files.document(upload)
    document = Document.objects.create(account=account, created_by=actor, **facts)
    DocumentTeam.objects.bulk_create(DocumentTeam(document=document, team=team) for team in teams)
    _add_version(document, accepted, what_is_new, actor)
    return document


@transaction.atomic
def add_version(*, document, upload, actor, what_is_new=""):
    """The next version of the document; the earlier ones stay as they are, and so does what was sent of them."""
    accepted = files.document(upload)
    return _add_version(Document.objects.select_for_update().get(pk=document.pk), accepted, what_is_new, actor)


def _add_version(document, accepted, what_is_new, actor):
    name = files.keep(accepted)
    last = document.versions.order_by("-number").first()
    if last is not None and last.file == name:
        raise DomainError(_("This file is version %(number)s already.") % {"number": last.number}, fields=["upload"])
    number = (document.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    return DocumentVersion.objects.create(
        document=document,
        number=number,
        file=name,
        file_title=accepted.title[:120],
        size=len(accepted.body),
        what_is_new=what_is_new,
        created_by=actor,
    )


@transaction.atomic
def change_document(*, document, actor, teams=None, **changes):
    """Write `changes` to the document; with `teams` also who may see it."""
    document = write(document, changes) if changes else document
    if teams is not None:
        wanted = {team.pk for team in teams}
        there = set(document.audience.values_list("team_id", flat=True))
        document.audience.filter(team_id__in=there - wanted).delete()
        DocumentTeam.objects.bulk_create(DocumentTeam(document=document, team_id=pk) for pk in sorted(wanted - there))
    return document


@transaction.atomic
def retire_document(*, document, actor):
    """Take a document out of use: it can no longer be sent, and links that are out stay as they are."""
    return write(document, {"retired_at": timezone.now()})


@transaction.atomic
def send_document(*, version, until, actor, account=None):
    """A link that opens this version, without signing in, to the end of the day `until`. Returns the DocumentLink."""
    if version.document.retired_at:
        raise DomainError(_("This document is no longer in use. Send its successor."))
    if account is not None and version.document.account_id not in (None, account.pk):
        raise DomainError(_("This document belongs to another account. It is not sent to this one."), fields=["account"])
    if not actor.today <= until <= actor.today + timedelta(days=LONGEST_LINK):
        raise DomainError(_("Choose a day from today to a year from now."), fields=["until"])
    ends = timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min), timezone.get_current_timezone())
    return DocumentLink.objects.create(version=version, account=account, created_by=actor, expires_at=ends)


def link_of(token):
    """The DocumentLink that an address names; None when nobody here has signed it.

    No person is asking, so there is no gate: whoever holds a link sees what that link is for, and nothing else.
    """
    key = DocumentLink.key_in(token)
    return None if key is None else DocumentLink.objects.select_related("version__document", "created_by").filter(pk=key).first()


def count_opening(link):
    """Count one opening; False when the link was opened too often just now."""
    return DocumentLink.objects.count_opening(link.pk, most=MOST_OPENINGS, within=WITHIN)


@transaction.atomic
def revoke_link(*, link, actor):
    """From now on the link opens nothing."""
    if not DocumentLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
        raise DomainError(_("This link has been withdrawn already."))
    return link


@transaction.atomic
def order_print(*, actor, **facts):
    """Note what was ordered in print. Returns the PrintOrder."""
    return PrintOrder.objects.create(**facts)
