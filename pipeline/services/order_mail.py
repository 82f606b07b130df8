"""The mail about an order that waited: to whoever took it and whom it was taken for, when something of it is decided."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from pipeline.models import OrderRequest
from salesorg.jobs import outbox
from salesorg.people.models import User
from salesorg.people.speaking import speaking_to

MAIL = "pipeline.order_decided"


def tell(request, actor, moment):
    """Have those whose order it is mailed how it stands now; whoever decided it needs no mail."""
    for person in {request.taken_by_id, request.taken_for_id} - {actor and actor.pk}:
        outbox.publish(MAIL, {"request": request.pk, "person": person}, f"{MAIL}:{request.pk}:{person}:{moment.isoformat()}")


@outbox.handles(MAIL)
def mail_order(payload):
    """Send the mail, unless they are no longer here or no longer see the order."""
    person = User.objects.working().filter(pk=payload["person"]).first()
    request = person and OrderRequest.objects.visible_to(person).filter(pk=payload["request"]).select_related("account").first()
    if request is None:
        return
    with speaking_to(person):
        words = {"account": request.account, "state": request.get_state_display()}
        subject = _("Order of %(account)s: %(state)s") % words
        facts = {
            "asked": request,
            "orders": request.orders.order_by("pk"),
            "link": settings.BASE_URL + request.get_absolute_url(),
        }
        text = render_to_string("pipeline/mail/order_decided.txt", facts)
    send_mail(" ".join(subject.split()), text.strip() + "\n", None, [person.email])
