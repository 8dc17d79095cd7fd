"""PostgreSQL: tables, unit of work, queries, migrations."""
