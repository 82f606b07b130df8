"""Which accounts the page of tiers shows: read from its address, said in words."""

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from accounts.selections.accounts import choice
from salesorg.lib.selection import Selection


class TierSelection(Selection):
    """The filters of the page of tiers."""

    tier = choice(Account.Tier.choices, label=_lazy("Tier"))
    next = choice(Account.Tier.choices, label=_lazy("By spend"))
    changing = choice([("1", "")])
    key = choice([("1", "")])
    unconverted = choice([("1", "")])

    def facts(self, facts):
        """Those of `facts` (AccountFacts) that pass the filters."""
        chosen = Q()
        for name, column in (("tier", "account__tier"), ("next", "computed_tier")):
            if value := self.get(name):
                chosen &= Q(**{column: value})
        if self.get("changing"):
            chosen &= ~Q(computed_tier=F("account__tier")) & Q(computed_tier__isnull=False, account__is_key_account=False)
        if self.get("key"):
            chosen &= Q(account__is_key_account=True)
        if self.get("unconverted"):
            chosen &= Q(unconverted__gt=0)
        return facts.filter(chosen)

    @property
    def words(self):
        """What is shown, in a sentence."""
        words = [_("Key accounts") if self.get("key") else _("Accounts")]
        for name, pattern in (("tier", _("of tier %(value)s")), ("next", _("that are %(value)s by spend"))):
            if value := self.get(name):
                words.append(pattern % {"value": Account.Tier(value).label})
        if self.get("changing"):
            words.append(_("about to change"))
        if self.get("unconverted"):
            words.append(_("with orders without a rate"))
        return " ".join(words)
