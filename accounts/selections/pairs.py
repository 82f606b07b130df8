"""Which pairs of likely duplicates a page shows: read from its address, said in words."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.engine.likeness import CERTAIN_FROM
from accounts.models import AccountPair, ContactPair, Reason
from salesorg.lib.selection import Selection

KINDS = {"accounts": AccountPair, "contacts": ContactPair}
RELATED = {"accounts": ("first", "second"), "contacts": ("first__account", "second__account")}


class PairSelection(Selection):
    """The filters of the list of duplicates."""

    kind = forms.ChoiceField(required=False, choices=[("accounts", ""), ("contacts", "")])
    sure = forms.ChoiceField(required=False, choices=[("1", "")])
    different = forms.ChoiceField(required=False, choices=[("1", "")])
    why = forms.ChoiceField(required=False, choices=Reason.choices, label=_lazy("Why"))

    @property
    def kind_shown(self):
        return self.get("kind") or "accounts"

    @property
    def related(self):
        """What the page reads along with each pair."""
        return RELATED[self.kind_shown]

    def pairs(self):
        """The visible pairs that pass the filters; those called different only when they are asked for."""
        pairs = KINDS[self.kind_shown].objects.visible_to(self.user)
        pairs = pairs.exclude(dismissed_at=None) if self.get("different") else pairs.open()
        if self.get("sure"):
            pairs = pairs.filter(score__gte=CERTAIN_FROM)
        if why := self.get("why"):
            pairs = pairs.filter(reasons__contains=[why])
        return pairs

    def chips(self):
        return [
            self.chip(_("Nearly certain"), "sure", "1"),
            *(self.chip(capfirst(reason.label), "why", reason.value) for reason in SHOWN[self.kind_shown]),
            self.chip(_("Not the same"), "different", "1"),
        ]


SHOWN = {
    "accounts": (Reason.SAME_NAME, Reason.NAME_SLIP, Reason.SAME_DOMAIN, Reason.SAME_PHONE, Reason.SAME_ADDRESS),
    "contacts": (Reason.SAME_EMAIL, Reason.SAME_NAME, Reason.SAME_PHONE),
}
