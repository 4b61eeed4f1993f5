"""Where the time of CLISC goes: python measure.py PONS FOLDER

Runs clisc-demo.yaml on six synthetic heads, with fewer steps than the demo, and prints the time of each stage that takes 1 % or
more, and the share of the host itself in the processor time. Then runs it again with everything in the store.
"""
import json
import pathlib
import subprocess
import sys

import inputs

pons, folder = sys.argv[1], pathlib.Path(sys.argv[2])
if subprocess.run([pons, "models", "verify", "lite-medsam"], capture_output=True).returncode:
    sys.exit("CLISC                     skipped: pons models fetch lite-medsam")
settings = inputs.prepare(pons, folder)
for title in ["first run", "everything in the store"]:
    inputs.run(pons, "clisc-demo.yaml", *settings, "--output", str(folder / "out"))
    summary = json.load(open(folder / "out" / "summary.json"))
    total = summary["processor_seconds"]
    print(f"CLISC, {title:20} {summary['seconds']:8.2f} s  host {summary['host_seconds']:.3f} s of {total:.2f} s of "
          f"processor time ({100 * summary['host_seconds'] / max(total, 1e-9):.2f} %)", flush=True)
    busy = sum(stage["seconds"] for stage in summary["stages"])
    for stage in sorted(summary["stages"], key=lambda stage: -stage["seconds"]):
        if title == "first run" and stage["seconds"] >= 0.01 * busy:
            print(f"  {stage['stage']:10} {stage['use']:22} {stage['calls']:3} calls  {stage['seconds']:8.2f} s  "
                  f"{100 * stage['seconds'] / busy:5.1f} %")
