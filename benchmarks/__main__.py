"""`make bench`: measures and prints one table of ratios."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import checking, lifting, measure, pushing, reading, table
from benchmarks.setting import HERE, Setting


def main() -> int:
    """Runs the measurements; exit code 1 where engines differ or one of them fails."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--rows", type=int, default=100_000, help="products of the catalogue")
    options.add_argument("--records", type=int, default=20_000, help="records of the validation")
    options.add_argument("--rowwise", type=int, default=20_000, help="products for the row-wise script")
    options.add_argument("--runs", type=int, default=3, help="runs of each fast command")
    options.add_argument(
        "--quick", action="store_true", help="tiny sizes: shows that everything runs, measures nothing"
    )
    options.add_argument(
        "--only", action="append", help="a measurement by name, such as flat, nested, large; repeatable"
    )
    options.add_argument("--record", action="store_true", help="write the table to RESULTS.md")
    options.add_argument("--out", type=Path, default=HERE / "out", help="folder for the timings")
    args = options.parse_args()
    sizes = (300, 40, 300, 1) if args.quick else (args.rows, args.records, args.rowwise, args.runs)
    args.out.mkdir(parents=True, exist_ok=True)
    measured = measure.Measured()
    with tempfile.TemporaryDirectory(prefix="datahub-bench-") as folder:
        setting = Setting(Path(folder), *sizes)
        try:
            steps = [
                lifting.flat,
                lifting.nested,
                reading.reading,
                reading.lowering,
                measure.validation,
                checking.checking,
                checking.checking_large,
                checking.checking_huge,
                pushing.push,
                pushing.push_sales,
                lifting.large,
                lifting.large_nested,
                lifting.huge,
            ]
            for step in [step for step in steps if not args.only or step.__name__ in args.only]:
                print(f"{step.__name__} …", file=sys.stderr, flush=True)
                step(setting, measured)
        except (RuntimeError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            if measured.lines:
                print(table.table(measured))
                table.save(measured, args.out)
    if args.record:
        table.record(measured, "make bench", setting.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
