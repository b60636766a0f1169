"""What a user calls: a scenario, a program, a whole campaign, a replay."""
