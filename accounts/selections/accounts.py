"""Which accounts and activities a page shows: read from its address, applied to a queryset, said in words."""

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.measures import members_of
from accounts.models import Account, Activity, Contact, Coverage
from accounts.querysets.accounts import covered_by, known_potential
from salesorg.lib.selection import ListSelection
from salesorg.lib.validators import check_amount
from salesorg.lib.widgets import SMALL, Combobox, day_field
from salesorg.people.models import Membership, Team, User


def choice(choices, **more):
    return forms.ChoiceField(required=False, choices=[("", ""), *choices], **more)


def one_of(model, url_name, **more):
    return forms.ModelChoiceField(model.objects.none(), required=False, widget=Combobox(url_name), **more)


def teammates(user):
    """Ids of everybody in one of the person's teams, or in a team below one that this person leads."""
    memberships = Membership.objects.on(user.today)
    teams = set(memberships.filter(user=user).values_list("team_id", flat=True)) | user.scope.led_teams
    return set(memberships.filter(team__in=teams).values_list("user_id", flat=True)) | {user.pk}


def covered(column, people, day):
    """The condition that `column` holds an account that one of `people` covers; of people who cover none it is never true."""
    return covered_by(column, people, day) if any_have(people, Coverage.objects.on(day)) else Q(pk__in=())


def any_have(people, rows):
    """Whether one of `rows` is of one of `people` (ids), in an instant: to fill a page in order, and finding none, the database
    would read every row there is."""
    return User.objects.filter(Exists(rows.filter(user=OuterRef("pk"))), pk__in=people).exists()


class AccountSelection(ListSelection):
    """The filters of the account list."""

    whose = choice([("mine", ""), ("team", "")])
    q = forms.CharField(required=False, max_length=100, label=_lazy("words"))
    lifecycle = choice(Account.Lifecycle.choices, label=_lazy("Lifecycle"))
    tier = choice(Account.Tier.choices, label=_lazy("Tier"))
    key = choice([("1", "")])
    industry = forms.CharField(required=False, max_length=100, label=_lazy("Industry"))
    country = forms.CharField(required=False, max_length=100, label=_lazy("Country"))
    by = one_of(User, "people:person_lookup", label=_lazy("Covered by"))
    team = one_of(Team, "people:team_lookup", label=_lazy("Covered by team"))
    parent = one_of(Account, "accounts:account_lookup", label=_lazy("Subsidiary of"))
    potential = forms.DecimalField(required=False, validators=[check_amount], label=_lazy("Potential from"))

    def accounts(self):
        """The visible accounts that pass the filters."""
        accounts = Account.objects.visible_to(self.user)
        if words := self.get("q"):
            accounts = accounts.matching(words)
        chosen = Q()
        for name in ("lifecycle", "tier", "industry", "country", "parent"):
            if value := self.get(name):
                chosen &= Q(**{name: value})
        if self.get("key"):
            chosen &= Q(is_key_account=True)
        if (least := self.get("potential")) != "":
            # As the index has it; unknown is the smallest, so zero asks for what has been estimated at all.
            accounts = accounts.alias(known_potential=known_potential())
            chosen &= Q(known_potential__gte=least)
        if (people := self.people()) is not None:
            chosen &= covered("pk", people, self.user.today)
        return accounts.filter(chosen)

    def people(self):
        """Ids of those whose accounts are asked for; None for everybody's."""
        if person := self.get("by"):
            return [person.pk]
        if team := self.get("team"):
            return list(members_of(team, self.user.today))
        if self.get("whose") == "mine":
            return [self.user.pk]
        return teammates(self.user) if self.get("whose") == "team" else None

    @property
    def words(self):
        """What is shown, in a sentence."""
        kinds = {"prospect": _("Prospects"), "customer": _("Customers"), "former": _("Former customers")}
        words = [kinds.get(self.get("lifecycle"), _("Accounts"))]
        said = {
            "by": _("covered by %(value)s"),
            "team": _("covered by team %(value)s"),
            "tier": _("of tier %(value)s"),
            "industry": _("in %(value)s"),
            "country": _("from %(value)s"),
            "parent": _("belonging to %(value)s"),
            "potential": _("with a potential of %(value)s or more"),
            "q": _("matching “%(value)s”"),
        }
        words += [pattern % {"value": self.get(name)} for name, pattern in said.items() if self.get(name) != ""]
        if not self.get("by") and not self.get("team"):
            whose = {"mine": _("that you cover"), "team": _("that your team covers")}
            words += [whose[self.get("whose")]] if self.get("whose") in whose else []
        return " ".join(str(word) for word in words)


class ActivitySelection(ListSelection):
    """The filters of the activity list."""

    state = choice([("done", ""), ("planned", ""), ("overdue", ""), ("booked", "")])
    kind = choice(Activity.Kind.choices, label=_lazy("Kind"))
    outcome = choice([each for each in Activity.Outcome.choices if each[0]], label=_lazy("Outcome"))
    user = one_of(User, "people:person_lookup", label=_lazy("By"))
    team = one_of(Team, "people:team_lookup", label=_lazy("Team"))
    whose = choice([("mine", ""), ("team", "")])
    account = one_of(Account, "accounts:account_lookup", label=_lazy("Account"))
    since = day_field(required=False, css=SMALL, label=_lazy("From"))
    until = day_field(required=False, css=SMALL, label=_lazy("to"))

    def activities(self, *, newest_first=False):
        """The visible activities that pass the filters; dates are those of doing, of what is planned those it is due.

        `newest_first` as in ActivityQuerySet.visible_to.
        """
        activities = Activity.objects.visible_to(self.user, newest_first=newest_first)
        state = self.get("state")
        chosen_by = {"done": activities.done, "booked": activities.booked}
        activities = chosen_by.get(state, activities.planned)()
        if state == "overdue":
            activities = activities.filter(due_on__lt=self.user.today)
        column = {"done": "done_at__date", "booked": "created_at__date"}.get(state, "due_on")
        chosen = Q()
        for name, lookup in (("kind", "kind"), ("outcome", "outcome"), ("user", "user"), ("account", "account")):
            if value := self.get(name):
                chosen &= Q(**{lookup: value})
        for name, comparison in (("since", "gte"), ("until", "lte")):
            if value := self.get(name):
                chosen &= Q(**{f"{column}__{comparison}": value})
        if not self.get("user"):
            if team := self.get("team"):
                chosen &= Q(user__in=members_of(team, self.user.today))
            elif self.get("whose") == "mine":
                chosen &= Q(user=self.user)
            elif self.get("whose") == "team":
                mates = teammates(self.user)
                chosen &= Q(user__in=mates) if any_have(mates, Activity.objects.all()) else Q(pk__in=())
        return activities.filter(chosen)

    @property
    def words(self):
        """What is shown, in a sentence."""
        states = {"done": _("Done"), "planned": _("Planned"), "overdue": _("Overdue"), "booked": _("Meetings booked")}
        words = [states[self.get("state")]]
        if kind := self.get("kind"):
            words.append(str(Activity.Kind(kind).label).lower())
        for name, pattern in (
            ("user", _("by %(value)s")),
            ("team", _("by team %(value)s")),
            ("account", _("at %(value)s")),
            ("since", _("from %(value)s")),
            ("until", _("until %(value)s")),
        ):
            if self.get(name):
                words.append(pattern % {"value": self.get(name)})
        return " ".join(str(word) for word in words)


class ContactSelection(ListSelection):
    """The filters of the list of contacts."""

    whose = choice([("mine", ""), ("team", "")])
    q = forms.CharField(required=False, max_length=100, label=_lazy("words"))
    decision_role = choice([each for each in Contact.DecisionRole.choices if each[0]], label=_lazy("Role in the decision"))
    account = one_of(Account, "accounts:account_lookup", label=_lazy("Account"))
    reachable = choice([("no", "")])
    left = choice([("no", _lazy("Still there")), ("yes", _lazy("Has left"))], label=_lazy("At the account"))

    def contacts(self):
        """The visible contacts that pass the filters."""
        contacts = Contact.objects.visible_to(self.user)
        if words := self.get("q"):
            contacts = contacts.matching(words)
        chosen = Q()
        for name in ("decision_role", "account"):
            if value := self.get(name):
                chosen &= Q(**{name: value})
        if self.get("reachable"):
            chosen &= Q(do_not_contact=True)
        if left := self.get("left"):
            chosen &= Q(left_on__isnull=left == "no")
        if whose := self.get("whose"):
            people = [self.user.pk] if whose == "mine" else teammates(self.user)
            chosen &= covered("account_id", people, self.user.today)
        return contacts.filter(chosen)

    @property
    def words(self):
        """What is shown, in a sentence."""
        words = [_("Contacts")]
        if role := self.get("decision_role"):
            words.append(f"({Contact.DecisionRole(role).label})")
        if self.get("reachable"):
            words.append(_("not to be contacted"))
        if left := self.get("left"):
            words.append(_("still there") if left == "no" else _("who have left"))
        for name, pattern in (("account", _("at %(value)s")), ("q", _("matching “%(value)s”"))):
            if self.get(name):
                words.append(pattern % {"value": self.get(name)})
        whose = {"mine": _("at accounts that you cover"), "team": _("at accounts that your team covers")}
        words += [whose[self.get("whose")]] if self.get("whose") in whose else []
        return " ".join(str(word) for word in words)


def names_of_coverers(accounts, user):
    """{account id: names of those who cover it today}, the first contact first: for a list, which shows no more of them."""
    rows = Coverage.objects.visible_to(user).on(user.today).filter(account__in=accounts)
    found = {}
    for account, name in rows.order_by("-is_first_contact", "role", "pk").values_list("account_id", "user__name"):
        found.setdefault(account, {})[name] = True
    return {account: list(names) for account, names in found.items()}


def coverers(accounts, user):
    """{account id: [Coverage in force]} of these accounts, the first contact first."""
    rows = Coverage.objects.visible_to(user).on(user.today).filter(account__in=accounts).select_related("user", "line")
    found = {}
    for row in rows.order_by("-is_first_contact", "role", "pk"):
        found.setdefault(row.account_id, []).append(row)
    return found
