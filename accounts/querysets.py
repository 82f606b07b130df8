"""Choosing accounts and what hangs on them, and who may see them."""

from django.db.models import Q

from salesorg.lib.querysets import ScopedQuerySet

# Filled by upper apps in AppConfig.ready: (user) -> subquery of ids of accounts also visible, e.g. those of one's open deals.
also_visible = []


class CoverageQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))

    def on(self, day):
        """Those in force on `day`."""
        return self.filter(during__contains=day)


def covered_accounts(people, day):
    """Ids of the accounts that one of `people` covers on `day`, as a subquery."""
    from .models import Coverage  # noqa: PLC0415 (models import this module)

    return Coverage.objects.on(day).filter(user_id__in=people).values("account_id")


def account_filter(user, column):
    """The rows whose account the person may see; `column` holds the account's id."""
    scope = user.scope
    if scope.sees_all_accounts:
        return Q()
    # Narrow subqueries, not joins: an account covered by three pod members must not come back three times.
    visible = Q(**{f"{column}__in": covered_accounts(scope.account_people, user.today)})
    for more in also_visible:
        visible |= Q(**{f"{column}__in": more(user)})
    return visible


class AccountQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "pk"))

    def covered_by(self, user, day):
        """The accounts that this very person covers on `day`."""
        return self.filter(pk__in=covered_accounts([user.pk], day))


class ContactQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))


class ActivityQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))

    def done(self):
        return self.filter(done_at__isnull=False)

    def planned(self):
        return self.filter(done_at__isnull=True)


class CoverageLineQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """The lines are the organisation's vocabulary: everybody reads them."""
        return self
