"""What people said about being reached: written down, never written over."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Consent, Contact
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation


@transaction.atomic
def record_consent(*, contact, channel, given, how, actor, said_on=None, note=""):
    """Note that `contact` agreed to `channel`, or took it back, on `said_on` (today). The latest word counts.

    Without an `actor` they said so themselves. Sent twice it is one word. Raises DomainError for a day that has not come.
    """
    today = actor.today if actor else organisation().today()
    said_on = said_on or today
    if said_on > today:
        raise DomainError(_("Nobody can have said that on a day to come."), fields=["said_on"])
    Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)  # one after the other: the latest word is one word
    word = {"channel": channel, "given": given, "how": how, "said_on": said_on, "note": note}
    latest = Consent.objects.filter(contact=contact, channel=channel).first()
    if latest and all(getattr(latest, name) == value for name, value in word.items()):
        return latest
    return Consent.objects.create(contact=contact, recorded_by=actor, **word)
