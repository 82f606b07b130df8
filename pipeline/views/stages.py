"""Pipelines and their stages: everybody reads how selling goes, sales operations and administrators set it up."""

from collections import Counter

from django.db.models import Count
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pipeline.forms import CriterionForm, NewStageForm, PipelineForm, RemoveStageForm, StageForm
from pipeline.models import Criterion, Deal, Pipeline, Stage, Status
from pipeline.selling import selling_model
from pipeline.services import stages as services
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action

MOST_SEEN = 2_000  # characters: the keys of the stages as somebody saw them


@require_safe
@requires(Action.SEE_PIPELINES)
def pipeline_list(request):
    """Every pipeline with its selling model, its stages and its open deals."""
    counts = open_deals(request.user)
    stages = stages_by_pipeline(request.user)
    rows = [
        {
            "pipeline": pipeline,
            "stages": stages.get(pipeline.pk, []),
            "model": selling_model([stage for stage in stages.get(pipeline.pk, []) if stage.status == Status.OPEN]),
            "deals": sum(counts[stage.pk] for stage in stages.get(pipeline.pk, [])),
        }
        for pipeline in Pipeline.objects.visible_to(request.user).order_by("pk")
    ]
    context = {
        "rows": [row for row in rows if row["pipeline"].archived_at is None],
        "archived": [row["pipeline"] for row in rows if row["pipeline"].archived_at],
        "may_edit": request.user.may(Action.EDIT_PIPELINES),
        "may_read": request.user.may(Action.READ_RECORDS),
    }
    return render(request, "pipeline/pipeline_list.html", context)


@require_safe
@requires(Action.SEE_PIPELINES)
def pipeline_detail(request, pk):
    """One pipeline: its stages in order with what each expects and asks for, and who owns which."""
    pipeline = pipeline_of(request, pk)
    counts = open_deals(request.user)
    stages = list(Stage.objects.visible_to(request.user).filter(pipeline=pipeline).order_by("position"))
    asked = {}
    for criterion in Criterion.objects.visible_to(request.user).filter(stage__pipeline=pipeline):
        asked.setdefault(criterion.stage_id, []).append(criterion)
    for stage in stages:
        stage.asks, stage.count = asked.get(stage.pk, []), counts[stage.pk]
    in_use = [stage for stage in stages if stage.archived_at is None]
    open_ones = [stage for stage in in_use if stage.status == Status.OPEN]
    context = {
        "pipeline": pipeline,
        "stages": in_use,
        "first": open_ones[:1],
        "last": open_ones[-1:],
        "archived": [stage for stage in stages if stage.archived_at],
        "model": selling_model(open_ones),
        "order": " ".join(str(stage.pk) for stage in open_ones),
        "may_edit": request.user.may(Action.EDIT_PIPELINES) and pipeline.archived_at is None,
        "may_restore": request.user.may(Action.EDIT_PIPELINES),
        "may_read": request.user.may(Action.READ_RECORDS),
    }
    return render(request, "pipeline/pipeline_detail.html", context)


def open_deals(user):
    """How many open deals the person sees in each stage, by its key; none for who sees no records."""
    if not user.may(Action.READ_RECORDS):
        return Counter()
    found = Deal.objects.visible_to(user).open().order_by().values_list("stage").annotate(Count("pk"))
    return Counter(dict(found))


def stages_by_pipeline(user):
    stages = {}
    for stage in Stage.objects.visible_to(user).in_use().order_by("position"):
        stages.setdefault(stage.pipeline_id, []).append(stage)
    return stages


def pipeline_of(request, pk):
    return get_object_or_404(Pipeline.objects.visible_to(request.user), pk=pk)


def stage_of(request, pk):
    return get_object_or_404(Stage.objects.visible_to(request.user).select_related("pipeline"), pk=pk)


@FORM_METHODS
@requires(Action.EDIT_PIPELINES)
def pipeline_new(request):
    """A new pipeline, which begins with one open stage, a won and a lost one."""
    form = PipelineForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.saved_by(services.create_pipeline):
        text = _("“%(pipeline)s” is there. Set up its stages.") % {"pipeline": form.instance}
        return toast(request, text, undo=undo_url(request), to=form.instance.get_absolute_url())
    context = {"form": form, "title": _("New pipeline"), "back": reverse("pipeline:pipeline_list")}
    return render(request, "pipeline/stage_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_PIPELINES)
def pipeline_edit(request, pk):
    """What a pipeline is called, and what its deals are."""
    pipeline = pipeline_of(request, pk)
    form = PipelineForm(request.POST or None, user=request.user, instance=pipeline)
    if request.method == "POST" and form.saved_by(services.change_pipeline, pipeline=pipeline):
        return toast(request, _("Saved."), undo=undo_url(request), to=pipeline.get_absolute_url())
    context = {"form": form, "title": _("Edit pipeline"), "pipeline": pipeline, "back": pipeline.get_absolute_url()}
    return render(request, "pipeline/stage_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_PIPELINES)
def pipeline_remove(request, pk):
    """Take a pipeline out of use."""
    pipeline = pipeline_of(request, pk)
    is_gone = services.remove_pipeline(pipeline=pipeline, actor=request.user)
    text = _("“%(pipeline)s” was deleted.") if is_gone else _("“%(pipeline)s” is archived: its past stays.")
    return toast(request, text % {"pipeline": pipeline}, undo=undo_url(request), to=reverse("pipeline:pipeline_list"))


@require_POST
@requires(Action.EDIT_PIPELINES)
def pipeline_restore(request, pk):
    """Put an archived pipeline into use again."""
    pipeline = services.restore_pipeline(pipeline=pipeline_of(request, pk), actor=request.user)
    text = _("“%(pipeline)s” is in use again.") % {"pipeline": pipeline}
    return toast(request, text, undo=undo_url(request), to=pipeline.get_absolute_url())


@FORM_METHODS
@requires(Action.EDIT_PIPELINES)
def stage_new(request, pk):
    """One more stage of a pipeline."""
    pipeline = pipeline_of(request, pk)
    form = NewStageForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.saved_by(services.add_stage, pipeline=pipeline):
        text = _("“%(stage)s” is there.") % {"stage": form.instance}
        return toast(request, text, undo=undo_url(request), to=pipeline.get_absolute_url())
    context = {"form": form, "title": _("New stage"), "pipeline": pipeline, "back": pipeline.get_absolute_url()}
    return render(request, "pipeline/stage_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_PIPELINES)
def stage_edit(request, pk):
    """What a stage is called and expects; beside it what it asks for."""
    stage = stage_of(request, pk)
    form = StageForm(request.POST or None, user=request.user, instance=stage)
    if request.method == "POST" and form.saved_by(services.change_stage, stage=stage):
        return toast(request, _("Saved."), undo=undo_url(request), to=stage.pipeline.get_absolute_url())
    return stage_page(request, stage, form=form, status=422 if form.is_bound else 200)


def stage_page(request, stage, *, form=None, ask=None, status=200):
    """The page of a stage with its two forms; the one that was sent shows what was typed."""
    context = {
        "stage": stage,
        "pipeline": stage.pipeline,
        "form": form or StageForm(user=request.user, instance=stage),
        "ask": ask or CriterionForm(),
        "criteria": Criterion.objects.visible_to(request.user).filter(stage=stage),
        "asks": stage.status == Status.OPEN,
    }
    return render(request, "pipeline/stage_edit.html", context, status=status)


@require_POST
@requires(Action.EDIT_PIPELINES)
def stage_move(request, pk):
    """Let a stage change places with the one before (step=-1) or behind it; `seen` is the order somebody saw."""
    stage = stage_of(request, pk)
    seen = request.POST.get("seen", "")[:MOST_SEEN].split()
    keys = [int(key) for key in seen if key.isascii() and key.isdecimal() and len(key) < 19]
    step = -1 if request.POST.get("step") == "-1" else 1
    services.move_stage(stage=stage, step=step, seen=keys, actor=request.user)
    text = _("“%(stage)s” has a new place.") % {"stage": stage}
    return toast(request, text, undo=undo_url(request), to=stage.pipeline.get_absolute_url())


@FORM_METHODS
@requires(Action.EDIT_PIPELINES)
def stage_remove(request, pk):
    """Take a stage out of use; deals that are in it move to another one in the same step."""
    stage = stage_of(request, pk)
    deals = services.deals_in(stage)
    form = RemoveStageForm(request.POST if request.method == "POST" else None, user=request.user, stage=stage, deals=deals)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            is_gone = services.remove_stage(stage=stage, to=form.cleaned_data.get("to"), actor=request.user)
            text = _("“%(stage)s” was deleted.") if is_gone else _("“%(stage)s” is archived: past days still show it.")
            return toast(request, text % {"stage": stage}, undo=undo_url(request), to=stage.pipeline.get_absolute_url())
    context = {"form": form, "stage": stage, "deals": deals, "may_read": request.user.may(Action.READ_RECORDS)}
    return render(request, "pipeline/stage_remove.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_PIPELINES)
def stage_restore(request, pk):
    """Put an archived stage into use again."""
    stage = stage_of(request, pk)
    services.restore_stage(stage=stage, actor=request.user)
    text = _("“%(stage)s” is in use again.") % {"stage": stage}
    return toast(request, text, undo=undo_url(request), to=stage.pipeline.get_absolute_url())


@require_POST
@requires(Action.EDIT_PIPELINES)
def criterion_add(request, pk):
    """Let a stage ask for one thing more."""
    stage = stage_of(request, pk)
    form = CriterionForm(request.POST)
    if form.is_valid():
        with refusal_shown_in(form):
            criterion = services.add_criterion(stage=stage, actor=request.user, **form.facts())
            text = _("Deals leave “%(stage)s” only with: %(criterion)s.") % {"stage": stage, "criterion": criterion}
            return toast(request, text, undo=undo_url(request), to=reverse("pipeline:stage_edit", args=[pk]))
    return stage_page(request, stage, ask=form, status=422)


@require_POST
@requires(Action.EDIT_PIPELINES)
def criterion_remove(request, pk):
    """Let a stage ask for one thing less."""
    criterion = get_object_or_404(Criterion.objects.visible_to(request.user).select_related("stage__pipeline"), pk=pk)
    services.remove_criterion(criterion=criterion, actor=request.user)
    text = _("No longer asked for: %(criterion)s") % {"criterion": criterion}
    return toast(request, text, undo=undo_url(request), to=reverse("pipeline:stage_edit", args=[criterion.stage_id]))
