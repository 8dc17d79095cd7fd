"""Settings, section by section: each read from the environment by `plugin_backend/config.py`."""
