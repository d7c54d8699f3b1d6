"""What can be found in a network: pure functions that return findings."""
