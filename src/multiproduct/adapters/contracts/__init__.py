"""The tests that every adapter of a port must pass, as classes to inherit from; needs pytest and anyio.

class TestChallengesInMemory(ChallengesContract):
    '''Needs the fixture `units` that the contract's docstring asks for.'''
"""

from pkgutil import iter_modules

import pytest

# Their asserts tell what they compared only if pytest is asked before the modules are imported.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in iter_modules(__path__)))
