"""What people at accounts said about being reached, channel by channel: each word is kept, the latest one counts."""

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets.accounts import ConsentQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User

from .accounts import Contact

CHANNELS = ("email", "phone", "post")
LATEST = """COALESCE((
            SELECT NOT given FROM accounts_consent WHERE contact_id = who AND channel = '{channel}'
            ORDER BY said_on DESC, id DESC LIMIT 1), false)"""
KEEP_WISHES = """
FOREACH who IN ARRAY ARRAY[
    CASE WHEN TG_OP <> 'INSERT' THEN OLD.contact_id END,
    CASE WHEN TG_OP <> 'DELETE' THEN NEW.contact_id END
] LOOP
    UPDATE accounts_contact SET {columns} WHERE id = who;
END LOOP;
RETURN NULL;
"""


def keeps_wishes():
    """The trigger that repeats the latest word of each channel on the contact, so that no list has to ask row by row.

    It alone writes those columns, so that no path (merge, import, undo, SQL) can forget them.
    """
    columns = ",\n        ".join(f"refuses_{channel} = {LATEST.format(channel=channel)}" for channel in CHANNELS)
    return pgtrigger.Trigger(
        name="keep_wishes",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("who", "bigint")],
        func=KEEP_WISHES.format(columns=columns),
    )


class Consent(models.Model):
    """That somebody agreed to be reached through a channel, or took it back: when, how they said so, who noted it down."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        POST = "post", _("Post")

    class How(models.TextChoices):
        IN_PERSON = "in_person", _("said it in person")
        PHONE = "phone", _("said it on the phone")
        EMAIL = "email", _("wrote an e-mail")
        FORM = "form", _("filled in a form")
        LETTER = "letter", _("wrote a letter")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="consents", verbose_name=_("contact"))
    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices)
    given = models.BooleanField(_("given"))
    said_on = models.DateField(_("said on"))
    how = models.CharField(_("how"), max_length=10, choices=How.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("noted by"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ConsentQuerySet.as_manager()
    NAMED_BY = ("contact",)

    class Meta:
        ordering = ["-said_on", "-pk"]
        indexes = [models.Index(fields=["contact", "channel", "-said_on", "-id"], name="consent_latest")]
        triggers = [*recorded(), keeps_wishes()]

    def __str__(self):
        return f"{self.contact} · {self.get_channel_display()}"
