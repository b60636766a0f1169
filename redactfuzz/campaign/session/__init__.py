"""One campaign: what it is about, how long it may take, and its way to the runtime."""
