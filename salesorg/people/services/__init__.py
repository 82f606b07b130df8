"""What can be done to people, teams and sessions."""
