"""Choosing accounts and what hangs on them, and who may see them."""

from django.contrib.postgres.search import SearchVectorField
from django.db.models import CharField, F, Func, Q, TextField, Value

from salesorg.lib.querysets import DatedQuerySet, ScopedQuerySet
from salesorg.lib.search import prefix_query

# Filled by upper apps in AppConfig.ready: (user) -> subquery of ids of accounts also visible, e.g. those of one's open deals.
also_visible = []


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


class FindableQuerySet(ScopedQuerySet):
    """Rows that the search box finds; `words` is the expression of their full-text index."""

    words = None

    def matching(self, text):
        """Those in which every word of `text` begins a word: names, domain, e-mail, the digits of a phone."""
        query = prefix_query(text)
        return self.none() if query is None else self.alias(words=type(self).words()).filter(words=query)


class CoverageQuerySet(DatedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))


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


class AccountQuerySet(FindableQuerySet):
    words = staticmethod(account_words)

    def visible_to(self, user):
        return self.filter(account_filter(user, "pk"))

    def covered_by(self, user, day):
        """The accounts that this very person covers on `day`."""
        return self.filter(pk__in=covered_accounts([user.pk], day))

    def alike(self, name, domain=""):
        """Accounts of the same name but for case, punctuation and legal form, or of the same web domain."""
        same = Q(plain=PlainName(Value(name))) & ~Q(plain="")
        return self.alias(plain=PlainName(F("name"))).filter(same | Q(domain__iexact=domain) if domain else same)


class ContactQuerySet(FindableQuerySet):
    words = staticmethod(contact_words)

    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))

    def reachable(self, channel=""):
        """Those whom one may reach through `channel` (email, phone, post): whoever mails or calls in bulk begins here.

        Someone not to be contacted is never among them; without a channel nothing else is asked. Nobody's silence is a no.
        """
        people = self.filter(do_not_contact=False)
        return people.filter(**{f"refuses_{channel}": False}) if channel else people


class ConsentQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        from .models import Contact  # noqa: PLC0415 (models import this module)

        return self.filter(contact__in=Contact.objects.visible_to(user).values("pk"))


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
