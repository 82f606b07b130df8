"""Choosing contracts and what they are worth on a day, and who may see them."""

from django.db.models import Exists, F, Min, OuterRef, Q, Subquery

from accounts.querysets.accounts import account_filter, covered_by
from pipeline.querysets.deals import OFFERED, WORKED_ON
from salesorg.lib.querysets import DatedQuerySet, ScopedQuerySet, among

HELD = f"SELECT id FROM pipeline_deal WHERE owner_id = ANY(%s) UNION ALL {WORKED_ON} UNION ALL {OFFERED}"


def contract_filter(user):
    """The contracts the person may see: with their account, or with the deal that was won."""
    scope = user.scope
    if scope.sees_all_accounts:
        return Q()
    seen = account_filter(user, "account_id")
    if scope.sees_all_deals:
        return seen
    people, day = list(scope.deal_people), user.today
    if scope.deal_people != scope.account_people:
        seen |= covered_by("account_id", people, day)
    # Of the deals' own gate only what an index finds: which accounts are covered is asked of the contract itself.
    return seen | among("deal_id", HELD, [people, people, day, people])


class ContractQuerySet(DatedQuerySet):
    """Contracts. `on(day)`: those in force on that day."""

    def visible_to(self, user):
        return self.filter(contract_filter(user))

    def valued_on(self, day):
        """With `total` and `recurring` as they stood on `day`: of each contract one look-up in the index of its values."""
        from pipeline.models import ContractValue  # noqa: PLC0415 (models import this module)

        values = ContractValue.objects.filter(contract=OuterRef("pk"), from_day__lte=day).order_by("-from_day", "-pk")
        return self.annotate(total=Subquery(values.values("total")[:1]), recurring=Subquery(values.values("recurring")[:1]))

    def renewed(self):
        """Those that another contract follows."""
        return self.filter(Exists(self.model.objects.filter(renews=OuterRef("pk"))))

    def not_renewed(self):
        return self.filter(~Exists(self.model.objects.filter(renews=OuterRef("pk"))))

    def given_up(self):
        """Those that were cancelled, or whose renewal was lost: the customer does not go on with them."""
        return self.not_renewed().filter(Q(cancelled_on__isnull=False) | Q(renewal__status="lost"))

    def going_on(self):
        """Those that nobody has given up, and no other follows."""
        return self.not_renewed().filter(cancelled_on=None).exclude(renewal__status="lost")

    def of_customers_since(self, first, last, seen):
        """Those of accounts whose first contract of `seen` (gated) began from `first` to `last` (days; either may be empty)."""
        began = seen.order_by().values("account").annotate(day=Min("during__startswith"))
        began = began.filter(day__gte=first) if first else began
        began = began.filter(day__lte=last) if last else began
        return self.filter(account__in=began.values("account"))

    def for_people(self):
        return self.select_related("account", "deal", "renewal__loss_reason", "renewed_by", "churn_reason")

    def soonest(self):
        """By the day they are to be renewed."""
        return self.order_by(F("renews_on").asc(), "pk")


class ContractPartQuerySet(ScopedQuerySet):
    """Rows that hang on a contract and are seen with it."""

    def visible_to(self, user):
        from pipeline.models import Contract  # noqa: PLC0415 (models import this module)

        if user.scope.sees_all_accounts:
            return self
        return self.filter(contract__in=Contract.objects.visible_to(user).values("pk"))
