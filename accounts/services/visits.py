"""What is brought back from a visit: people met, evidence of being there, photos, and a better pin for the account."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.engine.route import Place, straight
from accounts.models import Account, Activity, CheckIn, Meeting, Photo, PinProposal
from salesorg.lib import files
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError

from .sightings import note_sighting

MOST_PHOTOS = 20  # of one visit


@dataclass(frozen=True)
class Brought:
    """What may be brought back beside how it went, all of it optional.

    `check_in` is {latitude, longitude, accuracy} of the phone, `wrong_pin` whether that is where the account really is;
    `sighting` {competitor, product, price, currency}.
    """

    contacts: tuple = ()
    needs: str = ""
    kilometres: Decimal | None = None
    check_in: dict | None = None
    wrong_pin: bool = False
    sighting: dict | None = None


NOTHING = Brought()


def bring_back(activity, met, brought, *, actor):
    """Store beside `activity` whom it was with, where the phone stood, and the competitor seen there."""
    Meeting.objects.bulk_create(Meeting(activity=activity, contact=contact) for contact in met)
    if brought.check_in:
        distance = distance_to(activity.account, brought.check_in)
        CheckIn.objects.create(activity=activity, distance=distance, **brought.check_in)
        if brought.wrong_pin:
            propose_pin(account=activity.account, actor=actor, **brought.check_in)
    if brought.sighting:
        seen_on = timezone.localdate(activity.done_at)
        note_sighting(account=activity.account, activity=activity, seen_on=seen_on, actor=actor, **brought.sighting)


def distance_to(account, place):
    """Whole metres between an account's pin and `place` ({latitude, longitude, …}); None for an account without a pin."""
    if account.latitude is None or account.longitude is None:
        return None
    return int(straight(Place(account.latitude, account.longitude), Place(place["latitude"], place["longitude"])))


@transaction.atomic
def add_photo(*, activity, upload, actor, client_id=None):
    """Keep one photo of `activity`, drawn anew. `client_id` is made on the phone: sent again, the stored one is the answer.

    Raises DomainError, naming the file, for what is no photo, too large, or one too many.
    """
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    client_id = client_id or uuid.uuid4()
    if there := Photo.objects.filter(client_id=client_id).first():
        if there.activity_id != activity.pk:
            raise DomainError(_("This photo has already been sent with another visit."))
        return there
    picture = files.photo(upload)
    file = files.keep(picture)
    if there := activity.photos.filter(file=file).first():  # the same photo chosen twice
        return there
    if activity.photos.count() >= MOST_PHOTOS:
        raise DomainError(_("A visit holds %(most)s photos. Remove one first.") % {"most": MOST_PHOTOS})
    small = files.keep(files.small(picture))
    try:
        with transaction.atomic():
            return Photo.objects.create(
                activity=activity, user=actor, client_id=client_id, file=file, small=small, title=picture.title
            )
    except IntegrityError:  # the same number on another visit, at this moment
        raise DomainError(_("This photo has already been sent with another visit.")) from None


@transaction.atomic
def remove_photo(*, photo, actor):
    """Take the photo from its visit. Its bytes stay, so that this can be undone."""
    photo.delete()


@transaction.atomic
def propose_pin(*, account, latitude, longitude, actor, accuracy=None):
    """Say that `account` is at this place; whoever may change accounts decides. Proposed again, the newer place holds."""
    place = {"latitude": latitude, "longitude": longitude}
    account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)  # two taps at once are one proposal
    facts = {**place, "accuracy": accuracy, "distance": distance_to(account, place), "created_at": timezone.now()}
    if waiting := PinProposal.objects.waiting().filter(account=account, user=actor).first():
        return write(waiting, facts)
    return PinProposal.objects.create(account=account, user=actor, **facts)


@transaction.atomic
def decide_pin(*, proposal, accept, actor):
    """Accept the proposal, which moves the account's pin, or decline it. Raises DomainError when somebody has decided."""
    account = Account.objects.select_for_update(no_key=True).get(pk=proposal.account_id)
    proposal = PinProposal.objects.select_for_update().get(pk=proposal.pk)
    if proposal.decided_at:
        raise DomainError(_("Somebody has already decided this."))
    if accept:
        write(account, {"latitude": proposal.latitude, "longitude": proposal.longitude})
    return write(proposal, {"decided_at": timezone.now(), "decided_by": actor, "accepted": accept})
