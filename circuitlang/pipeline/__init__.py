"""From a file to a verdict: the rooms, called in order. Nothing is imported here: `compile` and
`dry_run` stay light, `verify` needs torch."""
