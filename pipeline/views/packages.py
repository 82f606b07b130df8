"""What handoffs between two roles must bring: the list, and changing one."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pipeline.forms.handoffs import PackageForm, QuestionForm, QuestionFormSet
from pipeline.frameworks import FRAMEWORKS, USUAL
from pipeline.models import PackageVersion
from pipeline.services.packages import change_package, package_between, ready_made
from salesorg.lib.errors import DomainError
from salesorg.lib.http import FORM_METHODS, toast
from salesorg.people.access import requires
from salesorg.people.roles import SELLERS, Action, Role


@require_safe
@requires(Action.READ_RECORDS)
def package_list(request):
    """Every pair of roles with what its handoffs ask for: the ready-made, and those that somebody wrote."""
    newest = {}
    for each in PackageVersion.objects.visible_to(request.user).select_related("package").order_by("number"):
        newest[each.package.giver_role, each.package.taker_role] = each
    rows = [{"version": each, "stored": True} for each in newest.values()]
    rows += [{"version": ready_made(*pair), "stored": False} for pair in USUAL if pair not in newest]
    rows.sort(key=lambda row: (row["version"].package.giver_role, row["version"].package.taker_role))
    context = {
        "rows": rows,
        "may_edit": request.user.may(Action.EDIT_PACKAGES),
        "roles": [(int(role), role.label) for role in sorted(SELLERS)],
    }
    return render(request, "pipeline/package_list.html", context)


@FORM_METHODS
@requires(Action.EDIT_PACKAGES)
def package_edit(request, giver_role, taker_role):
    """Change what one role asks of another; ?framework= begins with a ready-made set of questions."""
    if not {giver_role, taker_role} <= set(Role):
        raise Http404
    version = package_between(giver_role, taker_role)
    framework = FRAMEWORKS.get(request.GET.get("framework", ""))
    if framework:
        version.questions = [each.stored() for each in framework.fields()]
        version.reasons, version.framework = framework.reasons(), framework.code
    clocks = {name: getattr(version, name) for name in ("decide_hours", "contact_hours", "disqualify_days")}
    initial = clocks | {"reasons": "\n".join(version.reasons), "seen": version.number if version.pk else 0}
    form = PackageForm(request.POST or None, initial=initial)
    questions = QuestionFormSet(request.POST or None, initial=QuestionForm.initial_of(version), prefix="field")
    if request.method == "POST" and all([form.is_valid(), questions.is_valid()]):
        pair = {"giver_role": giver_role, "taker_role": taker_role, "framework": version.framework}
        facts = {"fields": questions.fields_asked(), "reasons": form.reasons_given(), "clocks": form.clocks()}
        try:
            saved = change_package(**pair, **facts, seen=form.cleaned_data["seen"] or None, actor=request.user)
        except DomainError as error:
            form.add_error(next((name for name in error.fields if name in form.fields), None), str(error))
        else:
            text = _("Version %(number)d holds for what is offered from now on.") % {"number": saved.number}
            return toast(request, text, to=reverse("pipeline:package_list"))
    context = {
        "form": form,
        "questions": questions,
        "version": version,
        "frameworks": [(each.code, _(each.label)) for each in FRAMEWORKS.values()],
        "title": _("%(giver)s → %(taker)s") % {"giver": Role(giver_role).label, "taker": Role(taker_role).label},
    }
    return render(request, "pipeline/package_form.html", context, status=422 if form.is_bound else 200)
