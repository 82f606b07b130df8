"""The history of one record, the page of all changes, and undo."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from salesorg.lib.http import toast
from salesorg.lib.pagination import Page, page_of, place_of

from . import services
from .forms import ChangeFilter
from .models import Change
from .reading import address_of, entries, history_of, of_few_kinds, summary_of
from .recorded import recorded_models, visible_rows

ORDER = ("-pk",)
KINDS = 9  # of records on one page of changes: each costs a query for their names
IN_A_PANEL = 20  # changes; a panel is read from the top


@require_safe
def history(request, table, pk):
    """What happened to one record, for whoever may see it."""
    model = recorded_models().get(table)
    if model is None:
        raise Http404
    row = get_object_or_404(visible_rows(model, request.user), pk=pk)
    page = page_of(history_of(row), ORDER, request.GET.get("after", ""), size=IN_A_PANEL)
    context = {
        "row": row,
        "url": address_of(row),
        "kind": model._meta.verbose_name,
        "page": page,
        "entries": entries(page.rows, request.user),
    }
    whole_page = not request.htmx or request.htmx.target == "panel-body"
    return render(request, "audit/history.html" if whole_page else "audit/history_panel.html", context)


@require_safe
def change_list(request):
    """Every change of every record."""
    # Asked by the action's name, as the settings of people/roles.py spell it: people stands above this app, which
    # therefore cannot import its decorator.
    if not request.user.may("read_audit"):
        raise PermissionDenied
    form = ChangeFilter(request.GET, user=request.user)
    changes = form.narrow(Change.objects.visible_to(request.user))
    page = page_of(changes, ORDER, request.GET.get("after", ""))
    shown = of_few_kinds(page.rows, KINDS)
    if len(shown) < len(page.rows):
        page = Page(shown, place_of(shown[-1], ORDER))
    rows = [(entry, summary_of(entry.lines)) for entry in entries(page.rows, request.user)]
    undertaking = form.cleaned_data.get("context") if form.is_valid() else None
    return render(request, "audit/change_list.html", {"form": form, "page": page, "rows": rows, "undertaking": undertaking})


@require_POST
def undo(request, context):
    """Take back one undertaking; the answer offers to take that back in turn."""
    if not Change.objects.visible_to(request.user).filter(context=context).exists():
        raise Http404
    undone = services.undo(context=context, actor=request.user)
    text = ngettext("%(n)d change taken back", "%(n)d changes taken back", undone.changes) % {"n": undone.changes}
    return toast(request, text, undo=reverse("audit:undo", args=[undone.context]))
