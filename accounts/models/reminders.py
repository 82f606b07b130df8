"""Who wants to be reminded by e-mail of what is planned; the open page reminds everybody."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.querysets.targets import ReminderChoiceQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User


class ReminderChoice(models.Model):
    """One person's choice. Without a row: no mail."""

    user = models.OneToOneField(User, models.CASCADE, related_name="reminder_choice", verbose_name=_("person"))
    by_email = models.BooleanField(_("remind me by e-mail too"), default=False)

    objects = ReminderChoiceQuerySet.as_manager()
    NAMED_BY = ("user",)

    class Meta:
        triggers = recorded()

    def __str__(self):
        return f"{self.user}"
