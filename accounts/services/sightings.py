"""Competitors seen at accounts."""

from django.db import IntegrityError, transaction

from accounts.models import Competitor, Sighting


@transaction.atomic
def note_sighting(*, account, competitor, seen_on, actor, activity=None, product="", price=None, currency=""):
    """Note that `competitor`, by its name in whatever case, was seen at `account`. Returns the Sighting."""
    return Sighting.objects.create(
        account=account,
        activity=activity,
        competitor=_known_as(competitor),
        user=actor,
        product=_as_written_before(product),
        price=price,
        currency=currency if price is not None else "",
        seen_on=seen_on,
    )


def _known_as(name):
    """The competitor of that name, made when nobody has named it before; of two who name it at once, one makes it."""
    words = " ".join(name.split())
    try:
        with transaction.atomic():
            return Competitor.objects.filter(name__iexact=words).first() or Competitor.objects.create(name=words)
    except IntegrityError:
        return Competitor.objects.get(name__iexact=words)


def _as_written_before(product):
    """The product as it was first written, so that "SR-5" and "sr-5" are one line of the page."""
    words = " ".join(product.split())
    known = Sighting.objects.filter(product__iexact=words).order_by("pk").values_list("product", flat=True).first()
    return (known or words) if words else ""
