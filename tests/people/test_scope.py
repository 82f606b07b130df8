"""Who sees what: every row of the table of roles, and whose memberships decide."""

import re
from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Account, Contact
from pipeline.models import Deal
from salesorg.people.models import Assistance, Membership, Team, User
from salesorg.people.roles import HELPERS, LEADERS, SELLERS, Role
from salesorg.people.scope import below

TODAY = date.today()
SINCE = DateRange(date(2020, 1, 1), None)


@pytest.fixture
def records(rita, sam, tom, deal_of):
    """An account with an open deal of rita and sam (North) and tom (South)."""
    return {user.name.lower(): deal_of(user) for user in (rita, sam, tom)}


def sees(user):
    """Whose accounts and whose deals this person sees, by the name of who covers and owns them."""
    user = User.objects.get(pk=user.pk)  # as in a new request
    accounts = Account.objects.visible_to(user).values_list("coverage__user__name", flat=True)
    deals = Deal.objects.visible_to(user).values_list("owner__name", flat=True)
    return {name.lower() for name in accounts}, {name.lower() for name in deals}


ALL, NORTH, OWN = {"rita", "sam", "tom"}, {"rita", "sam"}, set()


@pytest.mark.parametrize("role", sorted(SELLERS))
def test_a_seller_sees_what_the_pod_shares_and_nothing_beyond(records, person, role):
    assert sees(person("nina", "north", role)) == (NORTH, NORTH)
    assert sees(person("otis", "south", role)) == ({"tom"}, {"tom"})


@pytest.mark.parametrize("role", sorted(SELLERS))
def test_a_seller_in_a_team_that_does_not_share_sees_own_alone(records, person, role, deal_of):
    nina = person("nina", "east", role)
    deal_of(nina)
    assert sees(nina) == ({"nina"}, {"nina"})


@pytest.mark.parametrize("role", sorted(HELPERS))
def test_a_helper_sees_all_of_the_team_even_when_members_do_not_share(records, person, teams, role):
    Team.objects.filter(pk=teams["north"].pk).update(account_visibility="own", deal_visibility="own")
    assert sees(person("nina", "north", role)) == (NORTH, NORTH)


def test_an_assistant_sees_what_the_people_assisted_see_as_their_own(records, person, rita):
    andy = person("andy", "north", Role.ASSISTANT)
    assert sees(andy) == (OWN, OWN), "the pod shares with those who sell in it, not with every assistant"
    Assistance.objects.create(assistant=andy, principal=rita, during=SINCE)
    assert sees(andy) == ({"rita"}, {"rita"})


@pytest.mark.parametrize("during", [(-30, -1), (1, 30)])
def test_an_assistance_of_another_time_opens_nothing(records, person, rita, during):
    andy = person("andy", "north", Role.ASSISTANT)
    start, until = (TODAY + timedelta(days=days) for days in during)
    Assistance.objects.create(assistant=andy, principal=rita, during=DateRange(start, until))
    assert sees(andy) == (OWN, OWN)


def test_assisting_opens_nothing_to_who_is_no_longer_an_assistant(records, person, rita):
    andy = person("andy", "north", Role.ASSISTANT)
    Assistance.objects.create(assistant=andy, principal=rita, during=SINCE)
    Membership.objects.filter(user=andy).delete()
    assert sees(andy) == (OWN, OWN)


@pytest.mark.parametrize("role", sorted(LEADERS))
def test_a_leader_sees_the_whole_subtree(records, person, role):
    assert sees(person("nina", "north", role)) == (NORTH, NORTH)
    assert sees(person("olaf", "east", role)) == (ALL, ALL), "East holds North and South"
    assert sees(person("pia", "company", role)) == (ALL, ALL)


def test_a_leader_sees_below_and_not_beside_or_above(records, person, teams):
    west = Team.objects.create(name="West", kind=Team.Kind.REGION, parent=teams["company"])
    nina = person("nina")
    Membership.objects.create(user=nina, team=west, role=Role.MANAGER, during=SINCE)
    assert sees(nina) == (OWN, OWN)
    Team.objects.filter(pk=teams["south"].pk).update(parent=west)
    assert sees(nina) == ({"tom"}, {"tom"}), "a moved team is led from where it stands today"


@pytest.mark.parametrize("role", [Role.OPERATIONS, Role.FINANCE])
def test_operations_and_finance_see_all(records, person, role):
    assert sees(person("nina", "north", role)) == (ALL, ALL)


def test_an_administrator_sees_records_only_as_other_roles_allow(records, ada, teams):
    assert sees(ada) == (OWN, OWN)
    Membership.objects.create(user=ada, team=teams["south"], role=Role.AE, during=SINCE)
    assert sees(ada) == ({"tom"}, {"tom"})


def test_two_roles_give_the_union(records, person, teams, deal_of):
    nina = person("nina", "north", Role.AE)
    Membership.objects.create(user=nina, team=teams["south"], role=Role.TECHNICIAN, during=SINCE)
    deal_of(nina)
    assert sees(nina) == (ALL | {"nina"}, ALL | {"nina"})


@pytest.mark.parametrize("during", [(-400, -1), (-400, 0), (1, 30)])
def test_todays_memberships_decide(records, person, teams, during):
    """One that ended yesterday, or today, or begins tomorrow opens nothing."""
    nina = person("nina")
    start, until = (TODAY + timedelta(days=days) for days in during)
    Membership.objects.create(user=nina, team=teams["north"], role=Role.MANAGER, during=DateRange(start, until))
    assert sees(nina) == (OWN, OWN)


def test_what_a_colleague_brought_leaves_the_pod_with_them(records, rita, sam, teams):
    Membership.objects.filter(user=sam).update(during=DateRange(date(2020, 1, 1), TODAY))
    assert sees(rita) == ({"rita"}, {"rita"})


def test_whose_coverage_has_ended_is_seen_no_more(rita, sam, account_of):
    from accounts.models import Coverage

    account_of(sam)
    assert sees(rita)[0] == {"sam"}
    Coverage.objects.update(during=DateRange(date(2020, 1, 1), TODAY))
    assert sees(rita)[0] == OWN


@pytest.mark.parametrize(
    ("accounts", "deals", "expected"),
    [
        ("own", "own", ({"rita"}, {"rita"})),
        ("team", "own", (NORTH, {"rita"})),
        ("all", "own", (ALL, {"rita"})),
        ("all", "team", (ALL, NORTH)),
        ("own", "all", ({"rita"}, ALL)),
    ],
)
def test_a_team_widens_or_narrows_accounts_and_deals_separately(records, rita, teams, accounts, deals, expected):
    Team.objects.filter(pk=teams["north"].pk).update(account_visibility=accounts, deal_visibility=deals)
    assert sees(rita) == expected


def test_a_team_open_to_all_is_open_to_its_leader_and_helpers_too(records, person, teams):
    Team.objects.filter(pk=teams["north"].pk).update(account_visibility="all", deal_visibility="all")
    for name, role in (("nina", Role.MANAGER), ("olaf", Role.INSIDE)):
        assert sees(person(name, "north", role)) == (ALL, ALL)


def test_a_person_without_a_role_sees_own_alone_and_may_do_nothing(records, person, deal_of):
    nina = person("nina")
    deal_of(nina)
    assert sees(nina) == ({"nina"}, {"nina"})
    assert User.objects.get(pk=nina.pk).actions == frozenset()


def test_who_has_left_sees_nothing_because_no_page_opens(records, gone, client):
    client.force_login(gone, backend="salesorg.people.backends.PeopleBackend")
    assert client.get("/accounts/").status_code in {302, 404}
    assert client.get("/people/")["Location"].startswith("/sign-in/")


def test_an_account_shared_three_times_comes_back_once(rita, sam, cora, account_of, line):
    from accounts.models import Coverage

    account = account_of(rita)
    for user, role in ((sam, Role.SPECIALIST), (cora, Role.CSM)):
        Coverage.objects.create(account=account, line=line, role=role, user=user, during=SINCE, source="manual", reason="test")
    assert Account.objects.visible_to(User.objects.get(pk=rita.pk)).count() == 1


def test_what_hangs_on_an_account_is_seen_with_it(rita, sam, tom, account_of):
    Contact.objects.create(account=account_of(rita), name="Carla")
    assert Contact.objects.visible_to(sam).count() == 1
    assert Contact.objects.visible_to(tom).count() == 0


def test_the_reasons_are_said_in_words(person, teams, rita):
    nina = person("nina", "east", Role.DIRECTOR)
    Membership.objects.create(user=nina, team=teams["north"], role=Role.AE, during=SINCE)
    assert {grant.why for grant in nina.scope.grants} == {
        "own accounts and deals",
        "Director of East and every team below it",
        "team North shares its work",
    }


def test_scope_takes_one_query_whatever_the_size(mia, django_assert_num_queries):
    user = User.objects.signed_in(mia.pk)
    with django_assert_num_queries(1):
        assert user.today and user.scope.led_teams and user.actions


def test_a_loop_in_the_tree_hangs_nobody(person, teams, records):
    """No page makes one, but data from elsewhere may hold one."""
    Team.objects.filter(pk=teams["company"].pk).update(parent=teams["north"])
    assert sees(person("nina", "north", Role.MANAGER)) == (ALL, ALL)
    assert below({teams["north"].pk}, Team.objects.all()) == set(Team.objects.values_list("pk", flat=True))


# ── what can this person see, and why ──


def test_the_page_counts_what_each_reason_opens(records, as_user, rita):
    page = " ".join(as_user(rita).get(f"/people/{rita.pk}/visibility/").content.decode().split())
    row = '<th scope="row">{}</th><td class="number">{}</td><td class="number">{}</td>'
    assert row.format("Own accounts and deals", 1, 1) in page
    assert row.format("Team North shares its work", 2, 2) in page
    assert row.format("Together, each once", 2, 2) in page


def test_one_record_is_tested_with_its_reasons(records, as_user, mia, rita):
    browser = as_user(mia)
    ask = f"/people/{rita.pk}/visibility/?kind=account&number="
    page = browser.get(ask + str(records["sam"].account_id)).content.decode()
    assert "Yes, Rita sees it, because of: team North shares its work" in " ".join(page.split())
    assert records["sam"].account.name.replace("'", "&#x27;") in page
    pasted = browser.get(ask + f"http://127.0.0.1/accounts/{records['rita'].account_id}/").content.decode()
    assert "own accounts and deals; team North shares its work" in pasted


def test_the_test_tells_a_hidden_record_from_an_absent_one_to_nobody(records, as_user, ada, rita):
    browser = as_user(ada)
    ask = f"/people/{rita.pk}/visibility/?kind=deal&number="
    hidden, absent = records["tom"].pk, 999_999
    # The number asked for stands in its field again, and each page has a token of its own.
    own = r'"\w{64}"|value="%s"'
    pages = [re.sub(own % number, "…", browser.get(f"{ask}{number}").content.decode()) for number in (hidden, absent)]
    assert "No. Rita does not see it, or there is no such record" in pages[0]
    assert pages[0].split("<footer")[0] == pages[1].split("<footer")[0]


def test_an_administrator_learns_yes_or_no_and_no_name(records, as_user, ada, rita):
    page = as_user(ada).get(f"/people/{rita.pk}/visibility/?kind=deal&number={records['rita'].pk}").content.decode()
    assert "Yes, Rita sees it" in page
    assert "customer" not in page.split('id="test"')[1]


@pytest.mark.parametrize("query", ["kind=x&number=1", "kind=account&number=", "kind=account&number=%00", "number=" + "9" * 300])
def test_a_nonsensical_test_is_no_error(as_user, rita, query):
    assert as_user(rita).get(f"/people/{rita.pk}/visibility/?{query}").status_code == 200
