"""Choosing targets and choices about reminders, and who may see them."""

from django.db.models import Q

from salesorg.lib.querysets import DatedQuerySet, ScopedQuerySet


class ActivityTargetQuerySet(DatedQuerySet):
    def visible_to(self, user):
        """Those of roles and teams are everybody's to read; a person's own, the person's and who sees their work."""
        if user.scope.sees_all_accounts:
            return self
        return self.filter(Q(user=None) | Q(user_id__in=user.scope.account_people))


class ReminderChoiceQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """How somebody wants to be reminded is nobody else's business."""
        return self.filter(user=user)
