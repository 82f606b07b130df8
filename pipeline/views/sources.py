"""Setting up where leads come from: sources and reasons, campaigns with their cost, landing pages and partners."""

from datetime import timedelta

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from pipeline.forms.sources import CampaignForm, FitRuleForm, LandingPageForm, ReasonForm, SourceForm
from pipeline.models import Campaign, DisqualificationReason, FitRule, LandingPage, Lead, Source
from pipeline.reports.leads import costs
from pipeline.services.sources import delete_rule, renew_token, save_record, save_source
from pipeline.views.lead_figures import lead_tabs
from pipeline.waiting import in_short
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.models import organisation
from salesorg.people.roles import Action

SHOWN = 200  # of each kind; an organisation has a handful


@require_safe
@requires(Action.READ_RECORDS)
def source_list(request):
    """Where leads come from, how soon they are answered, and to whom they go; and why they come to nothing."""
    sources = Source.objects.visible_to(request.user).prefetch_related("workers__user")[:SHOWN]
    may_edit = request.user.may(Action.EDIT_SOURCES)
    context = {
        "tabs": lead_tabs("sources"),
        "sources": sources,
        "pages": LandingPage.objects.visible_to(request.user).select_related("source", "campaign")[:SHOWN],
        "reasons": DisqualificationReason.objects.visible_to(request.user)[:SHOWN],
        "rules": FitRule.objects.visible_to(request.user)[:SHOWN],
        "may_edit": may_edit,
        # Whoever has a partner's address may hand in as the partner: only those who set it up are shown it.
        "partners": {each.pk: _public(request, "partner_page", each.token) for each in sources if may_edit and each.token},
    }
    for page in context["pages"]:
        page.address = _public(request, "landing_page", page.token)
    for source in sources:
        source.answered_in = in_short(timedelta(minutes=source.answer_minutes)) if source.answer_minutes else ""
    return render(request, "pipeline/source_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def campaign_list(request):
    """What campaigns cost, and what that was per lead and per win."""
    campaigns = list(Campaign.objects.visible_to(request.user).select_related("source")[:SHOWN])
    figures = costs(Lead.objects.visible_to(request.user), campaigns)
    context = {
        "tabs": lead_tabs("campaigns"),
        "rows": [(each, figures[each.pk]) for each in campaigns],
        "currency": organisation().currency,
        "may_edit": request.user.may(Action.EDIT_SOURCES),
        "sees_all": request.user.scope.sees_all_deals,
    }
    return render(request, "pipeline/campaign_list.html", context)


# kind → (form, words for new, words for edit, the list it belongs to)
KINDS = {
    "source": (SourceForm, gettext_lazy("New source"), "pipeline:source_list"),
    "campaign": (CampaignForm, gettext_lazy("New campaign"), "pipeline:campaign_list"),
    "page": (LandingPageForm, gettext_lazy("New landing page"), "pipeline:source_list"),
    "rule": (FitRuleForm, gettext_lazy("New rule of fit"), "pipeline:source_list"),
    "reason": (ReasonForm, gettext_lazy("New reason"), "pipeline:source_list"),
}


@FORM_METHODS
@requires(Action.EDIT_SOURCES)
def record_new(request, kind):
    """A new source, campaign, landing page or reason."""
    return _form(request, kind, KINDS[kind][0].Meta.model())


@FORM_METHODS
@requires(Action.EDIT_SOURCES)
def record_edit(request, kind, pk):
    """Change one of them."""
    return _form(request, kind, get_object_or_404(KINDS[kind][0].Meta.model.objects.visible_to(request.user), pk=pk))


def _form(request, kind, record):
    form_class, title, back = KINDS[kind]
    form = form_class(request.POST or None, user=request.user, instance=record)
    service = save_source if kind == "source" else save_record
    name = str(record) if record.pk else ""
    if request.method == "POST" and (saved := form.saved_by(service, record=record)):
        return toast(request, _("%(name)s saved") % {"name": saved}, undo=undo_url(request), to=reverse(back))
    context = {"form": form, "title": _("Edit %(name)s") % {"name": name} if name else title, "back": reverse(back)}
    context |= {"kind": kind, "record": record if record.pk and kind in {"source", "page"} and record.token else None}
    return render(request, "pipeline/source_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_SOURCES)
def rule_delete(request, pk):
    """Take a rule of fit away; scores are worked out anew wherever they are shown."""
    delete_rule(rule=get_object_or_404(FitRule.objects.visible_to(request.user), pk=pk), actor=request.user)
    return toast(request, _("The rule is gone"), undo=undo_url(request), to=reverse("pipeline:source_list"))


@require_POST
@requires(Action.EDIT_SOURCES)
def token_renew(request, kind, pk):
    """Another address for a landing page or a partner, when the old one has got about."""
    record = get_object_or_404(KINDS[kind][0].Meta.model.objects.visible_to(request.user).exclude(token=None), pk=pk)
    renew_token(record=record, actor=request.user)
    return toast(
        request, _("%(name)s has a new address; the old one leads nowhere") % {"name": record}, to=reverse(KINDS[kind][2])
    )


def _public(request, name, token):
    return request.build_absolute_uri(reverse(f"pipeline:{name}", args=[token]))
