"""What a report may say, and how much of it: names without secrets, gaps that are counted."""
