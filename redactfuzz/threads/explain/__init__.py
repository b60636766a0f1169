"""From numbers to names: sites, steps, what a call runs, and canaries kept out of every text."""
