"""Two dumps of one program under two values of a secret: what differs, and what it reveals."""
