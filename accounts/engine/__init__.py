"""What needs no database: values in, values out. Each module says what for."""
