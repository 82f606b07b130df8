"""Importing a file: upload, choose columns, look at the dry run, run it, take it back."""

from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.forms.imports import ColumnsForm, UploadForm, may_import, saved_mappings
from accounts.importing import results, services
from accounts.importing.columns import propose
from accounts.importing.reading import LARGEST_FILE
from accounts.models import Import, ImportRow
from salesorg.jobs.runs import progress_of
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS
from salesorg.lib.pagination import page_of
from salesorg.lib.sheets import csv_answer
from salesorg.people.access import requires
from salesorg.people.roles import Action

State = Import.State


@require_safe
@requires(Action.IMPORT_FILES)
def import_list(request):
    """One's own imports, the newest first."""
    mine = Import.objects.visible_to(request.user).defer("content", "header", "mapping", "options")
    return render(request, "accounts/import_list.html", {"page": page_of(mine, ("-pk",), request.GET.get("after", ""))})


@FORM_METHODS
@requires(Action.IMPORT_FILES)
def import_new(request):
    """Upload a file."""
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            imported = services.upload_import(kind=form.cleaned_data["kind"], actor=request.user, **_file(form))
            return redirect("accounts:import_columns", imported.pk)
    return render(request, "accounts/import_new.html", {"form": form}, status=422 if form.is_bound else 200)


def _file(form):
    upload = form.cleaned_data["file"]
    name = "".join(letter for letter in upload.name if letter.isprintable()) or _("file")
    if upload.size > LARGEST_FILE:
        raise DomainError(
            _("%(file)s is larger than %(most)d MB. Split it and import the parts one after the other.")
            % {"file": name, "most": LARGEST_FILE // 1024**2},
            fields=["file"],
        )
    return {"file_name": name, "content": upload.read()}


@FORM_METHODS
@requires(Action.IMPORT_FILES)
def import_columns(request, pk):
    """Choose what the columns mean; saving begins the dry run."""
    imported = _mine(request, pk)
    if imported.state not in {State.NEW, State.CHECKED}:
        return redirect(imported)
    saved = saved_mappings(request.user, imported.kind)
    chosen = request.GET.get("saved", "")
    mapping = saved.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    form = ColumnsForm(
        request.POST or None,
        imported=imported,
        user=request.user,
        proposed=propose(imported.kind, imported.header, mapping.columns) if mapping else imported.mapping,
        initial=_initial(imported, mapping),
    )
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.check_import(imported=imported, actor=request.user, **form.choice())
            if name := form.cleaned_data["save_as"]:
                shared = form.cleaned_data["is_shared"]
                services.save_mapping(imported=imported, name=name, is_shared=shared, actor=request.user)
            return redirect(imported)
    context = {
        "imported": imported,
        "form": form,
        "columns": [
            (heading, field, [row[place] for row in imported.first_rows]) for place, (heading, field) in enumerate(form.columns)
        ],
        "saved": saved[:30],
        "mapping": mapping,
    }
    return render(request, "accounts/import_columns.html", context, status=422 if form.is_bound else 200)


def _initial(imported, mapping):
    chosen = mapping or imported
    return {
        "match": chosen.match or imported.match,
        "mode": chosen.mode,
        "allow_alike": imported.allow_alike,
        "numbers": "comma" if imported.options.get("decimal_comma") else "point",
        "dates": "month" if imported.options.get("month_first") else "day",
        "save_as": mapping.name if mapping and mapping.user_id == imported.user_id else "",
        "is_shared": bool(mapping and mapping.is_shared),
    }


@require_safe
@requires(Action.IMPORT_FILES)
def import_detail(request, pk):
    """How far the import is, what it would do or has done, and what was wrong."""
    imported = _mine(request, pk)
    if imported.state == State.NEW:
        return redirect("accounts:import_columns", pk)
    run = services.run_of(imported) if imported.is_busy else None
    context = {"imported": imported, "run": run, "steps": progress_of(run) if run else []}
    if not imported.is_busy:
        context |= {
            "counts": [(each.label, imported.counts.get(each, 0)) for each in ImportRow.Outcome if each],
            "problems": results.problems(imported),
            "samples": results.samples(imported),
            "to_write": imported.counts.get("new", 0) + imported.counts.get("changed", 0),
        }
    if request.htmx and "waiting" in request.GET:  # the page asks how far it is, and is shown anew when it is over
        busy = {"work": imported} | context
        return render(request, "accounts/_work_progress.html", busy) if imported.is_busy else HttpResponseClientRefresh()
    return render(request, "accounts/import_detail.html", context)


@require_POST
@requires(Action.IMPORT_FILES)
def import_write(request, pk):
    """Begin the real run."""
    imported = _mine(request, pk)
    services.write_import(imported=imported, actor=request.user)
    return redirect(imported)


@require_POST
@requires(Action.IMPORT_FILES)
def import_undo(request, pk):
    """Begin taking back all that the import wrote."""
    imported = _mine(request, pk)
    services.undo_import(imported=imported, actor=request.user)
    return redirect(imported)


@require_safe
@requires(Action.IMPORT_FILES)
def import_result(request, pk):
    """The result file: each row of the file, what happened to it, and why."""
    imported = _mine(request, pk)
    return csv_answer(results.result_lines(imported), f"import-{imported.pk}.csv")


def _mine(request, pk):
    imported = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    if not may_import(request.user, imported.kind):
        raise DomainError(_("You may no longer import this kind of record."))
    return imported
