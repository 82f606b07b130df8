"""The library of documents: finding, adding, new versions, showing full screen, sending, and what hangs at an account."""

from csp.decorators import csp_replace, csp_update
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.documents import (
    AccountDocumentEditForm,
    AccountDocumentForm,
    DocumentForm,
    NewDocumentForm,
    SendForm,
    VersionForm,
)
from accounts.models import Account, Document, DocumentLink, DocumentVersion
from accounts.selections.documents import DocumentSelection
from accounts.services.documents import add_document, add_version, change_document, retire_document, revoke_link, send_document
from salesorg.lib.files import served
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

SHOWN = 50  # versions, links and documents of an account that a page shows
# A file answers with a policy of its own: it runs nothing, and only our own pages may frame it. The browser's viewer of
# PDFs puts the file into an object of its own, with styles of its own.
OF_A_FILE = {"default-src": ["'none'"], "object-src": ["'self'"], "style-src": ["'unsafe-inline'"], "frame-ancestors": ["'self'"]}


def _documents(request):
    return Document.objects.visible_to(request.user)


def latest_versions(user, documents):
    """{document id: its latest version}, in one query."""
    rows = DocumentVersion.objects.visible_to(user).filter(document__in=[document.pk for document in documents])
    return {row.document_id: row for row in rows.order_by("number")}


@require_safe
@requires(Action.READ_RECORDS)
def document_list(request):
    """The library."""
    selection = DocumentSelection(request.GET, user=request.user)
    page = page_of(selection.documents(), ("title", "pk"), request.GET.get("after", ""))
    latest = latest_versions(request.user, page.rows)
    context = {
        "selection": selection,
        "page": page,
        "rows": [(document, latest.get(document.pk)) for document in page.rows],
        "chips": selection.chips(),
        "others_q": selection.besides("q"),
        "may_edit": request.user.may(Action.EDIT_DOCUMENTS),
    }
    return render(request, "accounts/document_list.html", context)


@FORM_METHODS
@requires(Action.EDIT_DOCUMENTS)
def document_new(request):
    """Put a document into the library."""
    form = NewDocumentForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and (document := form.saved_by(add_document)):
        text = _("%(document)s is in the library") % {"document": document}
        return toast(request, text, undo=undo_url(request), to=document.get_absolute_url())
    return render(request, "accounts/document_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@requires(Action.READ_RECORDS)
def document_detail(request, pk):
    """One document: its versions, who may see it, and under which links it was sent."""
    document = get_object_or_404(_documents(request).select_related("account", "created_by"), pk=pk)
    links = DocumentLink.objects.visible_to(request.user).filter(version__document=document)
    versions = DocumentVersion.objects.visible_to(request.user).filter(document=document).select_related("created_by")
    context = {
        "document": document,
        "versions": list(versions.order_by("-number")[:SHOWN]),
        "links": links.select_related("version", "account", "created_by").order_by("-pk")[:SHOWN],
        "teams": [each.team for each in document.audience.select_related("team").order_by("team__name")],
        "roles": [label for value, label in document._meta.get_field("roles").base_field.choices if value in document.roles],
        "may_edit": _may_edit(request.user, document),
        "may_send": request.user.may(Action.LOG_ACTIVITY) and not document.retired_at,
        "base": request.build_absolute_uri("/")[:-1],
    }
    return render(request, "accounts/document_detail.html", context)


def _may_edit(user, document):
    return user.may(Action.EDIT_ACCOUNTS if document.account_id else Action.EDIT_DOCUMENTS)


def _editable(request, pk):
    """The document, for who may change it: one of an account with the account, one of the library by who keeps it."""
    document = get_object_or_404(_documents(request), pk=pk)
    if not _may_edit(request.user, document):
        raise PermissionDenied
    return document


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def document_edit(request, pk):
    """Change what a document is called and who may see it."""
    document = _editable(request, pk)
    kind = AccountDocumentEditForm if document.account_id else DocumentForm
    form = kind(request.POST or None, instance=document, user=request.user)
    if request.method == "POST" and form.saved_by(change_document, document=document):
        text = _("%(document)s saved") % {"document": document}
        return toast(request, text, undo=undo_url(request), to=document.get_absolute_url())
    context = {"form": form, "document": document}
    return render(request, "accounts/document_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def document_version_new(request, pk):
    """Add the next version; the earlier ones stay."""
    document = _editable(request, pk)
    form = VersionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            version = add_version(document=document, actor=request.user, **form.cleaned_data)
            text = _("%(document)s is now at version %(number)s") % {"document": document, "number": version.number}
            return toast(request, text, undo=undo_url(request), to=document.get_absolute_url())
    context = {"form": form, "document": document, "new_version": True}
    return render(request, "accounts/document_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_ACCOUNTS)
def document_retire(request, pk):
    """Take a document out of use."""
    document = _editable(request, pk)
    retire_document(document=document, actor=request.user)
    text = _("%(document)s is no longer in use") % {"document": document}
    return toast(request, text, undo=undo_url(request), to=document.get_absolute_url())


# ── showing ──


@require_safe
@requires(Action.READ_RECORDS)
@csp_update({"frame-src": ["'self'"]})
def document_show(request, pk):
    """One version on the whole screen, to be turned to a customer."""
    version = get_object_or_404(DocumentVersion.objects.visible_to(request.user).select_related("document"), pk=pk)
    if not version.can_be_shown:
        return redirect("accounts:document_file", version.pk)
    return render(request, "accounts/document_show.html", {"version": version, "document": version.document})


@require_safe
@requires(Action.READ_RECORDS)
@xframe_options_sameorigin
@csp_replace(OF_A_FILE)
def document_file(request, pk):
    """The bytes of one version."""
    version = get_object_or_404(DocumentVersion.objects.visible_to(request.user), pk=pk)
    return served(request, version.file, title=version.file_title, download="save" in request.GET)


# ── sending ──


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def document_send(request, pk):
    """Make a link that opens one version until a day."""
    version = get_object_or_404(DocumentVersion.objects.visible_to(request.user).select_related("document"), pk=pk)
    form = SendForm(request.POST or None, user=request.user, initial={"account": version.document.account_id})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            send_document(version=version, actor=request.user, **form.cleaned_data)
            text = _("The link is ready: copy it below.")
            return toast(request, text, undo=undo_url(request), to=version.document.get_absolute_url() + "#links")
    context = {"form": form, "version": version, "document": version.document}
    return render(request, "accounts/document_send.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.LOG_ACTIVITY)
def link_revoke(request, pk):
    """Withdraw a link: by who sent it, or by who keeps the document."""
    link = get_object_or_404(DocumentLink.objects.visible_to(request.user).select_related("version__document"), pk=pk)
    document = link.version.document
    if link.created_by_id != request.user.pk and not _may_edit(request.user, document):
        raise PermissionDenied
    revoke_link(link=link, actor=request.user)
    return toast(request, _("The link opens nothing any more"), undo=undo_url(request), to=document.get_absolute_url())


# ── at an account ──


@require_safe
@requires(Action.READ_RECORDS)
def account_documents(request, pk):
    """The panel of an account: its own documents, and what was sent to it."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    documents = list(_documents(request).filter(account=account).order_by("-pk")[:SHOWN])
    latest = latest_versions(request.user, documents)
    links = DocumentLink.objects.visible_to(request.user).filter(account=account)
    context = {
        "account": account,
        "rows": [(document, latest.get(document.pk)) for document in documents],
        "links": links.select_related("version__document", "created_by").order_by("-pk")[:10],
        "may_edit": request.user.may(Action.EDIT_ACCOUNTS),
    }
    return render(request, "accounts/_account_documents.html", context)


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def account_document_new(request, pk):
    """Put a document to an account: who sees the account sees it."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = AccountDocumentForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and (document := form.saved_by(add_document, account=account)):
        text = _("%(document)s added") % {"document": document}
        return toast(request, text, undo=undo_url(request), to=account.get_absolute_url())
    context = {"form": form, "account": account}
    return render(request, "accounts/document_form.html", context, status=422 if form.is_bound else 200)
