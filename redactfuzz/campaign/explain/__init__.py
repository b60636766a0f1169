"""Why it leaked: fewer preemptions, the race window, the kind of crash, the cause in one sentence."""
