"""What became of every row: counted by reason, so that nothing vanishes silently."""

from dataclasses import dataclass, field


@dataclass
class Ledger:
    """The books of one table."""

    rows_in: int
    rows_out: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    """Reason -> rows."""
    mended: dict[str, int] = field(default_factory=dict)
    """Reason -> values."""

    def drop(self, reason: str, n: int) -> None:
        """Count n rows as dropped."""
        if n:
            self.dropped[reason] = self.dropped.get(reason, 0) + int(n)

    def mend(self, reason: str, n: int) -> None:
        """Count n values as mended."""
        if n:
            self.mended[reason] = self.mended.get(reason, 0) + int(n)

    def close(self, rows_out: int) -> None:
        """Rows in must be rows out plus rows dropped; AssertionError if a row was lost: a bug, whatever the data."""
        self.rows_out = rows_out
        lost = self.rows_in - rows_out - sum(self.dropped.values())
        if lost:
            raise AssertionError(f"{lost} of {self.rows_in} rows are unaccounted for")
