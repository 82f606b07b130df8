"""Choosing documents, the links under which they were sent, and orders of printed material; and who may see them."""

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.querysets.accounts import account_filter
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.models import Membership
from salesorg.people.roles import Action


def document_filter(user, prefix=""):
    """The rows whose document the person may see; `prefix` leads to it.

    A document of an account is seen with the account. One of the library is seen by everybody who reads records, unless it
    names teams or roles: then by those, by who put it there, and by who keeps the library for the whole company.
    """
    from accounts.models import DocumentTeam  # noqa: PLC0415 (models import this module)

    of_account = Q(**{f"{prefix}account__isnull": False}) & account_filter(user, f"{prefix}account_id")
    if not user.may(Action.READ_RECORDS):
        return of_account
    in_library = Q(**{f"{prefix}account": None})
    if user.scope.sees_all_accounts and user.may(Action.EDIT_DOCUMENTS):
        return of_account | in_library
    named = DocumentTeam.objects.filter(document=OuterRef(f"{prefix}pk" if not prefix else f"{prefix.removesuffix('__')}_id"))
    mine = Membership.objects.on(user.today).filter(user=user).values("team_id")
    allowed = (
        (Q(**{f"{prefix}roles": []}) & ~Exists(named))
        | Exists(named.filter(Q(team__in=mine) | Q(team__in=user.scope.led_teams)))
        | Q(**{f"{prefix}roles__overlap": [int(role) for role in user.scope.roles]})
        | Q(**{f"{prefix}created_by": user})
    )
    return of_account | (in_library & allowed)


class DocumentQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(document_filter(user))

    def library(self):
        """Those of the whole company, and not of one account."""
        return self.filter(account=None)


class DocumentPartQuerySet(ScopedQuerySet):
    """Versions and audiences: seen with their document."""

    def visible_to(self, user):
        return self.filter(document_filter(user, "document__"))


class DocumentLinkQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """With the document; what was sent about an account only with the account, or by the person."""
        about = Q(account=None) | Q(created_by=user) | account_filter(user, "account_id")
        return self.filter(document_filter(user, "version__document__"), about)

    def valid(self, now):
        return self.filter(revoked_at=None, expires_at__gt=now)

    def count_opening(self, pk, *, most, within, now=None):
        """Count one opening of the link; False when it was opened `most` times `within` the last stretch of time already."""
        now = now or timezone.now()
        rows = self.filter(pk=pk)
        counted = {"opens": F("opens") + 1, "last_opened_at": now}
        # One conditional UPDATE each: of many at once none is counted twice and none slips through.
        if rows.filter(Q(stretch_began=None) | Q(stretch_began__lte=now - within)).update(
            **counted, stretch_began=now, stretch_opens=1
        ):
            return True
        return rows.filter(stretch_opens__lt=most).update(**counted, stretch_opens=F("stretch_opens") + 1) == 1


class PrintOrderQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """One's own, those of the people one leads, and all of them for who sees all records."""
        if user.scope.sees_all_accounts:
            return self
        led = Membership.objects.on(user.today).filter(team__in=user.scope.led_teams).values("user_id")
        return self.filter(Q(user=user) | Q(user_id__in=led))
