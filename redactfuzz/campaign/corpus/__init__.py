"""What lasts from one campaign to the next: schedules that covered something (seeds), and known findings (regressions)."""
