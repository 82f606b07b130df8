"""Taking lists out as files, and the files that workers have made."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import exporting
from accounts.models import Export
from salesorg.lib.errors import DomainError
from salesorg.lib.pagination import page_of
from salesorg.lib.sheets import csv_answer, xlsx_answer
from salesorg.people.access import requires
from salesorg.people.roles import Action

from .vcards import vcard_answer

LONGEST = 4000  # characters of an address


@require_POST
@requires(Action.EXPORT)
def export(request, kind):
    """The list of the address as a file: sent at once, or made by a worker when it is a large workbook."""
    about = exporting.kind_of(kind)
    if about is None:
        raise Http404
    wanted = request.POST.get("format", "")
    if wanted not in about.formats:
        names = ", ".join(Export.Format(each).label for each in about.formats)
        raise DomainError(_("Choose one of these: %(formats)s.") % {"formats": names})
    query = request.GET.urlencode()
    if len(query) > LONGEST:
        raise DomainError(_("These filters are too long. Take some away."))
    made = exporting.begin_export(kind=kind, query=query, format=wanted, actor=request.user)
    if exporting.is_large(made):
        return redirect("accounts:export_list")
    if made.format == Export.Format.XLSX:
        return xlsx_answer(exporting.workbook_of(made), exporting.file_name(made))
    if made.format == Export.Format.VCF:
        return vcard_answer(exporting.cards_of(made), exporting.file_name(made))
    return csv_answer(exporting.csv_of(made), exporting.file_name(made))


@require_safe
@requires(Action.EXPORT)
def export_list(request):
    """What one has taken out, the newest first, with the files that are ready."""
    page = page_of(Export.objects.visible_to(request.user), ("-pk",), request.GET.get("after", ""))
    rows = [(each, exporting.kind_of(each.kind), exporting.is_large(each)) for each in page.rows]
    waiting = any(large and not each.is_ready for each, _kind, large in rows)
    return render(request, "accounts/export_list.html", {"page": page, "rows": rows, "waiting": waiting})


@require_safe
@requires(Action.EXPORT)
def export_file(request, pk):
    """A workbook that a worker has made."""
    made = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    if made.content is None:
        raise Http404
    return xlsx_answer(bytes(made.content), exporting.file_name(made))
