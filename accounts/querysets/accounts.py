"""Choosing accounts and what hangs on them, and who may see them."""

from decimal import Decimal

from django.contrib.postgres.search import SearchVectorField
from django.db.models import CharField, F, Func, Q, TextField, Value
from django.db.models.functions import Coalesce

from salesorg.lib.querysets import DatedQuerySet, ScopedQuerySet, among
from salesorg.lib.search import prefix_query
from salesorg.people.scope import scope_of

# Filled by upper apps in AppConfig.ready: (user) -> (SQL, params) that selects ids of accounts also visible, e.g. those of
# one's open deals.
also_visible = []

COVERED = "SELECT account_id FROM accounts_coverage WHERE user_id = ANY(%s) AND during @> %s::date"


class PlainName(Func):
    """A company's name for comparing: small letters and digits only, without its legal form."""

    template = (
        r"regexp_replace(lower(%(expressions)s), "
        r"'(\m(ag|bv|co|company|corp|corporation|gmbh|inc|limited|llc|ltd|plc|sa|se)\M|\W|_)', '', 'g')"
    )
    output_field = TextField()


class Words(Func):
    """The words by which a row is found: columns joined, anything that is neither letter nor digit parting them."""

    template = r"to_tsvector('simple'::regconfig, regexp_replace(%(expressions)s, '\W+', ' ', 'g'))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class Digits(Func):
    """The digits of a phone number: all of them, and the last ten to seven, for whoever leaves out the country or area."""

    template = (
        r"(regexp_replace(%(expressions)s, '\D', '', 'g')"
        r" || ' ' || right(regexp_replace(%(expressions)s, '\D', '', 'g'), 10)"
        r" || ' ' || right(regexp_replace(%(expressions)s, '\D', '', 'g'), 9)"
        r" || ' ' || right(regexp_replace(%(expressions)s, '\D', '', 'g'), 8)"
        r" || ' ' || right(regexp_replace(%(expressions)s, '\D', '', 'g'), 7))"
    )
    output_field = CharField()


def account_words():
    """The expression of the full-text index on accounts; a search must use the very same."""
    return Words(F("name"), F("domain"), F("city"), Digits(F("phone")))


def contact_words():
    """The expression of the full-text index on contacts."""
    return Words(F("name"), F("email"), Digits(F("phone")))


def known_employees():
    """What lists are ordered by: unknown is the smallest. The index has the very same."""
    return Coalesce("employees", Value(-1))


def known_revenue():
    """What lists are ordered by: unknown is the smallest. The index has the very same."""
    return Coalesce("annual_revenue", Value(Decimal(-1)))


def known_potential():
    """What lists are ordered by: unknown is the smallest. The index has the very same."""
    return Coalesce("potential", Value(Decimal(-1)))


class FindableQuerySet(ScopedQuerySet):
    """Rows that the search box finds; `words` is the expression of their full-text index."""

    words = None

    def matching(self, text):
        """Those in which every word of `text` begins a word: names, domain, e-mail, the digits of a phone."""
        query = prefix_query(text)
        if query is None:
            return self.none()
        # In no order: to keep the model's own, the database read all names in turn and made the words of each, for seconds.
        found = self.model._base_manager.alias(words=type(self).words()).filter(words=query).order_by().values("pk")
        # OFFSET 0 lets the index of words answer by itself; mixed with the gate, the database came to compute the words of
        # every visible row instead: 90 ms for a director.
        sql, params = found.query.sql_with_params()
        return self.filter(among("pk", f"{sql} OFFSET 0", params))


class CoverageQuerySet(DatedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))


def covered_by(column, people, day):
    """The condition that `column` holds an account that one of `people` (ids) covers on `day`."""
    return among(column, COVERED, [list(people), day])


def account_filter(user, column, **how):
    """The rows whose account the person may see; `column` holds the account's id. `how` as in `among`."""
    scope = user.scope
    if scope.sees_all_accounts:
        return Q()
    # One subquery, not joins: an account covered by three pod members must not come back three times. And not several
    # parted by OR: the database would then read every account to ask each of them.
    parts = [(COVERED, [list(scope.account_people), user.today]), *(more(user) for more in also_visible)]
    sql, params = " UNION ALL ".join(sql for sql, _params in parts), [each for _sql, params in parts for each in params]
    return among(column, sql, params, **how)


class AccountQuerySet(FindableQuerySet):
    words = staticmethod(account_words)

    def visible_to(self, user, *, few=False):
        """`few`: the other conditions leave a few dozen."""
        return self.filter(account_filter(user, "pk", few=few))

    def seen_on(self, user, day):
        """The accounts that were visible to `user` on a past day through coverage, by the memberships of that day."""
        scope = scope_of(user, day)
        return self if scope.sees_all_accounts else self.filter(covered_by("pk", scope.account_people, day))

    def covered_by(self, user, day):
        """The accounts that this very person covers on `day`."""
        return self.filter(covered_by("pk", [user.pk], day))

    def known_by(self, keys):
        """{key: account id} of the keys in other systems that are known, those of merged accounts among them."""
        from accounts.models import MergedAccount  # noqa: PLC0415 (models import this module)

        found = dict(MergedAccount.objects.filter(external_key__in=keys).values_list("external_key", "account_id"))
        return found | dict(self.filter(external_key__in=keys).values_list("external_key", "pk"))

    def alike(self, name, domain=""):
        """Accounts of the same name but for case, punctuation and legal form, or of the same web domain."""
        same = Q(plain=PlainName(Value(name))) & ~Q(plain="")
        return self.alias(plain=PlainName(F("name"))).filter(same | Q(domain__iexact=domain) if domain else same)


class ContactQuerySet(FindableQuerySet):
    words = staticmethod(contact_words)

    def visible_to(self, user, *, few=False):
        """`few`: the other conditions leave a few dozen."""
        return self.filter(account_filter(user, "account_id", few=few))

    def ever_at(self, account):
        """Those who stand at `account` or have left it: whom one may have met there."""
        return self.filter(Q(account=account) | Q(pk__in=account.departures.values("contact")))

    def here(self):
        """Those who still are where they stand, as far as anybody knows."""
        return self.filter(left_on=None)

    def reachable(self, channel=""):
        """Those whom one may reach through `channel` (email, phone, post): whoever mails or calls in bulk begins here.

        Someone not to be contacted is never among them; without a channel nothing else is asked. Nobody's silence is a no.
        """
        people = self.here().filter(do_not_contact=False)
        return people.filter(**{f"refuses_{channel}": False}) if channel else people


class ConsentQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        from accounts.models import Contact  # noqa: PLC0415 (models import this module)

        return self.filter(contact__in=Contact.objects.visible_to(user).values("pk"))


class ActivityQuerySet(ScopedQuerySet):
    def visible_to(self, user, *, newest_first=False, few=False):
        """`newest_first`: a page of them in order of time is wanted, not their number; `few`: others leave a few dozen."""
        return self.filter(account_filter(user, "account_id", row_by_row=newest_first, few=few))

    def done(self):
        return self.filter(done_at__isnull=False)

    def booked(self):
        """Meetings that were put into a calendar beforehand, held since or not."""
        return self.filter(kind__in=("meeting", "needs_analysis", "demo", "proposal_meeting"), due_on__isnull=False)

    def planned(self):
        return self.filter(done_at__isnull=True)


class AccountPartQuerySet(DatedQuerySet):
    """Rows that hang on an account and are seen with it."""

    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))


class PolicyQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """By which rules customers are served is no secret among those who serve them."""
        return self


class CoverageLineQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """The lines are the organisation's vocabulary: everybody reads them."""
        return self


class OwnQuerySet(ScopedQuerySet):
    """Rows that are nobody else's business."""

    def visible_to(self, user):
        return self.filter(user=user)
