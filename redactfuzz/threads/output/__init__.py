"""What a scenario writes: to stdout, to stderr, to the sink. Each is a dump."""
