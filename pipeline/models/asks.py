"""What a deal asks for: somebody of a role, whoever of them joins first."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pipeline.querysets.asks import AskQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User
from salesorg.people.roles import Role

from .deals import Deal


class Ask(models.Model):
    """A deal asks everybody of a role to join it, with a question; the first who joins answers it."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="asks", verbose_name=_("deal"))
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    question = models.CharField(_("what for"), max_length=500)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="asks", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("joined by"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)  # joined, or taken back when nobody has

    objects = AskQuerySet.as_manager()
    NAMED_BY = ("deal",)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "role"], condition=Q(ended_at=None), name="one_open_ask_per_role"),
            models.CheckConstraint(condition=Q(answered_by=None) | Q(ended_at__isnull=False), name="joined_ask_has_ended"),
        ]
        indexes = [models.Index(fields=["role", "-asked_at"], name="asks_open_by_role", condition=Q(ended_at=None))]
        triggers = recorded()

    def __str__(self):
        return f"{self.deal} · {self.get_role_display()}"
