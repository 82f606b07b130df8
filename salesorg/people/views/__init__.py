"""The pages of people, teams and sign-in."""
