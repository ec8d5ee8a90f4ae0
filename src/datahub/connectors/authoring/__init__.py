"""Drafting a connector for an unknown file: what its columns hold, what they are called after, and where they belong."""
