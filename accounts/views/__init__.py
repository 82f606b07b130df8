"""The pages of accounts, contacts, activities and coverage."""
