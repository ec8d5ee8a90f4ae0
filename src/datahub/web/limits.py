"""How often one caller may ask: a token bucket per caller and subject."""

from __future__ import annotations

import threading
import time

from datahub.i18n import Text
from datahub.web.problems import TooManyError


class Limiter:
    """Allows ``per_minute`` requests to each caller, of which up to as many at once."""

    def __init__(self, per_minute: int, code: str) -> None:
        self.per_minute = per_minute
        self.code = code
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, caller: str) -> None:
        """Counts one request of ``caller``. Raises `TooManyError` with the seconds to wait when there were too many."""
        now = time.monotonic()
        with self._lock:
            if len(self._buckets) > 10_000:
                self._buckets = {name: one for name, one in self._buckets.items() if now - one[1] < 60}
            tokens, last = self._buckets.get(caller, (float(self.per_minute), now))
            tokens = min(float(self.per_minute), tokens + (now - last) * self.per_minute / 60)
            if tokens >= 1:
                self._buckets[caller] = (tokens - 1, now)
                return
            self._buckets[caller] = (tokens, now)
        wait = int((1 - tokens) * 60 / self.per_minute) + 1
        raise TooManyError(
            self.code,
            Text(
                "More than {limit} requests of this kind in a minute.",
                "Plus de {limit} requêtes de ce type en une minute.",
            ).format(limit=self.per_minute),
            Text("Try again in {wait} seconds.", "Réessayez dans {wait} secondes.").format(wait=wait),
            wait,
        )
