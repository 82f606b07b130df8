"""The demo's leads: campaigns that cost something, a web form, a partner, and a queue in which time is running."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import Campaign, FitRule, LandingPage, Lead, Source
from pipeline.services.intake import receive_lead
from pipeline.services.sources import save_record, save_source
from salesorg.lib.acting import acting

# Who asked, what, and how many minutes ago: company, person, e-mail, phone, words.
ASKED = (
    ("Halden Marine", "Ingrid Moe", "ingrid.moe@haldenmarine.example", "+47 22 55 01 00",
     "We are fitting out two new boats and need a quote for forty units by the end of the month.", 12),
    ("Brightwater Clinics", "Omar Reyes", "o.reyes@brightwater.example", "+1 617 555 0134",
     "Do you deliver to three sites at once? A colleague of mine uses your tracker.", 35),
    ("Kestrel Foods", "Paula Wren", "paula@kestrelfoods.example", "", "Please send me your price list.", 55),
    ("Tannery Lane Design", "Jo Bell", "jo@tannerylane.example", "+1 617 555 0177", "Could someone show us the tracker?", 90),
    ("Orchard & Sons", "Bill Orchard", "bill@orchardsons.example", "+1 617 555 0192", "", 180),
)  # fmt: skip

RULES = (
    ("employees", "at_least", "200", 30), ("industry", "is", "Manufacturing, Logistics, Healthcare", 25),
    ("position", "known", "", 15), ("domain", "known", "", 10), ("employees", "at_most", "10", -20),
)  # fmt: skip


def fill_leads(people, now=None):
    """Set the sources up, and let some companies ask; `people` maps keys of the cast to users."""
    now = now or timezone.now()
    sol, otto = people["sol"], people["otto"]
    with acting(otto, "demo"):
        web = Source.objects.filter(name__icontains="web").first() or Source.objects.order_by("pk").first()
        turn = {"answer_minutes": 60, "routing": Source.Routing.ROUND_ROBIN, "name": web.name, "is_partner": False}
        save_source(record=web, workers={sol: 40}, actor=otto, **turn)
        partner = save_source(record=Source(), name="Leadhouse", is_partner=True, workers={}, answer_minutes=240, actor=otto)
        days = {"starts_on": now.date() - timedelta(days=40), "ends_on": now.date() - timedelta(days=10)}
        facts = {"name": _("Autumn mailing"), "source": web, "cost": Decimal(4200)} | days
        for field, test, value, points in RULES:
            save_record(record=FitRule(), field=field, test=test, value=value, points=points, actor=otto)
        mailing = save_record(record=Campaign(), actor=otto, **facts)
        page = save_record(
            record=LandingPage(), actor=otto, name=_("Autumn"), source=web, campaign=mailing, title=_("Talk to us"),
            intro=_("Tell us what you need. Somebody who knows the products will call you within the hour."),
            consent=_("You may write to me about your products. I can take this back at any time."),
        )  # fmt: skip
        Lead.objects.filter(source=web, first_contact_on__gte=days["starts_on"]).update(campaign=mailing)
    with acting(None, "demo"):
        came = {"source": web, "campaign": mailing, "landing_page": page.name, "page": page, "path": "form", "actor": None}
        for company, person, email, phone, words, minutes in ASKED:
            who = {"company": company, "person": person, "email": email, "phone": phone, "request": words}
            receive_lead(**came, **who, consent=page.consent, now=now - timedelta(minutes=minutes))
        receive_lead(
            source=partner, path="partner", company="Sable Optics", person="Rui Costa", email="rui@sable.example",
            request=_("They open a second plant in spring."), actor=None, now=now - timedelta(hours=2),
        )  # fmt: skip
