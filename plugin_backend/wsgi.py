"""What gunicorn serves."""

import gc

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.logs import configure

_settings = Settings.from_environ()
configure(_settings.log_level, _settings.log_format)
app = create_app(_settings)
gc.collect()
gc.freeze()  # what was made at boot stays: walking it all would stop every thread for tens of milliseconds
