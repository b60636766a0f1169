"""One function for each thing that is looked at: from what a machine tells to a check."""
