"""From a sentence to files for an editor: drafts, the best of them as a master, delivered and downloaded.

python draft_to_delivery.py "slow dolly in through a misty forest" --label SH010 --folder out
"""

import argparse
from pathlib import Path
from typing import Any

from service import Service, download


def main() -> None:
    """Each step by itself, as an editor goes through them."""
    asked = _arguments()
    service = Service.from_environ()

    draft = service.post("/v1/generations", _request(asked))
    draft = service.wait(f"/v1/generations/{draft['id']}")
    if draft["state"] != "ready":
        raise SystemExit(f"The draft is {draft['state']}: {(draft['failure'] or {}).get('detail', '')}")

    best = max(draft["takes"], key=lambda take: take["score"] or 0.0)
    service.patch(f"/v1/takes/{best['id']}", {"picked": True})
    print(f"picked take {best['number']} of {len(draft['takes'])}")

    master = service.post(f"/v1/takes/{best['id']}/master", {"resolution": asked.resolution})
    master = service.wait(f"/v1/generations/{master['id']}")
    (take,) = [take for take in master["takes"] if take["state"] == "stored"]
    print(f"master {master['id']} cost {master['cost']['credits_settled']} credits")

    delivery = service.post(f"/v1/takes/{take['id']}/deliveries", {"host": asked.host})
    delivery = service.wait(f"/v1/deliveries/{delivery['id']}")
    for file in delivery["files"]:
        if file["url"] is not None:  # the frames of an EXR sequence are listed by themselves
            print(f"{file['role']}: {download(file, asked.folder)}")
    service.post(f"/v1/deliveries/{delivery['id']}/applied", {})


def _request(asked: argparse.Namespace) -> dict[str, Any]:
    brief = {"prompt": asked.prompt, "duration_seconds": asked.seconds}
    return {"kind": "draft", "brief": brief, "takes": 2, "label": asked.label, "project_id": asked.project}


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description=__doc__)
    reads.add_argument("prompt")
    reads.add_argument("--label", default="SH010")
    reads.add_argument("--project", help="a project's id; its naming names the files")
    reads.add_argument("--seconds", type=float, default=5)
    reads.add_argument("--resolution", default="1080p")
    reads.add_argument("--host", default="premiere-pro")
    reads.add_argument("--folder", type=Path, default=Path())
    return reads.parse_args()


if __name__ == "__main__":
    main()
