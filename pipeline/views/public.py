"""What strangers see: the form of a landing page, and the page on which a partner hands leads in. Nobody signs in.

Neither says whether a company or person is known. Both are limited by address and by form before the database is asked.
"""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from pipeline.forms.public import PartnerForm, StrangerForm, stamp
from pipeline.models import Arrival
from pipeline.services.intake import receive_lead
from pipeline.services.sources import flooded, hand_ins_of, landing_page_of, partner_of
from salesorg.lib.http import FORM_METHODS
from salesorg.lib.limits import Limit, seconds_to_wait
from salesorg.people.sessions import limited_address

# One office behind one address may all be interested; a program may not.
BY_ADDRESS = (Limit(6, 60), Limit(40, 3600))
BY_FORM = (Limit(60, 60), Limit(1_000, 24 * 3600))
LOOKS = (Limit(120, 60),)  # at a form, of one address


@login_not_required
@csrf_exempt  # no session has a say here, and within a page of another site no cookie arrives; the stamp stands in for it
@FORM_METHODS
def landing_page(request, token):
    """The form of a landing page, and thanks once it was sent."""
    if wait := too_many(request, token):
        return one_moment(request, wait)
    page = landing_page_of(token)
    if page is None or not page.is_open:
        return gone(request)
    sent = request.POST if request.method == "POST" else None
    form = StrangerForm(sent, token=token, consent=page.consent, initial={"stamp": stamp(token)})
    if sent is not None and form.seems_a_program():
        return _framed(page, render(request, "pipeline/public_thanks.html", {"page": page}))  # and learns nothing
    if sent is not None and form.is_valid():
        if wait := flooded(page.source):
            return one_moment(request, wait)
        facts = {"source": page.source, "campaign": page.campaign, "landing_page": page.name, "page": page}
        receive_lead(path=Arrival.Path.FORM, actor=None, **facts, **form.facts())
        return _framed(page, render(request, "pipeline/public_thanks.html", {"page": page}))
    status = 422 if form.is_bound else 200
    return _framed(page, render(request, "pipeline/public_form.html", {"page": page, "form": form}, status=status))


@login_not_required
@csrf_exempt  # as above: the address itself is the key
@FORM_METHODS
def partner_page(request, token):
    """Where a partner hands leads in, and sees what became of the own ones."""
    if wait := too_many(request, token):
        return one_moment(request, wait)
    source = partner_of(token)
    if source is None:
        return gone(request)
    sent = request.POST if request.method == "POST" else None
    form = PartnerForm(sent, token=token, initial={"stamp": stamp(token)})
    thanks = False
    if sent is not None and form.is_valid() and not form.seems_a_program():
        if wait := flooded(source):
            return one_moment(request, wait)
        receive_lead(source=source, path=Arrival.Path.PARTNER, actor=None, **form.facts())
        form, thanks = PartnerForm(token=token, initial={"stamp": stamp(token)}), True
    context = {"source": source, "form": form, "thanks": thanks, "rows": hand_ins_of(source)}
    response = render(request, "pipeline/public_partner.html", context, status=422 if form.is_bound and form.errors else 200)
    response["Cache-Control"] = "no-store"  # what became of the leads is for nobody who comes after at the same computer
    return response


def too_many(request, token):
    """0, or after how many seconds to try again."""
    if request.method != "POST":
        return too_many_looks(request)
    address = limited_address(request)
    # The address is asked first: what it may not send does not count against the form, which others want to use.
    return seconds_to_wait(f"send:{address}", *BY_ADDRESS) or seconds_to_wait(f"form:{token[:40]}", *BY_FORM)


def too_many_looks(request):
    """The same for what is only looked at."""
    return seconds_to_wait(f"look:{limited_address(request)}", *LOOKS)


def one_moment(request, wait):
    words = {"title": _("One moment"), "text": _("This was sent very often just now. Please wait a little, then send it again.")}
    response = render(request, "pipeline/public_refused.html", words, status=429)
    response["Retry-After"] = str(wait)
    return response


def gone(request):
    words = {"title": _("There is nothing here"), "text": _("Look whether the whole address was copied, or ask for a new one.")}
    return render(request, "pipeline/public_refused.html", words, status=404)


def _framed(page, response):
    """The answer as pages of the sites that were named may show it; no other site may."""
    if hosts := page.embed_on.split():
        response._csp_replace = {"frame-ancestors": hosts}
        response.xframe_options_exempt = True
    response["Cache-Control"] = "no-store"
    return response
