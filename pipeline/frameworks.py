"""The packages that come ready-made: what each role asks for before it takes a deal. Operations changes them as data."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from pipeline.engine.handoffs import Field
from salesorg.people.roles import Role

DECIDE_HOURS, CONTACT_HOURS, DISQUALIFY_DAYS = 48, 4, 30  # working hours, working hours, days

BANT = (
    ("budget", "long", True, gettext_noop("Budget"), gettext_noop("Is there money, how much, and who releases it?")),
    ("authority", "text", True, gettext_noop("Authority"), gettext_noop("Who decides, and have you spoken to them?")),
    ("need", "long", True, gettext_noop("Need"), gettext_noop("What do they want to change, in their own words?")),
    ("timing", "date", True, gettext_noop("Timing"), gettext_noop("By when do they want to decide?")),
    ("meeting", "date", False, gettext_noop("Meeting agreed for"), ""),
    ("note", "long", False, gettext_noop("What else helps"), ""),
)
MEDDIC = (
    ("metrics", "long", True, gettext_noop("Metrics"), gettext_noop("What is it worth to them, in figures?")),
    ("economic_buyer", "text", True, gettext_noop("Economic buyer"), gettext_noop("Who signs?")),
    ("decision_criteria", "long", True, gettext_noop("Decision criteria"), gettext_noop("What do they compare us by?")),
    (
        "decision_process",
        "long",
        True,
        gettext_noop("Decision process"),
        gettext_noop("Which steps, by when, with whom?"),
    ),
    ("pain", "long", True, gettext_noop("Identified pain"), gettext_noop("What happens when they do nothing?")),
    ("champion", "text", True, gettext_noop("Champion"), gettext_noop("Who wants us to win?")),
    ("competition", "text", False, gettext_noop("Competition"), ""),
)
PROMISED = (
    (
        "promised",
        "long",
        True,
        gettext_noop("What was promised"),
        gettext_noop("Scope, dates, prices: all they rely on."),
    ),
    (
        "success",
        "long",
        True,
        gettext_noop("What success is for them"),
        gettext_noop("How will they judge it in three months?"),
    ),
    ("start_on", "date", True, gettext_noop("They want to start on"), ""),
    ("contact", "text", True, gettext_noop("Who to call first"), gettext_noop("Name, role, and how they like to be reached.")),
    ("risks", "long", False, gettext_noop("Risks"), gettext_noop("What could make them leave?")),
    ("not_promised", "long", False, gettext_noop("What was not promised"), ""),
)
BRIEF = (
    ("brief", "long", True, gettext_noop("What the receiver should know"), gettext_noop("Where it stands, and what is next.")),
)
REASONS = {
    "BANT": (
        gettext_noop("No budget"),
        gettext_noop("Not the one who decides"),
        gettext_noop("No need"),
        gettext_noop("Too early"),
        gettext_noop("Package says too little"),
        gettext_noop("Not my market"),
    ),
    "MEDDIC": (gettext_noop("Not qualified yet"), gettext_noop("Package says too little"), gettext_noop("Not my market")),
    "PROMISED": (
        gettext_noop("Cannot be kept as promised"),
        gettext_noop("Package says too little"),
        gettext_noop("Not ready to start"),
        gettext_noop("Not my customer"),
    ),
    "BRIEF": (gettext_noop("Package says too little"), gettext_noop("Not my market"), gettext_noop("Not mine to do")),
}


@dataclass(frozen=True)
class Framework:
    """A ready-made set of questions with its reasons for return."""

    code: str
    label: str
    questions: tuple

    def fields(self):
        """The questions as Fields, in the language of who reads them."""
        return tuple(
            Field(key, _(label), kind, required, _(words) if words else "")
            for key, kind, required, label, words in self.questions
        )

    def reasons(self):
        return [_(reason) for reason in REASONS[self.code]]


FRAMEWORKS = {
    each.code: each
    for each in (
        Framework("BANT", gettext_noop("BANT: budget, authority, need, timing"), BANT),
        Framework("MEDDIC", gettext_noop("MEDDIC: for large deals with many people"), MEDDIC),
        Framework("PROMISED", gettext_noop("What was promised: for customer success"), PROMISED),
        Framework("BRIEF", gettext_noop("A brief in one field"), BRIEF),
    )
}
SDRS = (Role.SDR_INBOUND, Role.SDR_OUTBOUND)
USUAL = {
    **{(sdr, Role.AE): "BANT" for sdr in SDRS},
    **{(sdr, Role.SPECIALIST): "BANT" for sdr in SDRS},
    (Role.AE, Role.SPECIALIST): "MEDDIC",
    (Role.AE, Role.CSM): "PROMISED",
    (Role.SPECIALIST, Role.CSM): "PROMISED",
}


def usual(giver_role, taker_role):
    """The framework between two roles for which nobody has written a package."""
    return FRAMEWORKS[USUAL.get((giver_role, taker_role), "BRIEF")]
