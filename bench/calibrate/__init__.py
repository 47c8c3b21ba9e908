"""How often intervals and verdicts are right: `python -m bench.calibrate`."""
