"""Running the service: its health, its audit, its administration."""
