"""What can be imported: the columns of each kind of record, the headings they go by, and what a row can be matched by."""

import re
from dataclasses import dataclass

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.forms import AccountForm, ContactForm
from accounts.models import Account, Activity, Contact, Import
from salesorg.lib.validators import check_business_date
from salesorg.people.roles import Action

YES = {"1", "yes", "y", "true", "x", "ja", "j", "wahr", "oui", "si", "sí"}
NO = {"0", "no", "n", "false", "nein", "falsch", "non", "-"}


@dataclass(frozen=True)
class Column:
    """`name` is a column of the table; with a dot it finds another record: “account.domain”. `words` are headings it goes by."""

    name: str
    label: str
    field: forms.Field
    words: tuple = ()
    reads: str = "text"  # text, domain, number, flag, choice, moment or day


@dataclass(frozen=True)
class Match:
    """By what a row finds its record: `needs` are the columns that must be there for it."""

    name: str
    label: str
    needs: tuple


@dataclass(frozen=True)
class Kind:
    model: type
    columns: dict
    matches: tuple
    about_account: bool  # each row names the account it belongs to
    required: tuple  # of a new record
    needs: Action = Action.EDIT_ACCOUNTS  # of whoever imports them
    only_new: bool = False  # rows change no record that is there
    work: object = None  # whoever decides, writes and takes back its rows, where not importing.matching and writing do


def _of(form, name, words, reads="text"):
    field = form.base_fields[name]
    return Column(name, capfirst(field.label), field, _listed(words), reads)


def made(name, label, field, words, reads="text"):
    return Column(name, label, field, _listed(words), reads)


def _listed(words):
    return tuple(word.strip() for word in words.split(","))


def text_field(most=200):
    return forms.CharField(required=False, max_length=most)


def table(*columns):
    return {column.name: column for column in columns}


EXTERNAL = "external key, external id, id, key, customer number, customer no, account number, account id, crm id, " \
           "kundennummer, kundennr, kunden nr, debitor, debitorennummer, nummer"  # fmt: skip
COMPANY = "account, account name, company, company name, organisation, organization, customer, firm, " \
          "firma, firmenname, unternehmen, kunde, kundenname, firmierung"  # fmt: skip
DOMAIN = "domain, web domain, website, web site, web, url, homepage, webseite, internet, internetadresse, www"
PHONE = "phone, telephone, phone number, tel, telefon, telefonnummer, rufnummer, mobile, mobil, handy"
CITY = "city, town, place, ort, stadt, wohnort"
NOTE = "note, notes, comment, comments, description, remark, remarks, notiz, notizen, bemerkung, kommentar, beschreibung"
EMAIL = "e-mail, email, mail, e-mail address, email address, e-mail-adresse, mailadresse"

ACCOUNT_COLUMNS = table(
    made("external_key", _("External key"), text_field(), EXTERNAL),
    _of(AccountForm, "name", f"name, {COMPANY}"),
    _of(AccountForm, "domain", DOMAIN, "domain"),
    _of(AccountForm, "phone", PHONE),
    _of(AccountForm, "lifecycle", "lifecycle, status, state, type, typ, kundenstatus", "choice"),
    made("is_key_account", _("Key account"), forms.BooleanField(required=False),
          "key account, key, is key account, schlüsselkunde, grosskunde, großkunde", "flag"),
    _of(AccountForm, "industry", "industry, sector, branche, wirtschaftszweig"),
    _of(AccountForm, "employees", "employees, headcount, staff, size, mitarbeiter, mitarbeiterzahl, beschäftigte", "number"),
    made("annual_revenue", _("Yearly revenue"), AccountForm.base_fields["annual_revenue"],
          "yearly revenue, annual revenue, revenue, turnover, umsatz, jahresumsatz", "number"),
    made("potential", _("Potential a year"), AccountForm.base_fields["potential"],
          "potential, potential a year, yearly potential, wallet, potenzial, potential pro jahr, jahrespotenzial", "number"),
    _of(AccountForm, "potential_how", "how it was estimated, estimate, potential source, quelle, schätzung"),
    _of(AccountForm, "potential_on", "estimated on, potential date, geschätzt am", "day"),
    _of(AccountForm, "founded", "founded, year founded, founding year, gegründet, gründungsjahr", "number"),
    _of(AccountForm, "street", "street, address, street address, address line 1, strasse, straße, adresse, anschrift"),
    _of(AccountForm, "postal_code", "postal code, postcode, zip, zip code, plz, postleitzahl"),
    _of(AccountForm, "city", CITY),
    _of(AccountForm, "country", "country, land, staat"),
    _of(AccountForm, "note", NOTE),
    made("parent.external_key", _("Parent: external key"), text_field(),
          "parent external key, parent key, parent id, parent number, konzernnummer, nummer der mutter"),
    made("parent.name", _("Parent: name"), text_field(),
          "parent, parent account, parent company, subsidiary of, belongs to, mutter, muttergesellschaft, konzern, gehört zu"),
)  # fmt: skip
OWNING_ACCOUNT = (
    made("account.external_key", _("Account: external key"), text_field(), EXTERNAL),
    made("account.domain", _("Account: web domain"), text_field(), DOMAIN, "domain"),
    made("account.name", _("Account: name"), text_field(), COMPANY),
)
CONTACT_COLUMNS = table(
    *OWNING_ACCOUNT,
    _of(ContactForm, "name", "name, full name, contact, contact name, person, ansprechpartner, kontakt, vollständiger name"),
    made("first_name", _("First name"), text_field(100), "first name, firstname, given name, vorname"),
    made("last_name", _("Last name"), text_field(100), "last name, lastname, surname, family name, nachname, familienname"),
    _of(ContactForm, "position", "position, job title, title, function, funktion, stelle, abteilung, department"),
    _of(ContactForm, "decision_role", "role in the decision, decision role, buying role, role, rolle", "choice"),
    _of(ContactForm, "email", EMAIL),
    _of(ContactForm, "phone", PHONE),
    _of(ContactForm, "do_not_contact", "do not contact, opt out, do not call, nicht kontaktieren, werbesperre", "flag"),
)
ACTIVITY_COLUMNS = table(
    *OWNING_ACCOUNT,
    made("kind", _("Kind"), Activity._meta.get_field("kind").formfield(),
          "kind, type, activity, activity type, art, typ, aktivität", "choice"),
    made("done_at", _("Done"), forms.DateTimeField(required=False),
          "done, done at, done on, date, completed, when, erledigt, erledigt am, datum, am", "moment"),
    made("due_on", _("Due"), forms.DateField(required=False, validators=[check_business_date]),
          "due, due on, due date, planned, planned for, fällig, fällig am, geplant, termin", "day"),
    made("subject", _("Subject"), text_field(), "subject, what about, title, betreff, titel, thema"),
    made("note", _("Note"), text_field(20_000), NOTE),
    made("outcome", _("Outcome"), Activity._meta.get_field("outcome").formfield(), "outcome, result, ergebnis", "choice"),
    made("user.email", _("By (e-mail)"), forms.EmailField(required=False),
          "by, user, person, owner, rep, user e-mail, owner e-mail, von, mitarbeiter, verkäufer, benutzer"),
)  # fmt: skip

KINDS: dict[str, Kind] = {
    Import.Kind.ACCOUNTS: Kind(
        Account,
        ACCOUNT_COLUMNS,
        (
            Match("external_key", _("External key"), ("external_key",)),
            Match("domain", _("Web domain"), ("domain",)),
            Match("name_city", _("Name and city"), ("name",)),
        ),
        about_account=False,
        required=("name",),
    ),
    Import.Kind.CONTACTS: Kind(
        Contact,
        CONTACT_COLUMNS,
        (Match("email", _("E-mail"), ("email",)), Match("name", _("Name at the account"), ("name",))),
        about_account=True,
        required=("name",),
    ),
    Import.Kind.ACTIVITIES: Kind(
        Activity,
        ACTIVITY_COLUMNS,
        (Match("whole", _("Everything the row says"), ("kind",)),),
        about_account=True,
        required=("kind",),
        needs=Action.LOG_ACTIVITY,
        only_new=True,
    ),
}


def register_kind(name, kind):
    """Have `kind` take files of this name. Called in AppConfig.ready by the apps above."""
    KINDS[name] = kind


# German words for choices; the values themselves and their labels are known anyway.
CHOICES = {
    "interessent": "prospect", "lead": "prospect", "kunde": "customer", "client": "customer", "ehemaliger kunde": "former",
    "ehemalig": "former", "former customer": "former",
    "besuch": "visit", "anruf": "call", "telefonat": "call", "phone call": "call", "besprechung": "meeting", "treffen": "meeting",
    "mail": "email", "e mail": "email", "vorführung": "demo", "notiz": "note", "aufgabe": "task",
    "gut": "well", "good": "well", "positive": "well", "schlecht": "badly", "bad": "badly", "negative": "badly",
    "nicht da": "not_there", "no show": "not_there",
    "entscheider": "decider", "decision maker": "decider", "budget": "budget", "einkauf": "budget", "beeinflusser": "influencer",
    "anwender": "user", "gegner": "blocker",
}  # fmt: skip


def plain(heading):
    """A heading for comparing: small letters, digits and single spaces."""
    return " ".join(re.sub(r"[^\w]+|_", " ", heading.lower()).split())


def propose(kind, header, known=None):
    """For each heading the column it most likely means, "" where none does; `known` is a saved mapping and comes first."""
    columns = KINDS[kind].columns
    taken, proposed = set(), []
    for heading in header:
        name = (known or {}).get(heading)
        if name is None:
            name = next((column.name for column in columns.values() if column.name not in taken and _means(column, heading)), "")
        name = name if name in columns and name not in taken else ""
        taken.add(name)
        proposed.append(name)
    return proposed


def _means(column, heading):
    heading = plain(heading)
    return heading in {plain(column.name), plain(str(column.label)), *map(plain, column.words)}


def choices_of(column):
    """{words as they may be written: value} of a column of choices."""
    pairs = [(value, label) for value, label in column.field.choices if value]
    values = {value for value, _label in pairs}
    known = {words: value for words, value in CHOICES.items() if value in values}
    for value, label in pairs:
        known |= {plain(str(value)): value, plain(str(label)): value}
    return known
