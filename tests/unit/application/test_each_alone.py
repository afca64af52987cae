"""Batches of jobs: one that fails keeps no other from being done, and is told of at the end."""

import pytest

from multiproduct.application.each_alone import EachAlone


def test_one_that_fails_keeps_no_other_from_being_done_and_is_raised_at_the_end():
    each_alone, done = EachAlone(what="counting"), list[int]()
    for number in range(25):
        with each_alone.one():
            if number % 2:
                raise ValueError(number)
            done.append(number)
    assert done == list(range(0, 25, 2))
    with pytest.raises(ExceptionGroup, match="counting: 12 failed") as told:
        each_alone.tell()
    assert [error.args for error in told.value.exceptions] == [(n,) for n in range(1, 21, 2)]


def test_where_nothing_failed_nothing_is_raised():
    each_alone = EachAlone(what="counting")
    with each_alone.one():
        pass
    each_alone.tell()
