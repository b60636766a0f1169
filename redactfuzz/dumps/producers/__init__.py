"""What a crash makes: cores, and the reports that crash reporters collect."""
