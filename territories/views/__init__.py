"""The pages of territories."""
