"""The commands of `plugin-backend` that have more to say than a line in `cli.py`."""
