"""What this machine can do, and how to mend it: probes decide, by what a machine tells; nothing is changed."""
