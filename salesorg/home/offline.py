"""What a phone keeps to work without network: the service worker, the manifest, the pages and the facts of the day.

The worker keeps files that belong to nobody (styles, scripts, fonts) and, in a cache and a database named after the person,
three pages and one bundle of facts. The browser's part is static/sw.js and static/js/offline/.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F
from django.db.models.functions import Left
from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import CompleteForm, OrderRequestForm, PlanForm
from accounts.models import Account, Activity, Contact
from pipeline.forms.orders import OrderForm
from pipeline.models import Deal
from salesorg.lib.money import decimals
from salesorg.lib.querysets import among
from salesorg.people.access import requires
from salesorg.people.models import organisation
from salesorg.people.roles import Action

from .offline_goods import agreed_of, goods_of

ACCOUNTS_KEPT = 60  # accounts in the bundle: those of the day first, then the last touched, then the nearest; some 40 KB
CONTACTS_KEPT = 5  # people of each
VISITS_KEPT = 3  # last activities of each
NOTE_KEPT = 300  # characters of a note
LOOKED_BACK = 300  # own activities among which the last touched accounts are found
THEME = "#0f6460"  # the mark's colour

# Everything that a page kept on the phone loads; letters beyond Latin are shown in the phone's own font when there is no network.
SHELL_FILES = (
    "lib/@fontsource-variable/inter/index.css",
    "lib/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "lib/bootstrap/dist/css/bootstrap.min.css",
    "lib/htmx.org/dist/htmx.min.js",
    "lib/icons.svg",
    "css/salesorg.css",
    "icons/mark.svg",
)
SHELL_SCRIPTS = ("js", "js/offline", "js/visit")  # folders whose scripts every page may load
NOT_KEPT = {"js/board.js"}  # needs the network anyway


@cache
def shell_files():
    """Addresses of the files the worker keeps, as pages name them. Read once: a new release is a new process."""
    folder = Path(settings.BASE_DIR, "static")
    scripts = sorted(f"{part}/{path.name}" for part in SHELL_SCRIPTS for path in (folder / part).glob("*.js"))
    return [static(name) for name in (*SHELL_FILES, *(name for name in scripts if name not in NOT_KEPT))]


@require_safe
@login_not_required
def service_worker(request):
    """static/sw.js at the root, so that it serves every page, told what to keep; another list is another version."""
    source = Path(finders.find("sw.js")).read_text(encoding="utf-8")
    told = {
        "files": shell_files(),
        "outbox": static("js/offline/outbox.js"),
        "pages": {"offline": reverse("home:offline"), "waiting": reverse("home:waiting"), "visit": reverse("accounts:visit_log")},
        "today": reverse("home:today"),
        "lookup": reverse("accounts:account_lookup"),
        "product_lookup": reverse("pipeline:product_lookup"),
        "sent_later": reverse("accounts:sent_later"),
        "photo": reverse("accounts:photo_sent_later"),
        "words": {
            "language": get_language(),
            "nothing": _("Nothing found on this phone."),
            "title": _("No network"),
            "said": _("This page needs the network. Sign in once with network, and your day is kept on this phone."),
            "again": _("Try again"),
        },
    }
    version = hashlib.sha256((source + json.dumps(told)).encode()).hexdigest()[:12]
    script = f"self.SALESORG = {json.dumps(told | {'version': version})};\n{source}"
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@require_safe
@login_not_required
def manifest(request):
    """What a phone needs to install Salesorg as an app."""
    icons = [
        {"src": static(f"icons/mark-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
        for size in (192, 512)
    ]
    icons.append({"src": static("icons/mark-full-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"})
    log = {"name": _("Log a visit"), "url": reverse("accounts:visit_log")}
    told = {
        "id": "/",
        "name": "Salesorg",
        "short_name": "Salesorg",
        "description": _("Visits, accounts and deals, with and without network."),
        "start_url": reverse("home:today"),
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME,
        "background_color": "#ffffff",
        "icons": icons,
        "shortcuts": [log],
    }
    return JsonResponse(told, content_type="application/manifest+json", headers={"Cache-Control": "public, max-age=3600"})


@require_safe
def offline(request):
    """The page a phone shows without network: filled by offline/pages.js from the bundle, with the forms it may need."""
    context = {"may_log": request.user.may(Action.LOG_ACTIVITY)}
    if context["may_log"]:
        context |= {
            "done": CompleteForm(user=request.user, account=None),
            "plan": PlanForm(user=request.user),
            "order": OrderRequestForm(),
        }
    if request.user.may(Action.TAKE_ORDERS):
        currency = organisation().currency
        form = OrderForm(user=request.user, from_phone=True)
        context |= {"taken": form, "currency": currency, "decimals": decimals(currency)}
    return render(request, "home/offline.html", context)


@require_safe
def waiting(request):
    """What was written on this phone and is not sent yet: filled by offline/waiting.js from the phone's own database."""
    return render(request, "home/waiting.html")


@require_safe
@requires(Action.LOG_ACTIVITY)
def offline_bundle(request):
    """The facts of the day as JSON: only what `visible_to` gives. Asked with the ETag of the last one, 304 when unchanged."""
    body = json.dumps(bundle_of(request.user), cls=DjangoJSONEncoder, separators=(",", ":"))
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    return HttpResponse(body, content_type="application/json", headers={"ETag": tag})


def bundle_of(user):
    """What the phone of `user` keeps: planned and overdue activities, their accounts and others, next steps of deals."""
    day = timezone.localdate()  # where the person is, as on Today
    planned = Activity.objects.visible_to(user, few=True).planned().filter(user=user, due_on__lte=day).order_by("due_on", "pk")
    planned = list(planned.select_related("contact")[:ACCOUNTS_KEPT])
    accounts = accounts_kept(user, day, planned)
    keys = [account.pk for account in accounts]
    contacts = Contact.objects.visible_to(user, few=True).reachable().filter(account__in=keys).order_by("name", "pk")
    people, visits, words = _by_account(contacts, CONTACTS_KEPT), last_visits(user, keys), Words()
    steps = Deal.objects.visible_to(user).open().filter(owner=user, next_step_on__lte=day).select_related("account")
    return {
        "day": day,
        "person": {"id": user.pk, "name": user.name},
        "planned": [planned_json(activity, words) for activity in planned],
        "goods": goods_of(user),
        "agreed": agreed_of(user, keys),
        "steps": [step_json(deal) for deal in steps.order_by("next_step_on", "pk")[:ACCOUNTS_KEPT]],
        "accounts": [
            account_json(account, people.get(account.pk, ()), visits.get(account.pk, ()), words) for account in accounts
        ],
    }


def accounts_kept(user, day, planned):
    """Accounts of what is planned, then the last touched by `user`, then the nearest to the day's that they cover."""
    visible = Account.objects.visible_to(user)
    mine = Activity.objects.visible_to(user, few=True).done().filter(user=user).order_by("-done_at")
    touched = mine.values_list("account_id", flat=True)[:LOOKED_BACK]
    wanted = list(dict.fromkeys([*(activity.account_id for activity in planned), *touched]))[:ACCOUNTS_KEPT]
    found = Account.objects.visible_to(user, few=True).in_bulk(wanted)
    accounts = [found[key] for key in wanted if key in found]
    if len(accounts) < ACCOUNTS_KEPT:
        more = visible.covered_by(user, day).exclude(pk__in=found).order_by("name", "pk")
        if here := next((each for each in accounts if each.latitude is not None and each.longitude is not None), None):
            away = (F("latitude") - here.latitude) * (F("latitude") - here.latitude)
            away += (F("longitude") - here.longitude) * (F("longitude") - here.longitude)
            more = more.order_by(away.asc(nulls_last=True), "pk")
        accounts += more[: ACCOUNTS_KEPT - len(accounts)]
    return accounts


LAST = """
SELECT last.id FROM unnest(%s::bigint[]) of_account(id), LATERAL (
    SELECT id FROM accounts_activity WHERE account_id = of_account.id AND done_at IS NOT NULL
    ORDER BY done_at DESC, id DESC LIMIT %s
) last
"""


def last_visits(user, keys):
    """The last activities of each account, {account: rows}, read through the index of each account's timeline."""
    rows = Activity.objects.visible_to(user, few=True).filter(among("pk", LAST, [keys, VISITS_KEPT]))
    rows = rows.annotate(told=Left("note", NOTE_KEPT)).order_by("-done_at", "-pk")
    columns = ("account_id", "done_at", "kind", "outcome", "subject", "told", "user__name")
    return _by_account(rows.values_list(*columns, named=True), VISITS_KEPT)


def _by_account(rows, most):
    """{account: its first `most` rows}"""
    found = {}
    for row in rows:
        of_account = found.setdefault(row.account_id, [])
        if len(of_account) < most:
            of_account.append(row)
    return found


class Words:
    """What choices are called, each translated once: the bundle says them hundreds of times."""

    def __init__(self):
        self.kinds = {value: str(label) for value, label in Activity.Kind.choices}
        self.outcomes = {value: str(label) if value else "" for value, label in Activity.Outcome.choices}
        self.lifecycles = {value: str(label) for value, label in Account.Lifecycle.choices}
        self.tiers = {value: str(label) for value, label in Account.Tier.choices}


def planned_json(activity, words):
    return {
        "id": activity.pk,
        "account": activity.account_id,
        "kind": activity.kind,
        "words": " · ".join(filter(None, (words.kinds[activity.kind], activity.subject, str(activity.contact or "")))),
        "due": activity.due_on,
    }


def step_json(deal):
    account = str(deal.account) if deal.account_id else ""
    told = {"id": deal.pk, "deal": deal.name, "account": account, "of": deal.account_id}
    return told | {"step": deal.next_step, "due": deal.next_step_on}


def account_json(account, contacts, visits, words):
    told = {
        "id": account.pk,
        "name": account.name,
        "address": ", ".join(account.address),
        "phone": account.phone,
        "place": [account.latitude, account.longitude] if account.latitude is not None else None,
        "words": " · ".join(filter(None, (words.lifecycles[account.lifecycle], words.tiers[account.tier], account.industry))),
        "contacts": [contact_json(contact) for contact in contacts],
        "visits": [visit_json(activity, words) for activity in visits],
    }
    return {name: value for name, value in told.items() if value}


def contact_json(contact):
    reached = {"phone": contact.phone_to_call, "email": contact.email_to_write_to}
    told = {"id": contact.pk, "name": contact.name, "position": contact.position} | reached
    return {name: value for name, value in told.items() if value}


def visit_json(activity, words):
    told = {
        "on": timezone.localdate(activity.done_at),
        "words": " · ".join(filter(None, (words.kinds[activity.kind], words.outcomes[activity.outcome], activity.subject))),
        "by": activity.user__name,
        "note": activity.told,
    }
    return {name: value for name, value in told.items() if value}
