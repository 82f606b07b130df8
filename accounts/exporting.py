"""Taking records out as CSV or Excel: what a list shows by its filters, within what its person may see; and who did so.

An app above adds its own kinds in AppConfig.ready (`register`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Export, Import
from accounts.selections.accounts import AccountSelection, ActivitySelection, ContactSelection, coverers
from salesorg.jobs import outbox
from salesorg.lib.errors import DomainError
from salesorg.lib.sheets import csv_lines, workbook
from salesorg.people.roles import Action
from salesorg.people.speaking import speaking_to

from .importing.columns import KINDS
from .vcard import card_of

AT_ONCE = 500  # rows whose companions are read together
LARGE = 5000  # rows of a workbook that a worker makes, since a page would wait for it
MOST = 200_000  # rows of one file
TOPIC = "accounts.export"


@dataclass(frozen=True)
class Kind:
    """`select(user, query)` gives (queryset, words of the filters); `lines(rows, user)` gives a tuple for each of some rows.

    `card(row, host)` gives a row as a vCard, for those who are people.
    """

    label: str
    head: tuple
    select: Callable
    lines: Callable
    card: Callable | None = None

    @property
    def formats(self):
        return [each for each in Export.Format.values if each != Export.Format.VCF or self.card]


_kinds = {}


def register(name, kind):
    _kinds[name] = kind


def kind_of(name):
    """The Kind of this name, None when there is none."""
    return _kinds.get(name)


@transaction.atomic
def begin_export(*, kind, query, format, actor):
    """Note who takes out what. A large workbook is made by a worker, anything else is to be sent at once.

    Raises DomainError for somebody without the right, and for more rows than a spreadsheet is good for.
    """
    if not actor.may(Action.EXPORT):
        raise DomainError(_("You may not export records. Ask an administrator."))
    rows, words = _kinds[kind].select(actor, QueryDict(query))
    count = rows.order_by().count()
    if count > MOST:
        raise DomainError(
            _("These are %(count)s rows, more than the %(most)s of one file. Filter the list first.")
            % {"count": f"{count:,}", "most": f"{MOST:,}"}
        )
    export = Export.objects.create(user=actor, kind=kind, words=words[:1000], query=query, format=format, count=count)
    if is_large(export):
        outbox.publish(TOPIC, {"export": export.pk}, key=f"export {export.pk}")
    return export


def is_large(export):
    return export.format == Export.Format.XLSX and export.count > LARGE


@outbox.handles(TOPIC)
def make_workbook(payload):
    """Fill a large export, by what its person may see by now."""
    export = Export.objects.select_related("user").get(pk=payload["export"])
    with speaking_to(export.user):
        Export.objects.filter(pk=export.pk).update(content=workbook_of(export))


def workbook_of(export):
    """The bytes of the workbook; its second sheet says by which filters, by whom and when."""
    kind = _kinds[export.kind]
    return workbook(str(kind.label), kind.head, _rows(export), _facts(export))


def csv_of(export):
    """The CSV in pieces; its first lines say by which filters, by whom and when, and an import passes over them."""
    kind = _kinds[export.kind]
    return csv_lines(kind.head, _rows(export), remarks=[f"{what}: {value}" for what, value in _facts(export)])


def cards_of(export):
    """The vCards, one after the other."""
    card, host = _kinds[export.kind].card, urlsplit(settings.BASE_URL).hostname
    return (card(row, host=host) for some in _pieces(export) for row in some)


def _facts(export):
    return [
        (_("What"), export.words),
        (_("Rows"), export.count),
        (_("Exported by"), export.user.name),
        (_("On"), timezone.localtime(export.created_at).isoformat(" ", "minutes")[:16]),
        (_("Filters"), export.query or _("none")),
    ]


def _rows(export):
    for some in _pieces(export):
        yield from _kinds[export.kind].lines(some, export.user)


def _pieces(export):
    rows, _words = _kinds[export.kind].select(export.user, QueryDict(export.query))
    stream = rows.order_by("pk").iterator(chunk_size=AT_ONCE)
    while some := list(islice(stream, AT_ONCE)):
        yield some


def file_name(export):
    return f"{export.kind}-{timezone.localtime(export.created_at):%Y-%m-%d}.{export.format}"


# ── accounts, contacts, activities ──


def _labels(kind, *names):
    columns = KINDS[kind].columns
    return tuple(columns[name].label for name in names)


ACCOUNT_FIELDS = ("external_key", "name", "domain", "phone", "lifecycle", "is_key_account", "industry", "employees",
                  "annual_revenue", "potential", "potential_how", "potential_on", "founded", "street", "postal_code",
                  "city", "country", "note")  # fmt: skip
# The headings are those that an import understands, so that what was taken out can be mended and brought back.
ACCOUNT_HEAD = (*_labels(Import.Kind.ACCOUNTS, *ACCOUNT_FIELDS), gettext_lazy("Tier"), gettext_lazy("Covered by"))


def _accounts(user, query):
    selection = AccountSelection(query, user=user)
    return selection.accounts(), selection.words


def _account_lines(accounts, user):
    covered = coverers([account.pk for account in accounts], user)
    for account in accounts:
        facts = [getattr(account, name) for name in ACCOUNT_FIELDS]
        facts[4] = account.get_lifecycle_display()
        names = ", ".join(dict.fromkeys(each.user.name for each in covered.get(account.pk, ())))
        yield (*facts, account.get_tier_display(), names)


CONTACT_HEAD = (
    *_labels(Import.Kind.CONTACTS, "account.external_key", "account.name", "name", "position", "decision_role", "email", "phone",
             "do_not_contact"),
    gettext_lazy("No e-mail"),
    gettext_lazy("No calls"),
    gettext_lazy("No post"),
    gettext_lazy("Left on"),
)  # fmt: skip


def _contacts(user, query):
    selection = ContactSelection(query, user=user)
    return selection.contacts().select_related("account"), selection.words


def _contact_lines(contacts, user):
    for contact in contacts:
        yield (
            contact.account.external_key,
            contact.account.name,
            contact.name,
            contact.position,
            contact.get_decision_role_display() if contact.decision_role else "",
            contact.email,
            contact.phone,
            contact.do_not_contact,
            contact.do_not_contact or contact.refuses_email,
            contact.do_not_contact or contact.refuses_phone,
            contact.do_not_contact or contact.refuses_post,
            contact.left_on,
        )


ACTIVITY_HEAD = (
    *_labels(Import.Kind.ACTIVITIES, "account.external_key", "account.name", "kind", "done_at", "due_on", "subject", "note",
             "outcome", "user.email"),
    gettext_lazy("Met"),
)  # fmt: skip


def _activities(user, query):
    selection = ActivitySelection(query, user=user, state="done")
    return selection.activities().select_related("account", "user", "contact"), selection.words


def _activity_lines(activities, user):
    for each in activities:
        yield (
            each.account.external_key,
            each.account.name,
            each.get_kind_display(),
            each.done_at,
            each.due_on,
            each.subject,
            each.note,
            each.get_outcome_display() if each.outcome else "",
            each.user.email,
            each.contact.name if each.contact else "",
        )


register("accounts", Kind(gettext_lazy("Accounts"), ACCOUNT_HEAD, _accounts, _account_lines))
register("contacts", Kind(gettext_lazy("Contacts"), CONTACT_HEAD, _contacts, _contact_lines, card_of))
register("activities", Kind(gettext_lazy("Activities"), ACTIVITY_HEAD, _activities, _activity_lines))
