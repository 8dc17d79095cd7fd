"""A batch of drafts from a shot list: all of it is accepted, or nothing.

python batch_from_csv.py shots.csv --project prj_...
"""

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

from service import Service

MOST = 50  # of one batch


def main() -> None:
    """Ask for every line of the list, wait for all, and tell what each has come to."""
    asked = _arguments()
    service = Service.from_environ()
    shots = [_request(line, asked) for line in csv.DictReader(asked.shots.open(newline="", encoding="utf-8"))]
    if not 1 <= len(shots) <= MOST:
        raise SystemExit(f"A batch has 1 to {MOST} shots; the list has {len(shots)}.")

    accepted = service.post("/v1/batches", {"generations": shots})
    print(f"{accepted['batch_id']} holds {accepted['credits_held']} credits", file=sys.stderr)
    batch = service.wait(f"/v1/batches/{accepted['batch_id']}")

    table = csv.writer(sys.stdout)
    table.writerow(["label", "generation", "state", "credits"])
    for item in batch["items"]:
        table.writerow([item["label"], item["id"], item["state"], item["cost"]["credits_settled"]])
    for failure in batch["failures"]:
        print(f"{failure['label']}: {failure['detail']}", file=sys.stderr)
    sys.exit(1 if batch["failures"] else 0)


def _request(line: dict[str, str], asked: argparse.Namespace) -> dict[str, Any]:
    brief: dict[str, Any] = {"prompt": line["prompt"], "duration_seconds": float(line.get("seconds") or 5)}
    if asked.resolution:
        brief["resolution"] = asked.resolution
    return {"kind": "draft", "brief": brief, "label": line["label"], "project_id": asked.project}


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description=__doc__)
    reads.add_argument("shots", type=Path, help="CSV with the columns label, prompt and seconds")
    reads.add_argument("--project", help="a project's id")
    reads.add_argument("--resolution", help="such as 540p; without it, the model's own")
    return reads.parse_args()


if __name__ == "__main__":
    main()
