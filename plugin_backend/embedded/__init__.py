"""A real PostgreSQL and a real Valkey from wheels, when no URL is given."""
