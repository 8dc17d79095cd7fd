"""How gunicorn runs the web door: `gunicorn -c python:plugin_backend.gunicorn plugin_backend.wsgi:app`.

Threads suit the contract (short answers, long-polls bounded to half of them); leases, not graceful shutdown,
keep work correct, so a platform that gives us three seconds loses nothing.
"""

from pathlib import Path

from plugin_backend.access_log import AccessLog
from plugin_backend.auth import changes
from plugin_backend.config import LogFormat, Settings
from plugin_backend.logs import dict_config

_settings = Settings.from_environ()
changes.announce()  # before the workers are forked, so that its memory is one for all of them

_host = "0.0.0.0" if _settings.is_production else "127.0.0.1"  # noqa: S104 - a container is reached from outside
_memory = Path("/dev/shm")  # noqa: S108 - only where heartbeats are touched: on a disk they could stall
bind = f"{_host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_concurrency
threads = _settings.web_threads
worker_tmp_dir = str(_memory) if _memory.is_dir() else None
graceful_timeout = 8  # every process is gone within 15 s of SIGTERM
timeout = 60
keepalive = 75  # longer than the routers in front of us, so that they close first
max_requests = 50_000
max_requests_jitter = 5_000
limit_request_line = 8190
control_socket_disable = True
forwarded_allow_ips = "*" if _settings.trusted_proxies else "127.0.0.1"
if _settings.log_format is LogFormat.JSON:
    logger_class = AccessLog
logconfig_dict = dict_config(_settings.log_level, _settings.log_format)
proc_name = "plugin-backend"
