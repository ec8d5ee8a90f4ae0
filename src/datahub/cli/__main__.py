"""``python -m datahub.cli``: the same as the command ``datahub``."""

from datahub.cli import main

main()
