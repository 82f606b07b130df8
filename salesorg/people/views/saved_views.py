"""Views of lists by name: kept, shared, pinned, opened."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.forms.saved_views import SavedViewForm
from salesorg.people.models import SavedView, ViewUse
from salesorg.people.roles import Action
from salesorg.people.services.saved_views import change_view, delete_view, save_view, use_view

PAGES = dict(SavedView.Page.choices)


@require_safe
@requires(Action.READ_RECORDS)
def view_list(request):
    """Every view one has or is shared with, by the page it shows."""
    views = SavedView.objects.visible_to(request.user).select_related("owner", "team")
    page = page_of(views, ("page", "name", "pk"), request.GET.get("after", ""))
    uses = {use.view_id: use for use in ViewUse.objects.visible_to(request.user)}
    rows = [(view, uses.get(view.pk), may_change(request.user, view)) for view in page.rows]
    total = views.count() if page.after or "after" in request.GET else len(rows)
    return render(request, "people/view_list.html", {"rows": rows, "page": page, "total": total})


@require_safe
@requires(Action.READ_RECORDS)
def view_menu(request):
    """The views of one page, for its menu; read only when that is opened."""
    page = request.GET.get("page", "")
    views = SavedView.objects.visible_to(request.user).filter(page=page if page in PAGES else "").order_by("name", "pk")[:30]
    return render(request, "people/_view_menu.html", {"views": views})


@FORM_METHODS
@requires(Action.READ_RECORDS)
def view_new(request):
    """Keep the address of a list by a name."""
    page, query = request.GET.get("page", ""), request.GET.get("query", "")[:2000]
    if page not in PAGES:
        raise Http404
    form = SavedViewForm(request.POST or None, user=request.user, initial={"shared": SavedView.Shared.OWN, "pinned": True})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            view = save_view(page=page, query=query, actor=request.user, **form.facts())
            return toast(request, _("%(view)s saved") % {"view": view}, to=view.get_absolute_url())
    context = {"form": form, "page_name": PAGES[page], "back": f"{reverse(page)}?{query}"}
    return render(request, "people/view_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.READ_RECORDS)
def view_edit(request, pk):
    """Rename a view, share it, pin it."""
    view = own_view(request, pk)
    use = ViewUse.objects.visible_to(request.user).filter(view=view).first()
    initial = {"pinned": use and use.pinned, "default": use and use.default}
    form = SavedViewForm(request.POST or None, user=request.user, instance=view, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            change_view(view=view, actor=request.user, **form.facts())
            return toast(request, _("%(view)s saved") % {"view": view}, to=reverse("people:view_list"))
    context = {"form": form, "view": view, "page_name": PAGES[view.page], "back": reverse("people:view_list")}
    return render(request, "people/view_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.READ_RECORDS)
def view_use(request, pk):
    """Pin a view into one's own navigation, or open its page with it; whatever is not sent is taken back."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    use_view(view=view, actor=request.user, pinned="pinned" in request.POST, default="default" in request.POST)
    return toast(request, _("%(view)s: kept as you said") % {"view": view}, to=reverse("people:view_list"))


@require_POST
@requires(Action.READ_RECORDS)
def view_delete(request, pk):
    """Forget a view."""
    view = own_view(request, pk)
    delete_view(view=view, actor=request.user)
    return toast(request, _("%(view)s removed") % {"view": view}, to=reverse("people:view_list"))


def own_view(request, pk):
    """The view, for whoever may change it; for others it is not there."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    if not may_change(request.user, view):
        raise Http404
    return view


def may_change(user, view):
    return view.owner_id == user.pk
