"""Verbs about nights of `redactfuzz fuzz`."""
