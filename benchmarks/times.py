"""Times of many requests, and what is read off them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

Timed = tuple[float, float]
"""Milliseconds by the clock on the wall, and of processor time."""


@dataclass(frozen=True)
class Times:
    """In milliseconds."""

    ms: list[float]
    """By the clock on the wall."""
    cpu_ms: list[float] = field(default_factory=list)
    """Processor time, where this process did the work: what the wall clock would show on an idle machine."""
    per_s: float | None = None
    """Requests a second of all clients together; None where one after the other was measured."""
    errors: int = 0

    @classmethod
    def of(cls, timed: Sequence[Timed]) -> "Times":
        """Times of calls in this process."""
        wall, cpu = zip(*timed, strict=True)
        return cls(list(wall), list(cpu))

    @property
    def p50(self) -> float:
        """Median."""
        return float(np.percentile(self.ms, 50))

    @property
    def p99(self) -> float:
        """99 % are faster."""
        return float(np.percentile(self.ms, 99))

    @property
    def cpu_p50(self) -> float:
        """Median of the processor time."""
        return float(np.percentile(self.cpu_ms, 50))

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.per_s if self.per_s is not None else 1000 / float(np.mean(self.ms))

    def figures(self) -> dict[str, float]:
        """For the report."""
        figures = {"n": len(self.ms), "p50_ms": self.p50, "p99_ms": self.p99, "per_s": self.rate, "errors": self.errors}
        if self.cpu_ms:
            figures["cpu_p50_ms"] = self.cpu_p50
        return {name: round(figure, 3) for name, figure in figures.items()}
