"""Managing people, roles and teams in the pages."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from salesorg.jobs import outbox
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership, Session, Team, User
from salesorg.people.roles import Role
from salesorg.people.services import people as services
from salesorg.people.services import teams as team_services
from salesorg.people.services.leaving import deactivate_person

TODAY = date.today()
PERSON = {
    "name": "Nina",
    "email": "nina@northwind.example",
    "time_zone": "Europe/Vienna",
    "locale": "en",
    "started_on": "2026-01-05",
}


def test_an_administrator_adds_a_colleague_who_gets_a_link_to_choose_a_password(as_user, ada, teams, mailoutbox):
    answer = as_user(ada).post("/people/new/", PERSON | {"team": teams["north"].pk, "role": Role.AE, "invited": "on"})
    nina = User.objects.get(name="Nina")
    assert answer["Location"] == f"/people/{nina.pk}/"
    assert not nina.has_usable_password()
    assert nina.memberships.get().during.lower == date(2026, 1, 5)
    for message in outbox.to_do():
        outbox.perform(message.pk)
    assert mailoutbox[0].to == ["nina@northwind.example"]
    assert "/password/" in mailoutbox[0].body


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "RITA@northwind.example"}, "Somebody already signs in with this e-mail address"),
        ({"email": "not an address"}, "Enter a valid email address"),
        ({"time_zone": "Mars/Base"}, "is not a time zone"),
        ({"started_on": "1900-01-01"}, "between 2000 and 2100"),
        ({"started_on": "9999-12-31"}, "between 2000 and 2100"),
        ({"name": "x" * 10_000}, "at most 100 characters"),
        ({"name": "a\x00b"}, "Null characters are not allowed"),
        ({"team": "999999999999999999999"}, "Select a valid choice"),
        ({"role": "99"}, "Select a valid choice"),
    ],
)
def test_bad_input_is_answered_at_its_field_and_nothing_typed_is_lost(as_user, ada, rita, teams, typed, sentence):
    answer = as_user(ada).post("/people/new/", PERSON | {"team": teams["north"].pk, "role": Role.AE} | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="Europe/Vienna"' in page or "time_zone" in typed
    assert not User.objects.filter(name="Nina").exists()


def test_two_people_with_one_address_are_refused_even_when_the_form_saw_neither(ada, rita):
    with pytest.raises(DomainError, match="already signs in"):
        services.create_person(name="Rita 2", email="Rita@Northwind.example", actor=ada)


def test_the_list_is_searched_and_narrowed_by_role_and_team(as_user, cast, teams):
    browser = as_user(cast["sol"])

    def names(query):
        page = browser.get(f"/people/?{query}").content.decode()
        return {name for name, user in cast.items() if f"mailto:{user.email}" in page}

    assert names("") == set(cast) - {"gone"}
    assert names("left=1") == {"gone"}
    assert names("q=RITA") == {"rita"}
    assert names(f"role={Role.AE}") == {"rita", "sam", "tom"}
    assert names(f"team={teams['south'].pk}") == {"tom"}
    assert names("q=%00&role=x&team=99999999999999999999&after=nonsense") == set(cast) - {"gone"}


def test_the_list_takes_few_queries_however_many_people_there_are(as_user, cast, teams, django_assert_max_num_queries):
    people = User.objects.bulk_create(User(name=f"P{n}", email=f"p{n}@x.example") for n in range(60))
    during = cast["rita"].memberships.get().during
    Membership.objects.bulk_create(Membership(user=each, team=teams["south"], role=Role.AE, during=during) for each in people)
    browser = as_user(cast["rita"])
    with django_assert_max_num_queries(6):
        browser.get("/people/")


def test_a_person_page_shows_roles_past_present_and_to_come(as_user, rita, teams):
    services.add_membership(person=rita, team=teams["south"], role=Role.CSM, since=TODAY + timedelta(days=9), actor=rita)
    services.add_membership(
        person=rita, team=teams["south"], role=Role.CSM, since=date(2021, 1, 1), last_day=date(2021, 6, 30), actor=rita
    )
    page = as_user(rita).get(f"/people/{rita.pk}/").content.decode()
    assert page.count("Customer success manager") == 2
    assert "to come" in page
    assert "30 Jun 2021" in page


def test_colleagues_are_found_by_the_search_box_with_their_role(as_user, rita, sam, gone):
    page = as_user(sam).get("/search/?q=rit").content.decode()
    assert f'href="/people/{rita.pk}/"' in page
    assert "Account executive, North" in page
    assert f'href="/people/{gone.pk}/"' not in as_user(sam).get("/search/?q=gone").content.decode()


def test_pages_speak_in_the_time_and_manner_of_the_person(as_user, rita, teams):
    services.add_membership(person=rita, team=teams["south"], role=Role.CSM, since=date(2021, 3, 1), last_day=TODAY, actor=rita)
    User.objects.filter(pk=rita.pk).update(locale="de")
    assert "1 März 2021" in as_user(rita).get(f"/people/{rita.pk}/").content.decode()


# ── roles ──


def test_the_same_role_twice_at_a_time_is_refused_with_the_dates(as_user, ada, rita, teams):
    answer = as_user(ada).post(f"/people/{rita.pk}/roles/new/", {"team": teams["north"].pk, "role": Role.AE, "since": TODAY})
    assert answer.status_code == 422
    assert "already is Account executive in North, since 2020-01-01" in answer.content.decode()


def test_a_role_may_be_held_again_after_it_ended(rita, ada, teams):
    held = rita.memberships.get()
    services.end_membership(membership=held, last_day=TODAY - timedelta(days=2), actor=ada)
    services.add_membership(person=rita, team=teams["north"], role=Role.AE, since=TODAY - timedelta(days=1), actor=ada)
    assert rita.memberships.count() == 2


def test_a_role_that_would_have_begun_later_never_does(rita, ada, teams):
    later = services.add_membership(person=rita, team=teams["south"], role=Role.AE, since=TODAY + timedelta(days=5), actor=ada)
    services.end_membership(membership=later, last_day=TODAY, actor=ada)
    assert not Membership.objects.filter(pk=later.pk).exists()


def test_the_last_administrator_cannot_go(as_user, ada, otto):
    browser = as_user(ada)
    role = ada.memberships.get()
    answer = browser.post(f"/roles/{role.pk}/end/", {"last_day": TODAY})
    assert answer.status_code == 422
    assert "Nobody would be left to administer" in answer.content.decode()
    answer = browser.post(f"/people/{ada.pk}/deactivate/", {"on": TODAY})
    assert answer.status_code == 422
    services.add_membership(person=otto, team=role.team, role=Role.ADMINISTRATOR, since=TODAY, actor=ada)
    assert browser.post(f"/roles/{role.pk}/end/", {"last_day": TODAY - timedelta(days=1)}).status_code == 302


def test_an_administrator_who_left_does_not_count(ada, otto):
    services.add_membership(person=otto, team=ada.memberships.get().team, role=Role.ADMINISTRATOR, since=TODAY, actor=ada)
    User.objects.filter(pk=otto.pk).update(is_active=False)
    with pytest.raises(DomainError, match="Nobody would be left"):
        services.end_membership(membership=ada.memberships.get(), last_day=TODAY, actor=ada)


def while_uncommitted(first, second):
    """Do `second` in another thread while the transaction of `first` is open; the error it raised, None for none."""
    errors = []

    def run():
        try:
            second()
        except DomainError as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        while thread.is_alive() and not somebody_waits():
            thread.join(timeout=0.01)
    thread.join()
    return errors[0] if errors else None


def somebody_waits():
    """Whether another connection to this database waits for a named lock."""
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND {here}")
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_end_each_other_at_the_same_moment(ada, otto):
    role = services.add_membership(person=otto, team=ada.memberships.get().team, role=Role.ADMINISTRATOR, since=TODAY, actor=ada)
    one, other = ada.memberships.get(), role
    refusal = while_uncommitted(
        lambda: services.end_membership(membership=one, last_day=TODAY, actor=otto),
        lambda: services.end_membership(membership=other, last_day=TODAY, actor=ada),
    )
    assert "Nobody would be left to administer" in str(refusal)


# ── assistance ──


def test_only_an_assistant_assists(as_user, ada, rita, sam, person):
    browser = as_user(ada)
    answer = browser.post(f"/people/{rita.pk}/assists/new/", {"principal": sam.pk, "since": TODAY})
    assert "is no sales assistant at that time" in answer.content.decode()
    andy = person("andy", "north", Role.ASSISTANT)
    assert browser.post(f"/people/{andy.pk}/assists/new/", {"principal": sam.pk, "since": TODAY}).status_code == 302
    found = andy.assisting.get()
    browser.post(f"/assists/{found.pk}/end/", {"last_day": TODAY})
    found.refresh_from_db()
    assert found.during.upper == TODAY + timedelta(days=1)


# ── teams ──


def test_a_team_is_moved_and_can_never_contain_itself(as_user, ada, teams):
    browser = as_user(ada)
    fields = {"name": "East", "kind": "region", "account_visibility": "own", "deal_visibility": "own"}
    url = f"/teams/{teams['east'].pk}/edit/"
    answer = browser.post(url, fields | {"parent": teams["north"].pk, "version": teams["east"].version})
    assert answer.status_code == 422
    assert "North is part of East, so it cannot contain it" in answer.content.decode()
    south = {"name": "South", "kind": "pod", "account_visibility": "own", "deal_visibility": "all"}
    browser.post(f"/teams/{teams['south'].pk}/edit/", south | {"parent": teams["company"].pk, "version": teams["south"].version})
    teams["south"].refresh_from_db()
    assert (teams["south"].parent, teams["south"].deal_visibility) == (teams["company"], "all")


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_the_same_moment_make_no_circle(ada, teams):
    north, south = teams["north"], teams["south"]
    refusal = while_uncommitted(
        lambda: team_services.change_team(team=Team.objects.get(pk=north.pk), parent=south, actor=ada),
        lambda: team_services.change_team(team=Team.objects.get(pk=south.pk), parent=north, actor=ada),
    )
    assert "North is part of South" in str(refusal)


def test_a_team_that_had_members_stays(as_user, ada, rita, teams):
    browser = as_user(ada)
    assert browser.post(f"/teams/{teams['north'].pk}/delete/").status_code == 422
    assert browser.post(f"/teams/{teams['south'].pk}/delete/").status_code == 302
    assert not Team.objects.filter(name="South").exists()


def test_the_tree_stands_in_order_and_counts_todays_people(as_user, cast, teams):
    page = as_user(cast["rita"]).get("/teams/").content.decode()
    places = [page.index(f">{name}<") for name in ("Northwind", "East", "North", "South")]
    assert places == sorted(places)
    assert f'?team={teams["south"].pk}">1<' in page


def test_a_team_page_shows_who_is_in_it_and_who_will_be(as_user, rita, tom, teams):
    services.end_membership(membership=tom.memberships.get(), last_day=TODAY - timedelta(days=1), actor=rita)
    services.add_membership(person=rita, team=teams["south"], role=Role.CSM, since=TODAY + timedelta(days=9), actor=rita)
    browser = as_user(rita)
    north, south = (browser.get(f"/teams/{teams[name].pk}/").content.decode() for name in ("north", "south"))
    assert "Account executive" in north
    assert "to come" in south
    assert "Tom" not in south


def test_a_stale_edit_of_a_person_shows_both_values(as_user, ada, rita):
    browser = as_user(ada)
    typed = {"name": "Rita Two", "email": rita.email, "time_zone": "UTC", "locale": "en", "started_on": "2020-01-01"}
    User.objects.filter(pk=rita.pk).update(name="Rita One")
    answer = browser.post(f"/people/{rita.pk}/edit/", typed | {"version": rita.version})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Someone saved “Rita One” meanwhile; you typed “Rita Two”" in page
    rita.refresh_from_db()
    assert rita.name == "Rita One"
    assert browser.post(f"/people/{rita.pk}/edit/", typed | {"version": rita.version}).status_code == 302


# ── leaving ──


def test_deactivating_ends_sessions_roles_and_access_at_once(as_user, ada, rita, client):
    from django.test import Client

    phone = Client()
    phone.force_login(rita, backend="salesorg.people.backends.PeopleBackend")
    as_user(ada).post(f"/people/{rita.pk}/deactivate/", {"on": TODAY})
    assert not Session.objects.filter(user=rita).exists()
    assert phone.get("/people/").status_code == 302
    rita = User.objects.get(pk=rita.pk)
    assert (rita.is_active, rita.ended_on) == (False, TODAY - timedelta(days=1))
    assert rita.scope.roles == frozenset()


def test_who_leaves_says_what_is_left_and_hands_it_over_in_one_go(as_user, ada, rita, tom, account_of, deal_of):
    from accounts.models import Account, Coverage
    from pipeline.models import Deal, DealMember

    first, closed = deal_of(rita), deal_of(rita, stage="Won")
    account_of(rita, "Third")
    browser = as_user(ada)
    page = browser.get(f"/people/{rita.pk}/deactivate/").content.decode()
    assert "Rita still has:" in page
    assert "3 accounts covered" in page
    assert "1 open deal" in page
    answer = browser.post(f"/people/{rita.pk}/deactivate/", {"on": TODAY, "to": tom.pk})
    assert answer.status_code == 302
    assert set(Account.objects.covered_by(tom, TODAY).values_list("name", flat=True)) >= {"Third"}
    assert Account.objects.covered_by(tom, TODAY).count() == 3
    assert Coverage.objects.on(TODAY - timedelta(days=1)).filter(user=rita).count() == 3, "the past keeps its owner"
    assert Deal.objects.get(pk=first.pk).owner == tom
    assert DealMember.objects.on(TODAY).get(deal=first).user == tom
    assert Deal.objects.get(pk=closed.pk).owner == rita
    assert DealMember.objects.on(TODAY).get(deal=closed).user == rita


def test_a_departure_is_taken_back_whole_in_one_click(as_user, ada, rita, tom, deal_of):
    from accounts.models import Account
    from pipeline.models import Deal, DealMember
    from salesorg.audit.models import Change

    deal = deal_of(rita)
    browser = as_user(ada)
    browser.post(f"/people/{rita.pk}/deactivate/", {"on": TODAY, "to": tom.pk})
    context = Change.objects.latest("pk").context
    assert browser.post(f"/people/undo/{context}/").status_code == 302
    rita = User.objects.get(pk=rita.pk)
    assert rita.is_active
    assert rita.memberships.on(TODAY).exists()
    assert Account.objects.covered_by(rita, TODAY).count() == 1
    assert not Account.objects.covered_by(tom, TODAY).exists()
    assert Deal.objects.get(pk=deal.pk).owner == rita
    assert DealMember.objects.on(TODAY).get(deal=deal).user == rita
    assert browser.post(f"/people/undo/{context}/").status_code == 422, "not twice"


def test_the_whole_undo_is_for_departures_alone(as_user, ada, rita):
    from salesorg.audit.models import Change

    browser = as_user(ada)
    browser.post("/teams/new/", {"name": "West", "kind": "pod", "account_visibility": "own", "deal_visibility": "own"})
    assert browser.post(f"/people/undo/{Change.objects.latest('pk').context}/").status_code == 422


def test_nothing_is_handed_to_somebody_who_could_not_work_with_it(ada, rita, fay, account_of):
    account_of(rita)
    for to in (fay, rita):
        with pytest.raises(DomainError):
            deactivate_person(person=rita, on=TODAY, to=to, actor=ada)
    rita.refresh_from_db()
    assert rita.is_active


def test_a_future_day_is_refused(as_user, ada, rita):
    answer = as_user(ada).post(f"/people/{rita.pk}/deactivate/", {"on": TODAY + timedelta(days=3)})
    assert answer.status_code == 422
    assert "choose today or an earlier day" in answer.content.decode()


def test_the_end_of_the_last_role_offers_to_hand_over(as_user, ada, rita, sam, account_of):
    from accounts.models import Account

    account_of(rita)
    role = rita.memberships.get()
    browser = as_user(ada)
    assert "1 account covered" in browser.get(f"/roles/{role.pk}/end/").content.decode()
    browser.post(f"/roles/{role.pk}/end/", {"last_day": TODAY - timedelta(days=1), "to": sam.pk})
    assert Account.objects.covered_by(sam, TODAY).count() == 1
    assert not Membership.objects.on(TODAY).filter(user=rita).exists()


def test_a_change_names_its_page_and_never_an_address_with_a_secret(as_user, ada, rita):
    from salesorg.audit.models import Change

    as_user(ada).post(f"/people/{rita.pk}/reactivate/")
    as_user(ada).post(f"/people/{rita.pk}/deactivate/", {"on": TODAY})
    last = Change.objects.filter(table="people_user", row_id=rita.pk).latest("pk")
    assert (last.actor_id, last.cause) == (ada.pk, "people:person_deactivate")


def test_services_outside_a_request_are_recorded_too(ada, rita):
    from salesorg.audit.models import Change

    with acting(ada, "a command"), transaction.atomic():
        deactivate_person(person=rita, on=TODAY, actor=ada)
    assert Change.objects.filter(table="people_user", row_id=rita.pk).latest("pk").cause == "a command"
