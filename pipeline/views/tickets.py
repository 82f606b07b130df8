"""Tickets of the first line: the team's queue, each one's page, taking in, taking, answering."""

from datetime import timedelta

from django.db.models import F, Q
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account
from pipeline.forms.tickets import AnswerForm, TicketForm, TicketOwnerForm
from pipeline.models import Ticket, TicketNote
from pipeline.services import tickets as services
from pipeline.views.customers import book_tabs
from pipeline.visible import account_asked, visible_accounts
from pipeline.waiting import Clock, clock_of
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.templatetags.salesorg import day
from salesorg.people.access import requires
from salesorg.people.roles import Action
from salesorg.people.working import usual_calendar

SOON = timedelta(hours=1)  # of working time
SHOWN = 100  # notes of a ticket
OF_ACCOUNT = 10  # open tickets on the page of an account


@require_safe
@requires(Action.READ_RECORDS)
def ticket_list(request):
    """The queue of those who see the accounts, my own, all that are open, or what is solved; by the time left."""
    user, asked = request.user, request.GET.get("whose", "queue")
    chosen = {"queue": Q(owner=None), "mine": Q(owner=user), "all": Q(), "solved": Q()}
    whose = asked if asked in chosen else "queue"
    seen = Ticket.objects.visible_to(user)
    rows = seen.filter(state="solved") if whose == "solved" else seen.open().filter(chosen[whose])
    account, rows = account_asked(request, rows)
    disputes = request.GET.get("kind") == "dispute"
    rows = rows.filter(kind="dispute") if disputes else rows
    order = ("-opened_at", "-pk") if whose == "solved" else ("answered", "answer_by", "pk")
    page = page_of(rows.with_answered().select_related("account", "owner"), order, request.GET.get("after", ""))
    labels = (("queue", _("Team's queue")), ("mine", _("Mine")), ("all", _("All open")), ("solved", _("Solved")))
    chips = [{"label": label, "url": f"?whose={name}", "on": name == whose and not disputes} for name, label in labels]
    context = {
        "page": with_clock(page),
        "whose": whose,
        "tabs": book_tabs("tickets"),
        "account": account,
        "chips": [*chips, {"label": _("Disputes"), "url": "?whose=all&kind=dispute", "on": disputes}],
    }
    return render(request, "pipeline/ticket_list.html", context)


def with_clock(page):
    dress(page.rows)
    return page


def dress(tickets):
    """Give each ticket its `clock` (waiting.Clock); an empty one where no first answer is waited for."""
    now, calendar = timezone.now(), None
    for each in tickets:
        each.clock = Clock()
        if each.is_open and each.answered_at is None:
            calendar = calendar or usual_calendar()
            each.clock = clock_of(each.answer_by, calendar, now, SOON)
    return tickets


@require_safe
@requires(Action.READ_RECORDS)
def account_tickets(request, pk):
    """The open tickets of an account, for its page and its brief."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    tickets = Ticket.objects.visible_to(request.user).open().filter(account=account).select_related("owner")
    context = {
        "account": account,
        "tickets": dress(list(tickets.order_by(F("answered_at").asc(nulls_first=True), "answer_by", "pk")[:OF_ACCOUNT])),
        "may_answer": request.user.may(Action.LOG_ACTIVITY),
    }
    return render(request, "pipeline/_account_tickets.html", context)


def _seen(user, pk):
    parts = ("account", "contact", "contract", "owner", "opened_by")
    return get_object_or_404(Ticket.objects.visible_to(user).select_related(*parts), pk=pk)


@require_safe
@requires(Action.READ_RECORDS)
def ticket_detail(request, pk):
    """One ticket: what they say, what was answered, and the form for the next answer."""
    ticket = dress([_seen(request.user, pk)])[0]
    context = {
        "ticket": ticket,
        "notes": TicketNote.objects.visible_to(request.user).filter(ticket=ticket).select_related("user")[:SHOWN],
        "account_visible": bool(visible_accounts(request.user, [ticket.account_id])),
        "may_answer": request.user.may(Action.LOG_ACTIVITY),
        "form": AnswerForm(),
    }
    return render(request, "pipeline/ticket_detail.html", context)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def ticket_new(request, pk):
    """Take in what a customer asks, reports or disputes."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = TicketForm(request.POST or None, user=request.user, account=account)
    if request.method == "POST" and (ticket := form.saved_by(services.open_ticket, account=account)):
        until = timezone.localtime(ticket.answer_by)
        text = _("Ticket saved. First answer by %(day)s, %(clock)s.") % {"day": day(until), "clock": f"{until:%H:%M}"}
        return toast(request, text, undo=undo_url(request), to=ticket.get_absolute_url())
    context = {"form": form, "account": account}
    return render(request, "pipeline/ticket_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.LOG_ACTIVITY)
def ticket_take(request, pk):
    """I answer it."""
    ticket = services.take_ticket(ticket=_seen(request.user, pk), owner=request.user, actor=request.user)
    return toast(request, _("Yours: %(ticket)s") % {"ticket": ticket}, undo=undo_url(request), to=ticket.get_absolute_url())


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def ticket_give(request, pk):
    """Somebody else answers it."""
    ticket = _seen(request.user, pk)
    form = TicketOwnerForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            ticket = services.take_ticket(ticket=ticket, actor=request.user, **form.cleaned_data)
            words = {"name": ticket.owner, "ticket": ticket}
            to = reverse("pipeline:ticket_list")
            return toast(request, _("%(name)s answers %(ticket)s.") % words, undo=undo_url(request), to=to)
    return _form(request, form, ticket, _("Give it to somebody"))


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def ticket_answer(request, pk):
    """Answer it, or note something among ourselves."""
    ticket = _seen(request.user, pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.answer_ticket(ticket=ticket, actor=request.user, **form.cleaned_data)
        return toast(request, _("Answer saved."), undo=undo_url(request), to=ticket.get_absolute_url())
    return _form(request, form, ticket, _("Answer"))


def _form(request, form, ticket, title):
    context = {"form": form, "ticket": ticket, "title": title}
    return render(request, "pipeline/ticket_step.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.LOG_ACTIVITY)
def ticket_reopen(request, pk):
    """It was not solved after all."""
    ticket = services.reopen_ticket(ticket=_seen(request.user, pk), actor=request.user)
    return toast(request, _("Open again."), undo=undo_url(request), to=ticket.get_absolute_url())
