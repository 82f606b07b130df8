"""Photos of visits: kept with the form, added later, shown to whoever sees the account, taken away again."""

from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Activity, Photo
from accounts.services import add_photo, remove_photo
from salesorg.lib import files
from salesorg.lib.errors import DomainError
from salesorg.lib.http import toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


def keep_photos(request, activity):
    """Keep the photos sent with a form. Returns the sentences of those refused: the visit is stored whatever they are."""
    refused = []
    for upload in request.FILES.getlist("photos"):
        try:
            add_photo(activity=activity, upload=upload, actor=request.user)
        except DomainError as error:
            refused.append(str(error))
    return refused


@require_safe
@requires(Action.READ_RECORDS)
def photo(request, pk):
    """The photo itself, or with ?small=1 its picture for a list."""
    row = get_object_or_404(Photo.objects.visible_to(request.user), pk=pk)
    return files.served(request, row.small if request.GET.get("small") else row.file, title=row.title)


@require_POST
@requires(Action.LOG_ACTIVITY)
def photo_add(request, pk):
    """Add photos to what was done."""
    activity = get_object_or_404(Activity.objects.visible_to(request.user).done(), pk=pk)
    page = reverse("accounts:activity_detail", args=[pk])
    if not request.FILES.getlist("photos"):
        return redirect(page)
    if refused := keep_photos(request, activity):
        return toast(request, " ".join(refused), level="warning", to=page)
    return toast(request, _("Photos added"), undo=undo_url(request), to=page)


@require_POST
@requires(Action.LOG_ACTIVITY)
def photo_remove(request, pk):
    """Take a photo away; it can be undone."""
    row = get_object_or_404(Photo.objects.visible_to(request.user), pk=pk)
    remove_photo(photo=row, actor=request.user)
    page = reverse("accounts:activity_detail", args=[row.activity_id])
    return toast(request, _("Photo removed"), undo=undo_url(request), to=page)
