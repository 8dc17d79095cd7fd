"""What gunicorn serves."""

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.logs import configure

_settings = Settings.from_environ()
configure(_settings.log_level, _settings.log_format)
app = create_app(_settings)
