"""The lists of accounts and contacts: columns and orders by choice, the way to the last page and back, who else covers."""

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact, Coverage
from salesorg.lib.lists import total_of
from salesorg.people.roles import Role
from tests.conftest import EVER

LIST = "/accounts/"


@pytest.fixture
def book(account_of, rita):
    """Five accounts of rita: of one the employees are not known."""
    accounts = [account_of(rita, name) for name in ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")]
    for account, employees in zip(accounts, (50, None, 7, 900, 50), strict=True):
        Account.objects.filter(pk=account.pk).update(employees=employees)
    return accounts


def names(answer):
    return [row.name for row in answer.context["page"].rows]


def heads(answer):
    return [str(column.label) for column, _unit, _query, _now in answer.context["heads"]]


def test_a_list_is_ordered_by_the_column_one_clicks_and_turned_by_the_next_click(as_user, rita, book):
    client = as_user(rita)
    assert names(client.get(LIST)) == ["Alpha", "Beta", "Delta", "Epsilon", "Gamma"]
    assert names(client.get(LIST, {"sort": "-name"})) == ["Gamma", "Epsilon", "Delta", "Beta", "Alpha"]
    assert names(client.get(LIST, {"sort": "employees"})) == ["Delta", "Epsilon", "Alpha", "Gamma", "Beta"]
    assert names(client.get(LIST, {"sort": "-employees"})) == ["Beta", "Gamma", "Alpha", "Epsilon", "Delta"]


@pytest.mark.parametrize("sort", ["employees", "-employees", "added", "name"])
def test_no_account_is_lost_between_the_pages_of_any_order(as_user, otto, sort):
    Account.objects.bulk_create(Account(name=f"C{i % 9}", employees=i % 7 or None) for i in range(120))
    client, seen, after = as_user(otto), [], ""
    while after is not None:
        page = client.get(LIST, {"sort": sort, "after": after}).context["page"]
        seen += [row.pk for row in page.rows]
        after = page.after
    assert len(seen) == len(set(seen)) == 120
    last = client.get(LIST, {"sort": sort, "before": "end"}).context["page"]
    assert [row.pk for row in last.rows] == seen[-50:]
    assert [row.pk for row in client.get(LIST, {"sort": sort, "before": last.before}).context["page"].rows] == seen[-100:-50]


def test_the_columns_of_the_address_are_shown_and_the_first_one_always(as_user, rita, book):
    client = as_user(rita)
    assert heads(client.get(LIST, {"columns": "employees,domain"})) == ["Account", "Web domain", "Employees"]
    assert "Employees" not in heads(client.get(LIST))
    assert heads(client.get(LIST, {"columns": "nonsense"})) == heads(client.get(LIST))
    assert heads(client.get(LIST, {"columns": "name"})) == ["Account"]


def test_an_order_nobody_offers_is_the_usual_one(as_user, rita, book):
    for sort in ("industry", "external_key", "-", "--name", "\x00"):
        assert names(as_user(rita).get(LIST, {"sort": sort}))[0] == "Alpha"


def test_who_else_covers_an_account_is_named_on_hover(as_user, rita, cora, line, book):
    during = DateRange(EVER, None)
    Coverage.objects.create(
        account=book[0], line=line, role=Role.CSM, user=cora, during=during, source=Coverage.Source.MANUAL, reason="test"
    )
    page = as_user(rita).get(LIST).content.decode()
    assert 'title="Cora"' in page
    assert "+1" in page


def test_a_name_is_shown_as_typed_whatever_it_holds(as_user, rita, account_of):
    account_of(rita, '<b>"5 % off" & sons</b>')
    page = as_user(rita).get(LIST).content.decode()
    assert "&lt;b&gt;&quot;5 % off&quot; &amp; sons&lt;/b&gt;" in page
    assert "<b>&quot;" not in page


def test_contacts_are_listed_with_their_accounts_and_whoever_sees_none_lists_none(as_user, rita, tom, book):
    Contact.objects.create(account=book[0], name="Ines Maier", email="ines@alpha.example")
    Contact.objects.create(account=book[1], name="Jon Doe", email="jon@beta.example", do_not_contact=True)
    page = as_user(rita).get("/accounts/contacts/")
    assert names(page) == ["Ines Maier", "Jon Doe"]
    assert "jon@beta.example" not in page.content.decode()
    assert names(as_user(rita).get("/accounts/contacts/", {"q": "ines"})) == ["Ines Maier"]
    assert names(as_user(tom).get("/accounts/contacts/")) == []


def test_a_long_list_is_counted_to_the_end_only_when_asked(book):
    assert str(total_of(Account.objects.all(), most=3)) == "3+"
    assert str(total_of(Account.objects.all(), {"count": "all"}, most=3)) == "5"


def asked(client, path):
    with CaptureQueriesContext(connection) as run:
        answer = client.get(path)
    return answer, [query["sql"] for query in run.captured_queries]


@pytest.mark.parametrize(
    "path", ["/search/?q=al", "/accounts/?q=al", "/accounts/contacts/?q=al", "/deals/?q=al", "/accounts/lookup/?q=al"]
)
def test_words_are_looked_up_in_the_index_of_words_however_many_rows_have_them(as_user, rita, book, path):
    answer, queries = asked(as_user(rita), path)
    before = next(i for i, sql in enumerate(queries) if "enable_seqscan = off" in sql)
    after = next(i for i, sql in enumerate(queries) if "enable_seqscan = on" in sql)
    words = [i for i, sql in enumerate(queries) if "to_tsquery" in sql]
    assert words and before < words[0] and words[-1] < after and answer.status_code == 200
    # A subquery that keeps the order of names makes the database read all names, and the words of each.
    found = next(sql for sql in queries if "to_tsquery" in sql).split("to_tsquery", 1)[1]
    assert "ORDER BY" not in found.split("OFFSET 0")[0]


def test_who_has_no_team_that_covers_anything_is_answered_without_reading_all(as_user, otto, book):
    for path, table in (("/accounts/", "accounts_account"), ("/accounts/contacts/", "accounts_contact")):
        answer, queries = asked(as_user(otto), f"{path}?whose=team")
        assert answer.context["page"].rows == []
        assert not [sql for sql in queries if f'FROM "{table}"' in sql]
