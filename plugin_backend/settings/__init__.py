"""The parts of the settings: each reads its own variables, for `config.py` alone.

They are put together by inheritance, and Python puts no two classes with slots together: so they have none.
"""
