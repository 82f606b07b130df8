"""The nightly removal of old imports, exports and changes of many: files and rows full of personal data nobody needs any more.

What they wrote stays, and so does the history of it; who exported what stays in history too.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import BulkChange, Export, Import
from salesorg.jobs.runs import register_step

BUSY = [Import.State.CHECKING, Import.State.WRITING, Import.State.UNDOING]


def register():
    """Called in AppConfig.ready."""
    register_step(
        job="nightly", order=70, name=gettext_lazy("Old imports, exports and changes of many"), parts=old_parts, work=prune
    )


def old_parts(run):
    before = timezone.now() - timedelta(days=settings.IMPORTS_KEPT_DAYS)
    for pk in Import.objects.filter(created_at__lt=before).exclude(state__in=BUSY).order_by("pk").values_list("pk", flat=True):
        yield f"import {pk}", {"import": pk}
    if exports := list(Export.objects.filter(created_at__lt=before).order_by("pk").values_list("pk", flat=True)):
        yield "exports", {"exports": exports}
    old = BulkChange.objects.filter(created_at__lt=before, state__in=[BulkChange.State.DONE, BulkChange.State.UNDONE])
    if changes := list(old.order_by("pk").values_list("pk", flat=True)):
        yield "changes", {"changes": changes}


def prune(run, payload):
    if "exports" in payload:
        count, _by_model = Export.objects.filter(pk__in=payload["exports"]).delete()
        return {_("exports removed"): count}
    if "changes" in payload:
        count, _by_model = BulkChange.objects.filter(pk__in=payload["changes"]).delete()
        return {_("changes of many removed"): count}
    _rows, by_model = Import.objects.filter(pk=payload["import"]).exclude(state__in=BUSY).delete()
    return {_("imports removed"): by_model.get(Import._meta.label, 0)}
