"""What is likely there already under another name is named before it is imported, and is not held back."""

from accounts.models import Account

FILE = """name;domain;phone;street;postal code;city
Nordhal AS;;+47 22 33 44 55;;;
Solveig Steel;;;Gate 12;0150;Oslo
Quite Another;;+47 22 33 44 55;;;
Toms Twinn;;555 010 0199;;;
"""


def notes(check):
    return {row.number: row.note for row in check.rows.all() if row.note}


def test_a_likely_duplicate_is_named_in_the_dry_run_and_imported(checked, imported, as_user, rita, tom, account_of, line):
    nordhel, solveig, hidden = account_of(rita, "Nordhel"), account_of(rita, "Steel Solveig"), account_of(tom, "Toms Twin")
    Account.objects.filter(pk=nordhel.pk).update(phone="0047 22334455")
    Account.objects.filter(pk=solveig.pk).update(street="12 Gate", postal_code="0150")
    Account.objects.filter(pk=hidden.pk).update(phone="555 010 0199")
    check = checked(rita, FILE)
    assert check.counts == {"new": 4}
    assert notes(check) == {
        2: "Likely the same as “Nordhel”: names one letter apart, same phone.",
        3: "Likely the same as “Steel Solveig”: same words in the name, same address.",
    }
    assert "Likely the same as" in as_user(rita).get(check.get_absolute_url()).text
    done = imported(rita, FILE)
    assert done.counts == {"new": 4} and set(notes(done)) == {2, 3}
