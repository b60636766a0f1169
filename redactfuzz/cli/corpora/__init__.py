"""The commands for what lasts from one campaign to the next."""
