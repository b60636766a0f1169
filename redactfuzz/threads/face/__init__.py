"""What the body of a scenario is handed, and the execution behind it."""
