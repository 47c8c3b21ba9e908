"""What runs in the peers' own environment. Imports nothing of circuitlang."""
