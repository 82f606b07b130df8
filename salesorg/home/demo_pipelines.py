"""The demo's pipelines: who owns which stage, what each asks for, and deals that were ticked, moved on and let pass."""

from django.utils.translation import gettext as _

from pipeline.models import Deal, Pipeline, Stage
from pipeline.services import assign_deals, move_deal, tick
from pipeline.services.stages import add_criterion, add_stage, change_stage, create_pipeline
from salesorg.lib.acting import acting
from salesorg.people.roles import Role

# Of the pipeline that is there: {stage: (owner role, ((kind, value) of its exit criteria, …))}
NEW_BUSINESS = {
    "Prospecting": (Role.SDR_OUTBOUND, (("check", "The need is confirmed in the customer's words"), ("contact", "decider"))),
    "Qualified": (Role.AE, (("field", "product"), ("activity", "demo"))),
    "Proposal": (Role.AE, (("activity", "meeting"), ("check", "Who holds the budget has seen the proposal"))),
    "Negotiation": (Role.AE, (("check", "The terms are agreed in writing"),)),
}
# Of those that are added: (name, type, ((stage, owner role, probability, category, expected days, exit criteria), …))
ADDED = (
    (
        "Expansion",
        "expansion",
        (
            ("Need seen", Role.CSM, 30, "pipeline", 21, (("check", "The customer has named the need"),)),
            ("Scoped", Role.AE, 50, "best_case", 21, (("field", "product"), ("activity", "meeting"))),
            ("Terms", Role.AE, 80, "commit", 14, (("check", "The terms are agreed in writing"),)),
        ),
    ),
    (
        "Renewal",
        "renewal",
        (
            ("Due", Role.CSM, 70, "best_case", 30, (("activity", "call"),)),
            ("In talks", Role.CSM, 80, "commit", 30, (("check", "The last year was looked at together"), ("field", "amount"))),
            ("Terms", Role.CSM, 90, "commit", 14, (("check", "New term and price are agreed"),)),
        ),
    ),
)
PASSED_ON = 3  # deals of each account executive that the SDR works
SELLERS = ("rita", "sam")


def fill_pipelines(people):
    """Set up the demo's pipelines with deals of `people` {key: User} in them."""
    otto = people["otto"]
    with acting(otto, "demo"):
        new_business = Pipeline.objects.get(name="New business")
        for name, (role, criteria) in NEW_BUSINESS.items():
            stage = new_business.stages.get(name=name)
            change_stage(stage=stage, name=stage.name, owner_role=role, actor=otto)
            ask(stage, criteria, otto)
        for name, deal_type, stages in ADDED:
            add(name, deal_type, stages, otto)
    hand_to_sdr(people)
    advance(people)


def add(name, deal_type, stages, actor):
    """A pipeline with these stages before won and lost; the one it began with becomes the first of them."""
    pipeline = create_pipeline(name=name, deal_type=deal_type, actor=actor)
    first = pipeline.stages.get(status="open")
    for called, role, probability, category, days, criteria in stages:
        facts = {"owner_role": role, "probability": probability, "forecast_category": category, "expected_days": days}
        if first is not None:
            stage, first = change_stage(stage=first, name=called, actor=actor, **facts), None
        else:
            stage = add_stage(pipeline=pipeline, name=called, status="open", actor=actor, **facts)
        ask(stage, criteria, actor)


def ask(stage, criteria, actor):
    for kind, value in criteria:
        add_criterion(stage=stage, kind=kind, value=_(value) if kind == "check" else value, actor=actor)


def deals_in(owner, stage, pipeline="New business"):
    """The open deals of somebody in a stage, the largest first."""
    there = Deal.objects.open().filter(owner=owner, stage__name=stage, stage__pipeline__name=pipeline)
    return there.order_by("-amount", "pk")


def hand_to_sdr(people):
    """The SDR works some of the deals that are not qualified yet."""
    for key in SELLERS:
        some = [deal.pk for deal in deals_in(people[key], "Prospecting")[:PASSED_ON]]
        with acting(people["mia"], "demo"):
            assign_deals(deals=Deal.objects.filter(pk__in=some), owner=people["sol"], actor=people["mia"])


def advance(people):
    """What was ticked on deals, and one that the manager let pass."""
    mia = people["mia"]
    for owner, stage in ((people["sol"], "Prospecting"), (people["rita"], "Negotiation"), (people["sam"], "Proposal")):
        with acting(owner, "demo"):
            for deal in deals_in(owner, stage)[:2]:
                for criterion in deal.stage.criteria.filter(kind="check"):
                    tick(deal=deal, criterion=criterion, ticked=True, actor=owner)
    for key in SELLERS:
        if deal := deals_in(people[key], "Qualified").first():
            stage = Stage.objects.get(pipeline=deal.pipeline_id, name="Proposal")
            with acting(mia, "demo"):
                move_deal(deal=deal, stage=stage, actor=mia, override=_("They run the series already and need no demo"))
            break
