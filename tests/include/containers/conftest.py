"""Fixtures of the tests of training containers."""

from tests.include.containers.support import engine, make_trial

__all__ = ["engine", "make_trial"]
