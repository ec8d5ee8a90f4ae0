"""One module per kind of generated page; each has ``pages() -> dict[name, Markdown]``."""
