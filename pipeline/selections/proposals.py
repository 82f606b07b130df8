"""Which proposals a page shows: read from its address. Every figure about proposals links through it."""

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from pipeline.models import Deal, Product, ProposalLine, ProposalVersion
from pipeline.querysets.proposals import OUT
from pipeline.services.approvals import waiting_filter
from salesorg.lib.selection import ListSelection
from salesorg.lib.widgets import SMALL, Combobox, day_field
from salesorg.people.models import User, organisation

# Discount in all, in percent: (key, above, up to). A band ends where the next begins.
BANDS = (("none", None, 0), ("5", 0, 5), ("10", 5, 10), ("20", 10, 20), ("more", 20, None))
CAME = ("sent", "opened", "accepted", "rejected", "expired")  # what became of it, as the figures count


def band_words(key):
    """A band of discount in words."""
    above, most = next((low, high) for name, low, high in BANDS if name == key)
    if most == 0:
        return _("no discount")
    if most is None:
        return _("over %(n)d%%") % {"n": above}
    return _("up to %(n)d%%") % {"n": most}


def in_band(key):
    above, most = next((low, high) for name, low, high in BANDS if name == key)
    chosen = Q() if above is None else Q(discount_percent__gt=above)
    return chosen if most is None else chosen & Q(discount_percent__lte=most)


def came_to(what):
    """The condition for versions that came to `what`: opened ones are those that were, whatever came after."""
    if what == "expired":
        return Q(state__in=OUT, valid_until__lt=organisation().today())
    return {
        "sent": Q(sent_at__isnull=False),
        "opened": Q(opened_at__isnull=False),
        "accepted": Q(state="accepted"),
        "rejected": Q(state="rejected"),
    }[what]


class ProposalSelection(ListSelection):
    """The filters of the list of proposals and of its figures."""

    state = forms.ChoiceField(required=False, choices=[("", ""), *ProposalVersion.State.choices, ("expired", ""), ("mine", "")])
    came = forms.ChoiceField(required=False, choices=[("", ""), *((each, "") for each in CAME)])
    seller = forms.ModelChoiceField(User.objects.none(), required=False, widget=Combobox("people:person_lookup"))
    product = forms.ModelChoiceField(Product.objects.none(), required=False)
    deal = forms.ModelChoiceField(Deal.objects.none(), required=False)
    band = forms.ChoiceField(required=False, choices=[("", ""), *((key, key) for key, _low, _high in BANDS)])
    versions = forms.IntegerField(required=False, min_value=1, max_value=32_767)
    reason = forms.CharField(required=False, max_length=1_000)
    sent_from = day_field(label=_lazy("Sent from"), required=False, css=SMALL)
    sent_to = day_field(label=_lazy("to"), required=False, css=SMALL)

    def proposals(self):
        """The visible versions that pass the filters: of each proposal the latest; of figures the last that was sent."""
        found = ProposalVersion.objects.visible_to(self.user)
        found = found.filter(self.last_sent()) if self.get("came") else found.latest()
        return self._narrowed(found)

    def counted(self):
        """The last sent version of each proposal, by the same filters: what the figures count."""
        return self._narrowed(ProposalVersion.objects.visible_to(self.user).filter(self.last_sent()), came=False)

    @staticmethod
    def last_sent():
        later = ProposalVersion.objects.filter(proposal=OuterRef("proposal"), number__gt=OuterRef("number"))
        return Q(sent_at__isnull=False) & ~Q(Exists(later.filter(sent_at__isnull=False)))

    def _narrowed(self, found, came=True):
        if (state := self.get("state")) == "mine":
            found = found.filter(waiting_filter(self.user))
        elif state:
            found = found.in_state(state, self.user.today)
        if came and (what := self.get("came")):
            found = found.filter(came_to(what))
        if seller := self.get("seller"):
            found = found.filter(Q(sent_by=seller) | Q(sent_by=None, author=seller))
        if product := self.get("product"):
            found = found.filter(Exists(ProposalLine.objects.filter(version=OuterRef("pk"), product=product)))
        if deal := self.get("deal"):
            found = found.filter(deal=deal)
        if band := self.get("band"):
            found = found.filter(in_band(band))
        if number := self.get("versions"):
            found = found.filter(number=number)
        if reason := self.get("reason"):
            found = found.filter(reason=reason)
        if day := self.get("sent_from"):
            found = found.filter(sent_at__gt=organisation().last_moment_of(day.fromordinal(day.toordinal() - 1)))
        if day := self.get("sent_to"):
            found = found.filter(sent_at__lte=organisation().last_moment_of(day))
        return found
