"""What passes to a colleague when somebody leaves: the seats in territories."""

from .models import Seat
from .services import give_seat


def count_seats(user, on):
    """How many seats `user` holds on `on` or later."""
    return _seats(user, on).count()


def transfer_seats(*, from_user, to_user, on, actor):
    """`to_user` holds from `on` the seats that `from_user` would have; coverage follows. Returns how many."""
    seats = list(_seats(from_user, on).order_by("pk"))
    for seat in seats:
        give_seat(seat=seat, user=to_user, day=max(on, seat.during.lower), actor=actor)
    return len(seats)


def _seats(user, on):
    return Seat.objects.from_day(on).filter(user=user)
