"""The rows that the tests of the database start from."""

from tests.db.rows import rows

__all__ = ["rows"]
