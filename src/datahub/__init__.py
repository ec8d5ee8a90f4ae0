"""datahub: cooperative platforms share data without giving up their own models."""

__version__ = "0.1.0"
