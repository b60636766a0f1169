"""Keys of HMAC, by a message and its MAC that are known: what in a dump lets somebody make the next one."""
