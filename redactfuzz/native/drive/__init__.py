"""The driver process: started, watched, handed its schedule and its secrets through shared memory."""
