"""What is typed about people, teams and sign-in."""
