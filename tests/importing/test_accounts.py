"""Bringing accounts in from a file: dry run, real run, the same again, and back."""

from accounts.models import Account, Coverage
from salesorg.audit.models import Change

FILE = """Firma;Webseite;Ort;Mitarbeiter;Umsatz;Kundennummer;Schlüsselkunde
Alpha GmbH;https://www.Alpha.example/shop;Bonn;1.200;1.234.567,50;K1;ja
Beta AG;beta.example;Köln;12;;K2;nein
;gamma.example;Trier;1;;K3;
Delta KG;not a domain;Bonn;viele;;K4;
"""


def outcomes(imported):
    return {row.number: row.outcome for row in imported.rows.all()}


def reasons(imported):
    return {row.number: row.reason for row in imported.rows.all() if row.reason}


def test_a_german_file_is_understood_and_checked_before_anything_is_written(checked, rita, line):
    check = checked(rita, FILE)
    assert check.mapping == ["name", "domain", "city", "employees", "annual_revenue", "external_key", "is_key_account"]
    assert (check.state, check.match, check.counts) == ("checked", "external_key", {"new": 2, "refused": 2})
    assert reasons(check) == {
        4: "A new record needs: Name.",
        5: "Web domain: Give a domain such as acme.com.",
    }
    assert check.rows.get(number=5).note == "Employees: Enter a whole number."
    assert Account.objects.count() == 0


def test_what_was_checked_is_what_happens_and_whoever_imports_covers_the_new(imported, rita, line):
    done = imported(rita, FILE)
    assert (done.state, done.counts) == ("done", {"new": 2, "refused": 2})
    alpha = Account.objects.get(external_key="K1")
    assert (alpha.name, alpha.domain, alpha.employees, alpha.annual_revenue) == ("Alpha GmbH", "alpha.example", 1200, 1234567.5)
    assert (alpha.is_key_account, alpha.lifecycle, alpha.tier) == (False, "prospect", "new")  # rita marks none
    assert Account.objects.visible_to(rita).count() == 2
    assert Coverage.objects.filter(user=rita, reason="created by Rita").count() == 2
    assert Change.objects.filter(context=done.context, actor_id=rita.pk, cause="import of list.csv").count() == 4


def test_the_same_file_again_changes_nothing(imported, rita, line):
    imported(rita, FILE)
    before = Change.objects.count()
    again = imported(rita, FILE)
    assert again.counts == {"same": 2, "refused": 2}
    assert Change.objects.count() == before


def test_a_changed_file_shows_before_and_after_and_changes_only_that(imported, checked, rita, line):
    imported(rita, FILE)
    check = checked(rita, "kundennummer;ort\nK1;Berlin\nK2;\n")
    assert check.counts == {"changed": 1, "same": 1}
    assert check.rows.get(number=2).changes == {"city": ["Bonn", "Berlin"]}
    imported(rita, "kundennummer;ort\nK1;Berlin\nK2;\n")
    assert list(Account.objects.order_by("external_key").values_list("city", "employees")) == [("Berlin", 1200), ("Köln", 12)]


def test_undo_takes_back_new_rows_and_changes(imported, undone, rita, line):
    imported(rita, "key,name,city\nK1,Alpha,Bonn\n")
    second = imported(rita, "key,name,city\nK1,Alpha,Berlin\nK2,Beta,Trier\n")
    assert second.counts == {"changed": 1, "new": 1}
    assert undone(second).state == "undone"
    assert list(Account.objects.values_list("external_key", "city")) == [("K1", "Bonn")]
    assert Coverage.objects.count() == 1


def test_undo_is_refused_in_words_when_somebody_changed_a_row_since(imported, undone, rita, mia, acting_as, line):
    done = imported(rita, "key,name\nK1,Alpha\n")
    with acting_as(mia):
        Account.objects.update(industry="Mining")
    back = undone(done)
    assert back.state == "done"
    assert "changed again by Mia" in back.problem
    assert Account.objects.count() == 1


def test_a_hidden_account_is_neither_changed_nor_told(checked, rita, tom, account_of, line):
    hidden = account_of(tom, "Secret Mines")
    hidden.domain, hidden.external_key = "secret.example", "S1"
    hidden.save()
    for text in ("name\nSecret Mines\n", "name,domain\nOther,secret.example\n", "key,name\nS1,Other\n"):
        row = checked(rita, text).rows.get()
        assert row.outcome == "refused"
        assert row.reason == "A record like this exists, but not among those you see. Ask sales operations for access."
        assert row.target is None
        assert row.found != "Secret Mines" or text.startswith("name\nSecret")  # nothing but what the file itself says


def test_alike_accounts_are_refused_unless_they_are_said_to_be_others(checked, imported, rita, account_of):
    account_of(rita, "Nordal GmbH")
    text = "key,name\nK1,NORDAL\nK2,Nordal Ltd\n"
    assert reasons(checked(rita, text)) == {
        2: "An account of this name or web domain exists already.",
        3: "An earlier row has the same name or web domain.",
    }
    done = imported(rita, text, alike=True)
    assert done.counts == {"new": 2}
    assert "looks alike" in done.rows.get(number=2).note
    assert imported(rita, text, alike=True).counts == {"same": 2}


def test_update_only_and_create_only(checked, rita, account_of):
    account_of(rita, "Nordal")
    text = "name,city,country\nNordal,,Norway\nNew,,Norway\n"
    assert checked(rita, text, match="name_city", mode="update").counts == {"changed": 1, "refused": 1}
    assert checked(rita, text, match="name_city", mode="create").counts == {"new": 1, "refused": 1}


def test_two_rows_about_one_record_are_not_guessed_at(checked, rita, line):
    check = checked(rita, "key,name\nK1,Alpha\nK1,Beta\n")
    assert reasons(check) == {3: "The same record stands in an earlier row."}


def test_potential_comes_in_with_how_and_when_it_was_estimated(imported, checked, rita, line):
    file = (
        "Kundennummer;Firma;Potenzial;Schätzung;Geschätzt am\nK1;Alpha;50.000,00;Ausschreibung;2026-03-02\n"
        "K2;Beta;;;\nK3;Gamma;-1;;\n"
    )
    imported(rita, file)
    alpha, beta = Account.objects.order_by("external_key")
    assert (alpha.potential, alpha.potential_how, alpha.potential_on.isoformat()) == (50000, "Ausschreibung", "2026-03-02")
    assert (beta.potential, beta.potential_how, beta.potential_on) == (None, "", None)
    check = checked(rita, file.replace("50.000,00", "60.000,00"))
    assert check.counts == {"changed": 1, "same": 1, "refused": 1}
