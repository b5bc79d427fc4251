"""Entry point: a source of rows -> catalog.parquet, playlists.parquet, catalog.db and report.json.

python -m data.prepare --data-source songs.csv
"""

import argparse
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from dotenv import load_dotenv

from data.clean import CleanTables, clean
from data.collect import collected
from data.locks import STAGING, alone_in, reading
from data.read import RawTables, UnusableData
from data.report import Report, build_report, summary
from data.search_index import write_catalog_db
from data.sources import DEMO_NOTICE, Source, resolve
from data.tracking import log_to_mlflow

log = logging.getLogger(__name__)

CODE = (*sorted(Path(__file__).parent.glob("*.py")), Path(__file__).parent.parent / "model" / "schemas.py")
TABLES = ("catalog.parquet", "playlists.parquet", "catalog.db")
REPORT = "report.json"
COLLECTED = "collected"
"""The data source that is DATA_SOURCE, but its copy in data/raw where `data.collect` has made one."""


def fingerprint(source: Source) -> str:
    """Changes with the source's bytes and with the code that turns them into tables."""
    parts = [source.name, source.sha256, *(sha256(path.read_bytes()).hexdigest() for path in CODE)]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def up_to_date(processed_dir: Path, wanted: str) -> bool:
    """Whether all tables are there and were made from this source by this code."""
    try:
        report = json.loads((processed_dir / REPORT).read_text())
    except (OSError, ValueError):
        return False
    return report.get("fingerprint") == wanted and all((processed_dir / name).is_file() for name in TABLES)


def write(tables: CleanTables, raw: RawTables, source: Source, processed_dir: Path) -> Report:
    """Write everything, then move it into place; returns the report.

    The old report goes first and the new one comes last: if this is cut short, the next run starts over.
    """
    created_at = datetime.now(UTC).isoformat(timespec="seconds")
    report = build_report(tables, raw, source, fingerprint(source), created_at)
    staging = Path(tempfile.mkdtemp(dir=processed_dir, prefix=STAGING))
    try:
        tables.catalog.to_parquet(staging / "catalog.parquet", index=False)
        tables.playlists.to_parquet(staging / "playlists.parquet", index=False)
        write_catalog_db(staging / "catalog.db", tables, _meta(report))
        (staging / REPORT).write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
        (processed_dir / REPORT).unlink(missing_ok=True)
        for name in (*TABLES, REPORT):
            (staging / name).replace(processed_dir / name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return report


def _meta(report: Report) -> dict[str, str]:
    return {
        "source": report["source"],
        "is_demo": str(int(report["is_demo"])),
        "fingerprint": report["fingerprint"],
        "created_at": report["created_at"],
        **{name: str(n) for name, n in report["counts"].items()},
    }


def prepare(data_source: str, raw_dir: Path, processed_dir: Path, *, force: bool = False) -> Report:
    """Make the tables of a source (see `data.sources.resolve`), unless they are there already.

    Raises UnusableData; the previous tables then stay as they were.
    """
    report_file = processed_dir / REPORT
    with reading(raw_dir):
        source = resolve(data_source, raw_dir)
        if source.is_demo:
            print(f"{DEMO_NOTICE}\nWhy: {source.why_demo}.", file=sys.stderr)
        with alone_in(processed_dir):
            if not force and up_to_date(processed_dir, fingerprint(source)):
                report: Report = json.loads(report_file.read_text())
                print(f"up to date: {processed_dir} holds {source.name} (--force makes it again)")
            else:
                raw = source.read()
                report = write(clean(raw), raw, source, processed_dir)
                print(summary(report))
    log_to_mlflow(report, report_file)
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 if the tables are in place, 1 if the source is of no use."""
    load_dotenv(Path.cwd() / ".env")
    parser = argparse.ArgumentParser(prog="python -m data.prepare", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data-source",
        default="",
        help='a CSV, TSV or Parquet file, a folder of a tracks table and playlists* tables, "demo", or "collected"; '
        "default: $DATA_SOURCE, else what is in the raw folder, else the public download, else demo data",
    )
    parser.add_argument("--raw-dir", type=Path, default=Path("data/raw"))
    parser.add_argument("--processed-dir", type=Path, default=Path("data/processed"))
    parser.add_argument("--force", action="store_true", help="make the tables even if they are up to date")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        data_source = options.data_source or os.environ.get("DATA_SOURCE", "")
        if data_source == COLLECTED:
            data_source = collected(os.environ.get("DATA_SOURCE", ""), options.raw_dir)
        prepare(data_source, options.raw_dir, options.processed_dir, force=options.force)
    except UnusableData as error:
        print(f"prepare: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
