"""Private parts of public keys that are known: given by the user, or met in the dump itself."""
