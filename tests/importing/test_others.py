"""Contacts and activities from files, and what a row may not do."""

from datetime import date

from accounts.models import Activity, Contact

PEOPLE = """Firma,Vorname,Nachname,E-Mail,Telefon,Funktion,Rolle,Nicht kontaktieren
Nordal,Ida,Berg,ida@nordal.example,'+47 1234,Head of IT,Entscheider,ja
Nordal,Ola,Dahl,not an address,,,,
Nowhere,Per,Ek,per@nowhere.example,,,,
"""


def test_contacts_find_their_account_and_come_once(imported, rita, account_of):
    account = account_of(rita, "Nordal AS")
    text = PEOPLE.replace("Nordal,", "Nordal AS,")
    done = imported(rita, text, kind="contacts")
    assert done.counts == {"new": 1, "refused": 2}
    ida = Contact.objects.get()
    assert (ida.account, ida.name, ida.phone, ida.decision_role, ida.do_not_contact) == (
        account,
        "Ida Berg",
        "+47 1234",
        "decider",
        True,
    )
    reasons = dict(done.rows.exclude(reason="").values_list("number", "reason"))
    assert reasons == {3: "E-mail: Enter a valid email address.", 4: "There is no account like this among those you see."}
    assert imported(rita, text, kind="contacts").counts == {"same": 1, "refused": 2}


def test_a_contact_is_updated_by_e_mail_alone(imported, rita, account_of):
    contact = Contact.objects.create(account=account_of(rita), name="Ida", email="Ida@Nordal.example")
    done = imported(rita, "mail,title\nida@nordal.example,CIO\n", kind="contacts", mode="update")
    assert done.counts == {"changed": 1}
    contact.refresh_from_db()
    assert (contact.position, contact.email, contact.version) == ("CIO", "Ida@Nordal.example", 2)


def test_a_contact_of_a_hidden_account_is_as_good_as_none(checked, rita, tom, account_of):
    Contact.objects.create(account=account_of(tom), name="Ida", email="ida@nordal.example")
    check = checked(rita, "mail,title\nida@nordal.example,CIO\n", kind="contacts", mode="update")
    assert check.rows.get().reason == "No record matches this row, and none is to be created."


DIARY = """Account,Kind,Date,Due,Subject,Outcome
Nordal,Besuch,31.03.2026,,First visit,gut
Nordal,Call,2026-04-01 09:30,,Follow-up,
Nordal,Task,,2027-01-15,Renewal,
Nordal,Call,2099-01-01,,Too early,
Nordal,Party,2026-04-01,,?,
"""


def test_activities_come_once_however_often_the_file_is_sent(imported, undone, rita, account_of):
    account_of(rita, "Nordal")
    done = imported(rita, DIARY, kind="activities")
    assert done.counts == {"new": 3, "refused": 2}
    assert list(Activity.objects.order_by("pk").values_list("kind", "outcome", "due_on")) == [
        ("visit", "well", None),
        ("call", "", None),
        ("task", "", date(2027, 1, 15)),
    ]
    again = imported(rita, DIARY, kind="activities")
    assert again.counts == {"same": 3, "refused": 2}
    undone(done)
    assert Activity.objects.count() == 0


def test_only_who_reassigns_imports_the_work_of_others(checked, rita, sam, mia, account_of):
    account_of(rita, "Nordal")
    text = f"account,kind,date,by\nNordal,call,2026-03-31,{sam.email}\n"
    assert checked(rita, text, kind="activities").rows.get().reason == "You may import your own activities only."
    assert checked(mia, text, kind="activities").counts == {"new": 1}
