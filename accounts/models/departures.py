"""Contacts who left an account: when, and who noted it. What was said with them there stays there."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets.accounts import AccountPartQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User

from .accounts import Account, Contact


class Departure(models.Model):
    """That somebody works at an account no more. Where they went is said by the contact itself."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="departures", verbose_name=_("contact"))
    account = models.ForeignKey(Account, models.CASCADE, related_name="departures", verbose_name=_("account"))
    left_on = models.DateField(_("left on"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("noted by"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AccountPartQuerySet.as_manager()
    NAMED_BY = ("contact",)

    class Meta:
        ordering = ["-left_on", "-pk"]
        triggers = recorded()

    def __str__(self):
        return f"{self.contact} · {self.left_on}"
