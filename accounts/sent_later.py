"""What was written on a phone without network and sent later: each item once, however often and late it comes.

An item is {client_id, kind, account, fields, logged_at, planned}: a UUID made on the phone, which form it is, the account,
the form's fields as typed, the phone's moment of saving, and the planned activity that it completes, if any. It goes through
the same forms and services as the page, as if saved at the moment it was written: "in 1 week" counts from that day.

- **Sent again**, even five times at once, it is stored once: the answer is the same each time.
- **A clock that is wrong** does no harm: the phone says what it believes the time to be while sending, and the moment of
  saving is moved by the difference.
- **The account went to somebody else meanwhile**: what a person writes about an account that they saw when they wrote it is
  stored there, for whoever covers it now; they are told that they no longer see it. So nobody loses a visit by a
  reorganisation. It lets nobody read anything, and holds for LATEST after the writing.
- **The account was deleted**, or was never theirs to see: both are answered alike, and refused. The item stays on the phone,
  where it can be put to another account.
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import links
from accounts.engine import clock
from accounts.forms import CompleteForm, OrderRequestForm, PlanForm, VisitForm
from accounts.models import Account, Activity, Contact
from accounts.services import add_photo, complete_activity, log_activity, plan_series, request_order
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError

LATEST = timedelta(days=60)  # a phone in a drawer; later it is a question for a colleague
LONGEST = 20_000  # characters of one value, as the longest field of the forms


@dataclass(frozen=True)
class Item:
    """One item as read; `fields` is what a form takes."""

    client_id: uuid.UUID
    kind: str
    account: str
    fields: QueryDict
    logged_at: datetime
    planned: str = ""
    phone_said: datetime | None = None  # the moment of saving, before it was set right
    phone_now: datetime | None = None
    on_screen: bool = False  # whoever wrote it still looks at the form and can answer a refusal


@dataclass(frozen=True)
class Answer:
    """What became of an item: stored, or refused with a sentence and the fields it is about."""

    client_id: str
    state: str
    said: str
    fields: list = field(default_factory=list)
    errors: dict = field(default_factory=dict)
    to: str = ""
    undo: str = ""  # where it can be taken back, when it was stored just now


def read(raw, *, phone_now, now, on_screen=False):
    """The Item that the phone's `raw` says, sent when the phone believed it to be `phone_now`. DomainError when it says none."""
    if not isinstance(raw, dict):
        raise DomainError(_("That could not be read."))
    fields = raw.get("fields")
    if str(raw.get("kind")) not in KINDS or not isinstance(fields, dict):
        raise DomainError(_("This page is older than the server. Reload it; what you typed is kept."))
    client_id = number_of(raw.get("client_id"))
    typed = QueryDict(mutable=True)
    for name, values in list(fields.items())[:100]:
        texts = [str(value)[: LONGEST + 1] for value in (values if isinstance(values, list) else [values])[:100]]
        typed.setlist(name, texts)
    account = str(raw.get("account") or fields.get("account") or "")
    typed["client_id"], typed["account"] = str(client_id), account
    saved = clock.set_right(clock.read(str(raw.get("logged_at"))), phone_now=phone_now, now=now)
    at = saved.at if now - 2 * LATEST <= saved.at <= now else now  # a moment that cannot be is now
    planned = str(raw.get("planned") or "")
    return Item(client_id, raw["kind"], account, typed, at, planned, saved.phone_said, phone_now, on_screen)


def number_of(text):
    """The UUID made on the phone. Raises DomainError."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        raise DomainError(_("That could not be read.")) from None


def key_of(text):
    """A record's key as the phone sends it, None when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def take(item, *, user):
    """Store the item as written by `user`, unless it is there already. Returns the Answer."""
    account, kind = account_of(item, user), KINDS[item.kind]
    there = kind.find(item.client_id)
    if there and account and there.account_id == account.pk:
        return kind.answer(there, item, user)
    if account is None:
        return refused(item, _("This account was deleted, or is no longer yours to see. Choose another one."), ["account"])
    form = kind.form(item, user, account)
    if not form.is_valid():
        return wrong(item, form)
    try:
        with acting(user, "accounts:sent_later", context=item.client_id), transaction.atomic():
            record = kind.store(item, form, user, account)
    except DomainError as error:
        return refused(item, str(error), list(error.fields))
    answer = kind.answer(record, item, user)
    return replace(answer, undo=reverse("audit:undo", args=[item.client_id])) if kind.undoable else answer


def account_of(item, user):
    """The account, when the person may see it or saw it as they wrote."""
    key = key_of(item.account)
    if key is None:
        return None
    account = Account.objects.visible_to(user).filter(pk=key).first()
    if account is None and timezone.now() - item.logged_at <= LATEST:
        day = timezone.localtime(item.logged_at).date()
        account = Account.objects.seen_on(user, day).filter(pk=key).first()
    return account


def stored(activity, item, user):
    words = {"kind": activity.get_kind_display(), "account": activity.account}
    if not Account.objects.visible_to(user).filter(pk=activity.account_id).exists():
        return Answer(str(item.client_id), "stored", _("%(kind)s stored. %(account)s is now covered by others.") % words)
    said = {"done": _("%(kind)s done"), "plan": _("%(kind)s planned"), "order": _("Order passed on to %(person)s as a task")}
    words |= {"person": activity.user}
    to = reverse("accounts:account_detail", args=[activity.account_id])
    return Answer(str(item.client_id), "stored", said.get(item.kind, _("%(kind)s at %(account)s logged")) % words, to=to)


def refused(item, said, fields=()):
    return Answer(str(item.client_id), "refused", said, list(fields), {name: [said] for name in fields})


def wrong(item, form):
    """The refusal that a form's errors make: its first sentence, and every one by field."""
    errors = {name: [str(each) for each in each_field] for name, each_field in form.errors.items()}
    label = {name: str(form.fields[name].label or name) for name in errors if name in form.fields}
    first = next(iter(errors))
    said = f"{label[first]}: {errors[first][0]}" if first in label else errors[first][0]
    return Answer(str(item.client_id), "refused", said, [name for name in errors if name in label], errors)


class OfActivity:
    """What becomes an activity at the account."""

    undoable = True

    @staticmethod
    def find(client_id):
        return Activity.objects.filter(client_id=client_id).first()

    answer = staticmethod(stored)


class Visit(OfActivity):
    """Something that took place: VisitForm."""

    @staticmethod
    def form(item, user, account):
        form = VisitForm(item.fields, user=user, account=account, day=timezone.localtime(item.logged_at).date())
        # Seen when it was written is enough, today it may be another's.
        form.fields["account"].queryset = Account.objects.filter(pk=account.pk)
        form.fields["contacts"].queryset = Contact.objects.ever_at(account)
        return form

    @staticmethod
    def store(item, form, user, account):
        moment = clock.Moment(item.logged_at, item.phone_said)
        if typed := form.cleaned_data["done_at"]:
            moment = clock.set_right(typed, phone_now=item.phone_now, now=timezone.now())
        activity = log_activity(**form.cleaned_data | {"done_at": moment.at, "phone_said": moment.phone_said}, actor=user)
        links.tie(activity, {name: item.fields.get(name, "") for name in links.names()}, actor=user)
        return activity


class Plan(OfActivity):
    """Something to be done: PlanForm."""

    @staticmethod
    def form(item, user, account):
        return PlanForm(item.fields, user=user, account=account)

    @staticmethod
    def store(item, form, user, account):
        return plan_series(account=account, actor=user, **form.cleaned_data)[0]


class Done(OfActivity):
    """How something planned went: CompleteForm."""

    @staticmethod
    def form(item, user, account):
        form = CompleteForm(item.fields, user=user, account=account, day=timezone.localtime(item.logged_at).date())
        form.fields["contacts"].queryset = Contact.objects.ever_at(account)
        return form

    @staticmethod
    def store(item, form, user, account):
        """Complete the planned activity; when it is gone or somebody completed it otherwise, log what was typed beside it."""
        facts = form.cleaned_data
        planned = Activity.objects.filter(account=account, pk=key_of(item.planned)).first()
        if planned:
            done = complete_activity(activity=planned, actor=user, done_at=item.logged_at, **facts)
            if (done.user_id, done.outcome) == (user.pk, facts["outcome"]) and facts["note"] in ("", done.note):
                return done
        kind = planned.kind if planned else item.fields.get("kind", "")
        kind = kind if kind in Activity.Kind.values else Activity.Kind.VISIT
        return log_activity(account=account, kind=kind, client_id=item.client_id, done_at=item.logged_at, actor=user, **facts)


class Order(OfActivity):
    """An order taken on the spot: OrderRequestForm."""

    @staticmethod
    def form(item, user, account):
        return OrderRequestForm(item.fields)

    @staticmethod
    def store(item, form, user, account):
        return request_order(account=account, actor=user, **form.cleaned_data)


def take_photo(*, client_id, visit, planned, upload, user):
    """Keep a photo that came after its visit: `visit` is the number that one was sent under, `planned` what it completed.

    The visit must be this person's own. Sent again, it is kept once. Returns the Answer.
    """
    client_id, own = number_of(client_id), Activity.objects.done().filter(user=user)
    activity = own.filter(client_id=number_of(visit)).first() or own.filter(pk=key_of(planned)).first()
    if activity is None:
        said = _("The visit of this photo is not here: it was taken back, or could not be stored.")
        return Answer(str(client_id), "refused", said)
    try:
        with acting(user, "accounts:sent_later", context=client_id):
            add_photo(activity=activity, upload=upload, actor=user, client_id=client_id)
    except DomainError as error:
        return Answer(str(client_id), "refused", str(error))
    return Answer(str(client_id), "stored", _("Photo of %(account)s stored") % {"account": activity.account})


KINDS = {"visit": Visit, "plan": Plan, "done": Done, "order": Order}


def register(name, kind):
    """Have `kind` take items of this name, as the classes above do. Called in AppConfig.ready by the apps above."""
    KINDS[name] = kind
