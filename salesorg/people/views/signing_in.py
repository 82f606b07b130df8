"""Signing in and out, passwords, and the browsers one is signed in with."""

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from salesorg.lib.http import FORM_METHODS, later_toast, toast

from ..backends import typed_email
from ..browsers import names_of
from ..forms.signing_in import ChangePasswordForm, EmailForm, NewPasswordForm, SignInForm
from ..models import Session
from ..roles import only_qualifies
from ..services import signing_in as services

LINK_IN_SESSION = "password_link"


@FORM_METHODS
@login_not_required
@never_cache
@sensitive_post_parameters("password")
def sign_in(request):
    """The form for e-mail and password; afterwards on to the page that was asked for, if it is one of ours."""
    if request.user.is_authenticated:
        return redirect(_wanted(request))
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        login(request, form.user)
        return redirect(_wanted(request))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "people/sign_in.html", context, status=422 if form.is_bound else 200)


def _wanted(request):
    """The page to go on to. A link to us must not carry anybody off to a stranger's copy of our sign-in page."""
    page = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    if ours and page != resolve_url(settings.LOGIN_REDIRECT_URL):
        return page
    return resolve_url("pipeline:lead_queue" if only_qualifies(request.user) else settings.LOGIN_REDIRECT_URL)


@never_cache
def locked_out(request, response, credentials):
    """The answer in place of the sign-in form after too many failures; the settings name it to axes."""
    until = services.locked_until(email=typed_email(request, credentials), ip_address=get_client_ip_address(request))
    seconds = max(60, int((until - timezone.now()).total_seconds()))
    minutes = -(-seconds // 60)
    answer = render(request, "people/locked_out.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = seconds
    return answer


@require_POST
@login_not_required
def sign_out(request):
    """End this session and forget what this browser still keeps of it."""
    logout(request)
    response = redirect(settings.LOGOUT_REDIRECT_URL)
    response["Clear-Site-Data"] = '"cache"'
    return response


@FORM_METHODS
@login_not_required
@never_cache
def password_forgot(request):
    """Ask for a link by mail. The answer is the same whether or not anybody has this address."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.ask_for_password_link(email=form.cleaned_data["email"], actor=None)
        return render(request, "people/password_asked.html", {"email": form.cleaned_data["email"]})
    return render(request, "people/password_forgot.html", {"form": form}, status=422 if form.is_bound else 200)


@FORM_METHODS
@login_not_required
@never_cache
@sensitive_post_parameters("password")
def password_set(request, uid, token):
    """Choose a password with a mailed link.

    The token moves into the session at once and out of the address, where the next page or a log could read it.
    """
    if token != "new":  # noqa: S105
        if services.person_of_link(uid, token) is None:
            return render(request, "people/password_link_dead.html", status=410)
        request.session[LINK_IN_SESSION] = token
        return redirect("people:password_set", uid=uid, token="new")  # noqa: S106
    user = services.person_of_link(uid, request.session.get(LINK_IN_SESSION, ""))
    if user is None:
        return render(request, "people/password_link_dead.html", status=410)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        services.set_password(user=user, password=form.cleaned_data["password"], actor=user)
        logout(request)
        later_toast(request, _("Your password is set. Sign in with it."))
        return redirect("people:sign_in")
    return render(request, "people/password_set.html", {"form": form, "person": user}, status=422 if form.is_bound else 200)


@FORM_METHODS
@sensitive_post_parameters("current", "password")
def password_change(request):
    """Choose another password; every other browser is signed out."""
    form = ChangePasswordForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        keep = request.session.session_key
        services.set_password(user=request.user, password=form.cleaned_data["password"], actor=request.user, keep_session=keep)
        update_session_auth_hash(request, request.user)
        return toast(request, _("Your password is changed. Other browsers are signed out."), to=resolve_url("people:sessions"))
    return render(request, "people/password_change.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
def sessions(request):
    """The browsers this person is signed in with."""
    rows = Session.objects.visible_to(request.user).running(timezone.now()).order_by("-last_seen_at")
    listed = [
        {
            "session": row,
            "names": names_of(row.browser),
            "is_this": row.session_key == request.session.session_key,
        }
        for row in rows
    ]
    return render(request, "people/sessions.html", {"listed": listed})


@require_POST
def session_end(request, handle):
    """Sign one other browser out."""
    row = next((row for row in Session.objects.visible_to(request.user) if row.handle == handle), None)
    if row is None:
        raise Http404
    services.end_session(session=row, actor=request.user)
    return toast(request, _("Signed out there."), to=resolve_url("people:sessions"))


@require_POST
def sessions_end_others(request):
    """Sign every other browser out."""
    ended = services.end_sessions(user=request.user, actor=request.user, keep_session=request.session.session_key)
    text = ngettext("%(count)d other browser is signed out.", "%(count)d other browsers are signed out.", ended)
    return toast(request, text % {"count": ended}, to=resolve_url("people:sessions"))
