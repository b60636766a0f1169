"""From what the driver knows by number to names of threads, places and the past of leaked bytes."""
