"""Views of lists: kept by name, shared by those who may, pinned; whoever opens one sees no more than before."""

from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership, SavedView
from salesorg.people.roles import Role
from salesorg.people.services.saved_views import change_view, delete_view, save_view, use_view

EVER = date(2020, 1, 1)
ACCOUNTS = SavedView.Page.ACCOUNTS


@pytest.fixture
def view(mia, teams):
    """Mia shares with North: large prospects."""
    return save_view(
        page=ACCOUNTS,
        query="lifecycle=prospect&after=xyz&sort=name",
        name="Prospects",
        shared="team",
        team=teams["north"],
        actor=mia,
    )


def seen_by(user):
    return [view.name for view in SavedView.objects.visible_to(user)]


def test_a_view_is_an_address_without_the_place_in_the_list(view):
    assert view.get_absolute_url() == "/accounts/?lifecycle=prospect&sort=name"


def test_a_team_has_what_its_leader_shares_and_others_do_not(view, rita, mia, tom):
    assert (seen_by(rita), seen_by(mia), seen_by(tom)) == (["Prospects"], ["Prospects"], [])


def test_what_a_team_above_shares_reaches_the_teams_below(otto, rita, tom, teams):
    save_view(page=ACCOUNTS, query="", name="East", shared="team", team=teams["east"], actor=otto)
    assert seen_by(rita) == seen_by(tom) == ["East"]


@pytest.mark.parametrize(("who", "shared", "team"), [("rita", "team", "north"), ("mia", "team", "south"), ("mia", "all", None)])
def test_nobody_shares_beyond_the_teams_they_lead(cast, teams, who, shared, team):
    with pytest.raises(DomainError):
        save_view(page=ACCOUNTS, query="", name="Mine", shared=shared, team=teams.get(team), actor=cast[who])
    assert not SavedView.objects.exists()


def test_opening_a_shared_view_shows_nothing_that_is_not_ones_own(as_user, otto, rita, tom, account_of):
    account_of(rita, "Ritas"), account_of(tom, "Toms")
    everybodys = save_view(page=ACCOUNTS, query=f"by={tom.pk}", name="Toms", shared="all", actor=otto)
    assert "Toms" not in [row.name for row in as_user(rita).get(everybodys.get_absolute_url()).context["page"].rows]


def test_a_pinned_view_stands_in_the_navigation_of_who_pinned_it(as_user, view, rita, sam):
    use_view(view=view, actor=rita, pinned=True, default=False)
    assert "/accounts/?lifecycle=prospect&amp;sort=name" in as_user(rita).get("/").content.decode()
    assert "lifecycle=prospect" not in as_user(sam).get("/").content.decode()
    delete_view(view=view, actor=rita)
    assert "lifecycle=prospect" not in as_user(rita).get("/").content.decode()


def test_a_page_opens_with_the_view_one_chose_for_it_and_with_one_only(as_user, view, rita):
    other = save_view(page=ACCOUNTS, query="tier=A", name="A", shared="own", actor=rita, default=True)
    use_view(view=view, actor=rita, pinned=False, default=True)
    page = as_user(rita).get("/").content.decode()
    assert 'href="/accounts/?lifecycle=prospect&amp;sort=name"' in page
    assert other.get_absolute_url() not in page


def test_a_view_is_saved_from_its_list_and_removed_again(as_user, rita):
    client = as_user(rita)
    url = reverse("people:view_new") + "?page=accounts:account_list&query=tier%3DA%26columns%3Ddomain"
    assert client.get(url).status_code == 200
    answer = client.post(url, {"name": "Big ones", "pinned": "on"})
    assert answer.url == "/accounts/?tier=A&columns=domain"
    saved = SavedView.objects.get()
    assert client.post(url, {"name": "Big ones"}).status_code == 422
    assert "Big ones" in client.get(reverse("people:view_menu"), {"page": "accounts:account_list"}).content.decode()
    client.post(reverse("people:view_delete", args=[saved.pk]))
    assert not SavedView.objects.exists()


def test_somebody_elses_view_is_used_and_not_changed(as_user, view, rita):
    client = as_user(rita)
    assert client.get(reverse("people:view_edit", args=[view.pk])).status_code == 404
    assert client.post(reverse("people:view_use", args=[view.pk]), {"pinned": "1"}).status_code == 302
    assert client.post(reverse("people:view_delete", args=[view.pk])).status_code == 404


def test_a_view_that_is_no_longer_shared_goes_from_the_navigation_of_others(as_user, view, rita, mia, teams):
    for user in (rita, mia):
        use_view(view=view, actor=user, pinned=True, default=True)
    assert "Prospects" in as_user(rita).get("/accounts/").text
    change_view(view=view, name="Secret plan", shared="own", actor=mia, pinned=True)
    assert "Secret plan" not in as_user(rita).get("/accounts/").text
    assert "Secret plan" in as_user(mia).get("/accounts/").text


def test_an_address_of_too_many_filters_is_refused_in_words(as_user, rita):
    address = reverse("people:view_new", query={"page": ACCOUNTS.value, "query": "&".join(["a=1"] * 150)})
    answer = as_user(rita).post(address, {"name": "Mine", "shared": "own"})
    assert answer.status_code == 422 and "too many filters" in answer.text


def test_the_navigation_holds_a_few_views_and_says_so(as_user, rita):
    for number in range(20):
        save_view(page=ACCOUNTS, query="", name=f"View {number}", shared="own", pinned=True, actor=rita)
    address = reverse("people:view_new", query={"page": ACCOUNTS.value, "query": ""})
    answer = as_user(rita).post(address, {"name": "One more", "shared": "own", "pinned": "on"})
    assert answer.status_code == 422 and "Take one out" in answer.text
    assert SavedView.objects.count() == 20


def test_many_views_are_shown_page_by_page(as_user, rita):
    names = [f"View {number:03}" for number in range(120)]
    SavedView.objects.bulk_create(SavedView(owner=rita, page=ACCOUNTS, name=name) for name in names)
    client, address, found = as_user(rita), reverse("people:view_list"), []
    while address:
        page = client.get(address).context["page"]
        found += [view.name for view in page.rows]
        address = page.after and reverse("people:view_list", query={"after": page.after})
    assert found == names


def test_a_pinned_view_of_a_team_goes_with_the_membership(as_user, view, rita, teams):
    use_view(view=view, actor=rita, pinned=True, default=True)
    assert "lifecycle=prospect" in as_user(rita).get("/").content.decode()
    Membership.objects.filter(user=rita).update(during=DateRange(EVER, rita.today))
    assert "lifecycle=prospect" not in as_user(rita).get("/").content.decode()
    Membership.objects.create(user=rita, team=teams["north"], role=Role.CSM, during=DateRange(rita.today, None))
    assert "lifecycle=prospect" in as_user(rita).get("/").content.decode()
