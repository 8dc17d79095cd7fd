"""Where traces go, by the names that OpenTelemetry gives its variables."""

from dataclasses import dataclass, field
from typing import Any, Final

from plugin_backend.settings.environment import EnvironmentReader
from plugin_backend.tracing import Tracer

_EXAMPLE: Final = "http://127.0.0.1:4318"


@dataclass(frozen=True, kw_only=True)
class TraceSettings:
    """The part of the settings that says who collects traces."""

    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_headers: tuple[str, ...] = field(default=(), repr=False)
    otel_service_name: str = "plugin-backend"

    def tracer(self) -> Tracer | None:
        """None where nobody collects any."""
        if self.otel_exporter_otlp_endpoint is None:
            return None
        pairs = (each.partition("=") for each in self.otel_exporter_otlp_headers)
        headers = {name.strip(): value.strip() for name, _, value in pairs}
        return Tracer(self.otel_exporter_otlp_endpoint, service=self.otel_service_name, headers=headers)


def read_trace_settings(read: EnvironmentReader) -> dict[str, Any]:
    """All of them, checked."""
    headers = read.listed("OTEL_EXPORTER_OTLP_HEADERS")
    if not all(each.partition("=")[1] for each in headers):
        read.problem("OTEL_EXPORTER_OTLP_HEADERS", "must be name=value, separated by commas")
    return {
        "otel_exporter_otlp_endpoint": read.address("OTEL_EXPORTER_OTLP_ENDPOINT", _EXAMPLE),
        "otel_exporter_otlp_headers": headers,
        "otel_service_name": read.optional("OTEL_SERVICE_NAME") or "plugin-backend",
    }
