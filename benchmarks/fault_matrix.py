"""Inject every fault, and write what came out into docs/faults.md: `python -m benchmarks.fault_matrix`.

The faults are those tests in tests/gateway and tests/service that take `matrix_row`; one whose promise is broken fails.
"""

import subprocess
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

PAGE = Path("docs/faults.md")
START, END = "<!-- the table: python -m benchmarks.fault_matrix -->\n", "<!-- end of the table -->\n"
TESTS = (Path("tests/gateway"), Path("tests/service"))


def run_tests(report: Path) -> int:
    """Run the tests that inject faults; returns pytest's exit code."""
    every = [path for folder in TESTS for path in sorted(folder.rglob("test_*.py"))]
    files = [str(path) for path in every if "matrix_row" in path.read_text()]
    command = [sys.executable, "-m", "pytest", "-q", *files, f"--junitxml={report}", "-o", "junit_family=xunit1"]
    return subprocess.run(command, check=False).returncode


def rows(report: Path) -> list[tuple[str, str, str, str]]:
    """Fault, promise, measured and test of every test that noted them, in the order of the tests."""
    found = []
    for case in ElementTree.parse(report).iter("testcase"):
        noted = {each.get("name"): each.get("value", "") for each in case.iter("property")}
        if "fault" in noted:
            test = f"`{case.get('classname', '').rsplit('.', 1)[-1]}.{case.get('name', '').split('[')[0]}`"
            found.append((noted["fault"], noted["promise"], noted["measured"], test))
    return found


def table(found: list[tuple[str, str, str, str]]) -> str:
    """The rows as a Markdown table; the cases of one test ("subject: case") share a row, with the slowest time."""
    lines = ["| fault | promise | measured | test |", "| --- | --- | --- | --- |"]
    for (promise, test), cases in groupby(found, key=lambda row: (row[1], row[3])):
        faults, measured = zip(*((fault, ms) for fault, _, ms, _ in cases), strict=True)
        subject = faults[0].partition(": ")[0]
        fault = (
            f"{subject}: {'; '.join(fault.partition(': ')[2] for fault in faults)}" if len(faults) > 1 else faults[0]
        )
        alike = len(set(measured)) == 1
        slowest = measured[0] if alike else f"≤ {max(float(ms.split()[0]) for ms in measured):.0f} ms"
        lines.append(f"| {fault} | {promise} | {slowest} | {test} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Test, print the table, and write it into the page; nothing is written if a promise was broken."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        code = run_tests(report)
        found = table(rows(report))
    print(found)
    if code == 0:
        page = PAGE.read_text()
        before, after = page.split(START)[0], page.split(END)[1]
        PAGE.write_text(before + START + found + END + after)
    return code


if __name__ == "__main__":
    sys.exit(main())
