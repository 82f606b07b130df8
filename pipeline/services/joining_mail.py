"""The mail to whoever is brought onto a deal."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from pipeline.models import Deal, DealMember
from salesorg.jobs import outbox
from salesorg.people.models import User
from salesorg.people.speaking import speaking_to

MAIL = "pipeline.brought_in"


def tell(member, actor):
    """Have the member mailed that `actor` brought them in; who joined by themselves is told nothing."""
    if actor is not None and actor.pk != member.user_id:
        outbox.publish(MAIL, {"member": member.pk, "by": actor.pk}, f"{MAIL}:{member.pk}")


@outbox.handles(MAIL)
def mail_member(payload):
    """Send the mail, unless they are no longer on the deal, or no longer here."""
    member = DealMember.objects.filter(pk=payload["member"], user__is_active=True).select_related("user", "deal__account").first()
    if member is None or not Deal.objects.visible_to(member.user).filter(pk=member.deal_id).exists():
        return
    by = User.objects.filter(pk=payload["by"]).first()
    with speaking_to(member.user):
        words = {"by": by, "deal": member.deal, "role": member.get_role_display()}
        subject = _("%(by)s brings you in on “%(deal)s” as %(role)s") % words
        link = settings.BASE_URL + member.deal.get_absolute_url()
        text = render_to_string("pipeline/mail/brought_in.txt", {"member": member, "subject": subject, "link": link})
    send_mail(" ".join(subject.split()), text.strip() + "\n", None, [member.user.email])
