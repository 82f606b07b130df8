"""Finding accounts while typing in a form."""

from django.views.decorators.http import require_safe

from salesorg.lib.search import answers_by_index
from salesorg.lib.widgets import offer, typed_words
from salesorg.people.access import requires
from salesorg.people.roles import Action

from .models import Account


@require_safe
@requires(Action.READ_RECORDS)
@answers_by_index
def account_lookup(request):
    """The visible accounts that match ?q=, as options of a combobox; without words the first by name."""
    accounts = Account.objects.visible_to(request.user)
    if words := typed_words(request):
        accounts = accounts.matching(words)
    return offer(request, accounts, lambda account: account.city)
