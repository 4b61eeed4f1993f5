"""Where the time of CLISC goes: python measure.py PONS FOLDER

Runs clisc-demo.yaml on six synthetic heads, with fewer steps than the demo, and prints the time of each stage that takes 1 % or
more, and the share of the host itself in the processor time. Then runs it again with everything in the store.
"""
import json
import os
import pathlib
import subprocess
import sys

pons, folder = sys.argv[1], pathlib.Path(sys.argv[2])
root = pathlib.Path(__file__).parents[2]
manifests = root / "manifests"
os.environ["PONS_SITE_KEY"] = str(folder / "site.key")


def run(manifest, *arguments):
    subprocess.run([pons, "run", str(manifests / manifest), "--quiet", *arguments], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if subprocess.run([pons, "models", "verify", "lite-medsam"], capture_output=True).returncode:
    sys.exit("CLISC                     skipped: pons models fetch lite-medsam")
heads, images = folder / "heads", folder / "images"
run("phantom-cohort.yaml", "--set", "cases=6", "--output", str(heads))
run("ingest.yaml", "--set", f"input={heads}", "--output", str(images))
with open(folder / "pairs.csv", "w") as pairs:
    subprocess.run([root / "Scripts" / "pairs", images / "phi" / "cases.tsv"], stdout=pairs, check=True)
settings = ["--set", f"input={heads}", "--set", f"truth={heads}/*/truth.nii.gz", "--set", f"pairs={folder}/pairs.csv"]
for name, value in {"train0.with.steps": 40, "train.with.steps": 40, "classify0.with.epochs": 4,
                    "classify1.with.epochs": 2, "train0.with.min_dice": 0, "train.with.min_dice": 0}.items():
    settings += ["--set", f"stages.{name}={value}"]
for title in ["first run", "everything in the store"]:
    run("clisc-demo.yaml", *settings, "--output", str(folder / "out"))
    summary = json.load(open(folder / "out" / "summary.json"))
    total = summary["processor_seconds"]
    print(f"CLISC, {title:20} {summary['seconds']:8.2f} s  host {summary['host_seconds']:.3f} s of {total:.2f} s of "
          f"processor time ({100 * summary['host_seconds'] / max(total, 1e-9):.2f} %)", flush=True)
    busy = sum(stage["seconds"] for stage in summary["stages"])
    for stage in sorted(summary["stages"], key=lambda stage: -stage["seconds"]):
        if title == "first run" and stage["seconds"] >= 0.01 * busy:
            print(f"  {stage['stage']:10} {stage['use']:22} {stage['calls']:3} calls  {stage['seconds']:8.2f} s  "
                  f"{100 * stage['seconds'] / busy:5.1f} %")
