"""What somebody outside sees who was sent a document: that one version, without signing in, while its link holds."""

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.services.documents import count_opening, link_of
from accounts.views.documents import OF_A_FILE
from salesorg.lib.files import served


def _refused(request, status, title, text):
    return render(request, "accounts/link_refused.html", {"title": title, "text": text}, status=status)


def _ended(request, link):
    """The answer for a link that opens nothing: not a word of what it opened."""
    if link is None:
        return _refused(
            request, 404, _("There is nothing here"), _("Look whether the whole link was copied, or ask for a new one.")
        )
    if not link.is_open():
        return _refused(request, 410, _("This link has ended"), _("Ask whoever sent it to you for a new one."))
    return None


@login_not_required
@require_safe
def document_link(request, token):
    """What was sent, and by whom; opened by a button, so that a mail program that looks ahead is not counted."""
    link = link_of(token)
    return _ended(request, link) or render(request, "accounts/link.html", {"link": link, "version": link.version, "token": token})


@login_not_required
@require_safe
def document_link_file(request, token):
    """The bytes, counted and limited."""
    link = link_of(token)
    if refused := _ended(request, link):
        return refused
    if not count_opening(link):
        text = _("This document was opened very often just now. Wait a minute, then try again.")
        return _refused(request, 429, _("One moment"), text)
    return _file(request, link.version)


@csp_replace(OF_A_FILE)  # of the file alone: a page that refuses it keeps its own stylesheet
def _file(request, version):
    return served(request, version.file, title=version.file_title, download="save" in request.GET)
