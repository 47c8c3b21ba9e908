"""One module a family, named after its ``model_type``, each with a ``FAMILY`` record."""
