"""What lasts from one campaign to the next: schedules that covered something, and known findings."""
