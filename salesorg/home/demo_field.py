"""The demo's days in the field: timed plans, visits brought back, documents, the vehicle log, rhythms, targets, a duplicate."""

import io
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Count
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from accounts.models import Account, Activity, Document, Trip
from accounts.models.targets import Measure
from accounts.services import (
    Brought,
    add_photo,
    change_tier_policy,
    create_account,
    log_activity,
    mark_key_account,
    plan_activity,
)
from accounts.services.cadences import set_cadence
from accounts.services.documents import add_document, add_version, order_print, send_document
from accounts.services.targets import set_target
from accounts.services.vehicles import add_trip, close_month, set_vehicle
from salesorg.jobs.runs import run_here, start_run
from salesorg.lib.acting import acting
from salesorg.lib.periods import month_of
from salesorg.people.roles import Role
from salesorg.people.services.saved_views import save_view, use_view

SLIDE = (1280, 720)
TEAL, SAND, WHITE = (15, 106, 94), (246, 244, 239), (255, 255, 255)
RHYTHM = {"A": (30, 14), "B": (60, 30), "C": (120, 60), "new": (30, 14)}  # days between visits, between calls
WEEKLY = {
    Role.AE: {Measure.VISITS: 2, Measure.CALLS: 2, Measure.MEETINGS: 1},
    Role.SDR_OUTBOUND: {Measure.LEADS: 1, Measure.CALLS: 2, Measure.VISITS: 1},
}
SEEN = [  # at accounts in turn, so many days ago: competitor, product, price
    (1, "Halden", "Line 4", 11_900),
    (5, "Halden", "Line 4", 12_400),
    (12, "Kestrel", "K-200", 9_800),
    (40, "Halden", "Line 6", 18_000),
    (64, "Kestrel", "K-200", 10_300),
]


def fill_field(people, today):
    """What `people` {key: User} of the demo did, planned and agreed up to `today`."""
    otto, rita = people["otto"], people["rita"]
    rhythms(otto, today)
    for person in (people["mia"], rita):
        diary(person, rita, today)
    colleague(people["sol"], Account.Lifecycle.PROSPECT, today)
    colleague(people["cora"], Account.Lifecycle.CUSTOMER, today)
    seen(rita, today)
    vehicle(rita, today)
    library(people, today)
    twins(rita, today)
    with acting(otto, "demo"):
        view = save_view(page="accounts:account_list", query="key=1", name=_("Key accounts"), shared="all", actor=otto)
    for person in (people["mia"], rita):
        use_view(view=view, actor=person, pinned=True, default=False)
    run_here(start_run(job="duplicates", period=today.isoformat()))


def rhythms(otto, today):
    """How often each tier is visited and called and with what service, what a week asks for, and one key account."""
    began = today - timedelta(days=84)
    with acting(otto, "demo"):
        for tier, every in RHYTHM.items():
            for kind, days in zip(("visit", "call"), every, strict=True):
                set_cadence(kind=kind, tier=tier, every_days=days, from_day=began, actor=otto)
        for role, targets in WEEKLY.items():
            for measure, per_week in targets.items():
                set_target(measure=measure, role=role, per_week=per_week, from_day=began, actor=otto)
        change_tier_policy(
            actor=otto,
            service_a=_("A named service engineer, an answer within four hours, a review every quarter."),
            service_b=_("An answer within a day, a review once a year."),
            service_c=_("An answer within two days."),
            service_new=_("A call after the first delivery, and one each month of the first half year."),
        )
        account = Account.objects.filter(tier="C", lifecycle="customer").order_by("pk").first()
        if account:
            mark_key_account(account=account, reason=_("Three new halls until next year"), actor=otto)


def diary(person, rita, today):
    """Two things with an hour today, and one tomorrow, at accounts that Rita visits."""
    near = Activity.objects.planned().filter(due_on=today, kind="visit", user=rita).order_by("pk")
    places = [each.account for each in near.select_related("account")[:3]]
    hours = [
        (0, time(8, 30), 20, "call", _("Confirm the delivery")),
        (0, time(16, 0), 45, "meeting", _("Review of the year")),
        (1, time(10, 0), 60, "demo", _("Show the new series")),
    ]
    with acting(person, "demo"):
        for account, (ahead, at, minutes, kind, subject) in zip(places, hours, strict=False):
            day = today + timedelta(days=ahead)
            plan_activity(
                account=account, kind=kind, due_on=day, at=at, minutes=minutes, remind=15, subject=subject, actor=person
            )


def colleague(person, lifecycle, today):
    """Two visits and a call today of somebody who has no book of an account executive, all in one town."""
    accounts = Account.objects.visible_to(person).filter(lifecycle=lifecycle, latitude__isnull=False)
    town = accounts.values_list("city").annotate(count=Count("pk")).order_by("-count", "city")[0][0]
    planned = [("visit", _("See how they work")), ("visit", _("Meet the plant manager")), ("call", _("Ask for a date"))]
    with acting(person, "demo"):
        for account, (kind, subject) in zip(accounts.filter(city=town).order_by("pk"), planned, strict=False):
            plan_activity(account=account, kind=kind, due_on=today, subject=subject, actor=person)


def seen(person, today):
    """Visits brought back with a competitor, the last with a photo and a place that is not where the pin is."""
    accounts = list(Account.objects.covered_by(person, today).exclude(latitude=None).order_by("-pk")[: len(SEEN)])
    with acting(person, "demo"):
        for account, (ago, competitor, product, price) in zip(accounts, SEEN, strict=False):
            there = {"latitude": account.latitude + 0.004, "longitude": account.longitude, "accuracy": 12}
            sighting = {"competitor": competitor, "product": product, "price": Decimal(price), "currency": "USD"}
            brought = Brought(
                contacts=tuple(account.contacts.order_by("pk")[:1]),
                needs=_("An offer for two lines before the budget closes") if ago == 1 else "",
                kilometres=Decimal(38 + ago),
                check_in=there if ago == 1 else None,
                wrong_pin=ago == 1,
                sighting=sighting,
            )
            done_at = datetime.combine(today - timedelta(days=ago), time(10, 20), ZoneInfo(person.time_zone))
            visit = log_activity(
                account=account, kind="visit", outcome="well", actor=person, done_at=done_at, brought=brought,
                note=_("Walked the hall with them. They compare prices and decide by the end of the quarter."),
            )  # fmt: skip
            if ago == 1:
                add_photo(activity=visit, upload=picture(_("Hall 2"), "hall.jpg", competitor), actor=person)


def vehicle(person, today):
    """Last month's trips, closed, and this month's so far; the visits that have none yet are proposed by the page."""
    first = month_of(today).start
    before = month_of(first - timedelta(days=1)).start
    with acting(person, "demo"):
        set_vehicle(actor=person, plate="NW 2041")
        odometer = 48_200
        for number, on in enumerate([before + timedelta(days=each) for each in (2, 3, 9, 17)]):
            kind = Trip.Purpose.PRIVATE if number == 3 else Trip.Purpose.BUSINESS
            what_for = "" if number == 3 else _("Visits")
            odometer += 60 + number * 14
            add_trip(
                on=on, origin=_("Home"), destination="Boston", kind=kind, purpose=what_for, odometer=odometer,
                kilometres=Decimal(60 + number * 14), actor=person,
            )  # fmt: skip
        close_month(start=before, actor=person)
        home = Activity.objects.filter(user=person, kind="visit", done_at__date__gte=first, kilometres__isnull=False)
        for visit in home.order_by("done_at")[:1]:
            add_trip(
                on=visit.done_at.date(), origin=_("Home"), destination=visit.account.name, kind=Trip.Purpose.BUSINESS,
                purpose=_("Visit"), kilometres=visit.kilometres, activity=visit, actor=person,
            )  # fmt: skip


def library(people, today):
    """A brochure in two versions, a price list, what was sent of them and ordered in print."""
    otto, rita, sol = people["otto"], people["rita"], people["sol"]
    with acting(otto, "demo"):
        title, kinds = _("Scanner Pro, the brochure"), Document.Kind
        brochure = add_document(upload=slide(title, "scanner-pro.pdf"), title=title, kind=kinds.BROCHURE, actor=otto)
        new = slide(title, "scanner-pro.pdf", _("Now with the mobile dock"))
        latest = add_version(document=brochure, upload=new, what_is_new=_("The mobile dock is in it"), actor=otto)
        prices = _("Price list %(year)s") % {"year": today.year}
        add_document(upload=picture(prices, "prices.png"), title=prices, kind=kinds.PRICE_LIST, actor=otto)
        for person, days, pieces in ((rita, 20, 120), (sol, 45, 40)):
            ordered = {"ordered_on": today - timedelta(days=days), "item": title, "pieces": pieces}
            order_print(user=person, unit_cost=Decimal("1.40"), actor=otto, **ordered)
    account = Account.objects.covered_by(rita, today).order_by("pk").first()
    with acting(rita, "demo"):
        send_document(version=latest, until=today + timedelta(days=30), account=account, actor=rita)


def twins(rita, today):
    """A customer that somebody entered a second time, from a business card."""
    first = Account.objects.covered_by(rita, today).filter(contacts__isnull=False).order_by("pk").first()
    facts = {"phone": first.phone, "city": first.city, "country": first.country, "postal_code": first.postal_code}
    with acting(rita, "demo"):
        name = f"{first.name.replace('&', 'and')} Inc"
        create_account(name=name, street=first.street, another_company=True, actor=rita, **facts)


def slide(title, name, below=""):
    """A PDF of one page, as an upload."""
    return _upload(_drawn(title, below), name, "PDF", "application/pdf")


def picture(title, name, below=""):
    """A picture, as an upload."""
    return _upload(_drawn(title, below), name, "JPEG", "image/jpeg")


def _drawn(title, below):
    page = Image.new("RGB", SLIDE, SAND)
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 1280, 96), fill=TEAL)
    draw.text((64, 28), "Northwind", fill=WHITE, font=ImageFont.load_default(36))
    draw.text((64, 260), title, fill=TEAL, font=ImageFont.load_default(56))
    draw.text((64, 380), below, fill=TEAL, font=ImageFont.load_default(32))
    return page


def _upload(page, name, form, content_type):
    body = io.BytesIO()
    page.save(body, form)
    return SimpleUploadedFile(name, body.getvalue(), content_type)
