"""The selling model of a pipeline, in words and as a picture: which roles own which of its stages."""

from dataclasses import dataclass
from itertools import pairwise

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.engine import stages as pure
from salesorg.people.roles import Role

COLOURS = 8  # of charts
LANE, ROW = 24, 36  # pixels: between two roles, between two stages
MARGIN = 14
WIDTH = 288  # pixels: as wide as a card beside the stages


@dataclass(frozen=True, slots=True)
class Dot:
    """A stage in the picture: one row, in the lane of its role."""

    x: int
    y: int
    name: str
    role: str
    colour: int


@dataclass(frozen=True, slots=True)
class SellingModel:
    code: str
    name: str
    words: str
    dots: tuple[Dot, ...]
    lines: tuple[str, ...]  # paths from each dot to the next
    width: int
    height: int
    text_x: int


def selling_model(stages):
    """The SellingModel that the open `stages` of a pipeline, in order, make by their owner roles; None without any."""
    roles = [Role(stage.owner_role) for stage in stages]
    code = pure.selling_model(roles)
    if not code:
        return None
    lanes = list(dict.fromkeys(roles))
    dots = tuple(
        Dot(MARGIN + LANE * lanes.index(role), MARGIN + ROW * row, stage.name, str(role.label), (role - 1) % COLOURS + 1)
        for row, (stage, role) in enumerate(zip(stages, roles, strict=True))
    )
    return SellingModel(
        code=code,
        name=NAMES[code](),
        words=_words(code, lanes, pure.handovers(roles)),
        dots=dots,
        lines=tuple(_line(above, below) for above, below in pairwise(dots)),
        width=WIDTH,
        height=2 * MARGIN + ROW * (len(dots) - 1),
        text_x=2 * MARGIN + LANE * (len(lanes) - 1),
    )


def _line(above, below):
    """The way from one stage to the next, bent where it changes hands."""
    half = ROW // 2
    return f"M{above.x} {above.y} C{above.x} {above.y + half} {below.x} {below.y - half} {below.x} {below.y}"


NAMES = {pure.ISLAND: lambda: _("Island"), pure.LINE: lambda: _("Assembly line"), pure.POD: lambda: _("Pod")}


def _words(code, lanes, times):
    named = [str(role.label) for role in lanes]
    if code == pure.ISLAND:
        return _("%(role)s sees a deal through from the first stage to the last.") % {"role": named[0]}
    if code == pure.LINE:
        text = ngettext("%(roles)s: a deal changes hands once.", "%(roles)s: a deal changes hands %(times)d times.", times)
        return text % {"roles": " → ".join(named), "times": times}
    text = _("%(roles)s work on a deal together: it goes back and forth between them %(times)d times.")
    return text % {"roles": get_text_list(named, _("and")), "times": times}
