"""What was made and spent, as CSV for a spreadsheet.

python usage_report.py --of workspace --by project --from 2026-03-01 --to 2026-03-31 > march.csv
"""

import argparse
import sys

from service import Service

WHOSE = {"me": "/v1/me/usage", "workspace": "/v1/workspace/usage", "all": "/v1/admin/usage"}


def main() -> None:
    """One request: the table has every group, whatever their number."""
    reads = argparse.ArgumentParser(description=__doc__)
    reads.add_argument("--of", choices=sorted(WHOSE), default="me", dest="whose")
    reads.add_argument("--by", default="day", help="one or two of day user project shot model tier")
    reads.add_argument("--from", dest="since")
    reads.add_argument("--to", dest="until")
    asked = reads.parse_args()
    between = {"from": asked.since, "to": asked.until}
    query = {name: day for name, day in between.items() if day is not None}
    sys.stdout.write(Service.from_environ().table(WHOSE[asked.whose], group_by=asked.by, **query))


if __name__ == "__main__":
    main()
