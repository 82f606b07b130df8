"""Saved mappings of columns: which there are, a better name, and away with one."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.imports import MappingForm
from accounts.importing.columns import KINDS
from accounts.importing.services import change_mapping, delete_mapping
from accounts.models import ColumnMapping
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action


@require_safe
@requires(Action.IMPORT_FILES)
def mapping_list(request):
    """One's own mappings and those shared with everybody."""
    page = page_of(
        ColumnMapping.objects.visible_to(request.user).select_related("user"), ("name", "pk"), request.GET.get("after", "")
    )
    rows = [(each, _said(each)) for each in page.rows]
    return render(request, "accounts/mapping_list.html", {"page": page, "rows": rows})


def _said(mapping):
    """Which heading means what, in words."""
    columns = KINDS[mapping.kind].columns
    return ", ".join(f"{heading} → {columns[name].label}" for heading, name in mapping.columns.items() if name in columns)


@FORM_METHODS
@requires(Action.IMPORT_FILES)
def mapping_edit(request, pk):
    """Rename an own mapping or share it otherwise."""
    mapping = _own(request, pk)
    form = MappingForm(request.POST or None, initial={"name": mapping.name, "is_shared": mapping.is_shared})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            change_mapping(mapping=mapping, actor=request.user, **form.cleaned_data)
            text = _("%(name)s saved") % {"name": mapping.name}
            return toast(request, text, undo=undo_url(request), to=reverse("accounts:mapping_list"))
    return render(request, "accounts/mapping_form.html", {"form": form, "mapping": mapping}, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.IMPORT_FILES)
def mapping_delete(request, pk):
    """Away with an own mapping; the toast takes it back."""
    mapping = _own(request, pk)
    name = mapping.name
    delete_mapping(mapping=mapping, actor=request.user)
    text = _("%(name)s deleted") % {"name": name}
    return toast(request, text, undo=undo_url(request), to=reverse("accounts:mapping_list"))


def _own(request, pk):
    return get_object_or_404(ColumnMapping.objects.visible_to(request.user).filter(user=request.user), pk=pk)
