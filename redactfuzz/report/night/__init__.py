"""Pages of a night: consumers of its events, which decide nothing."""
