"""PostgreSQL, Valkey and the application's own processes on a machine that has only Python; no models."""
