"""Keys that are one word with a checksum of its own: a report of them is true."""
