"""Circuit hypotheses about transformers as text: checked, compiled, verified on a real model."""

from circuitlang.api import NotMeasuredError, SpecError, check, load, verify

__all__ = ["NotMeasuredError", "SpecError", "check", "load", "verify"]
