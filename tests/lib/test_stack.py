"""Calls are as quick at any depth of the stack."""

import resource

from salesorg.lib.stack import with_room

DEPTHS, CALLS = 400, 2_000


def beneath(depth, call):
    return beneath(depth - 1, call) if depth else call()


def call_often():
    for _ in range(CALLS):
        beneath(0, int)


def pages_taken(call):
    """How often memory was fetched from the system during `call`."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    call()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def at_every_depth():
    for depth in range(DEPTHS):
        beneath(depth, call_often)


def test_with_room_no_depth_of_the_stack_maps_memory_at_every_call():
    assert pages_taken(with_room(at_every_depth)) < CALLS
