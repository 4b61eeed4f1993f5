"""A small run of clisc-demo.yaml: python inputs.py PONS FOLDER [HEADS] makes six synthetic heads, or as many as said, and prints
the options of pons run.

Fewer steps than the demo's, so that it ends within minutes; nothing is said about how good such masks are.
"""
import os
import pathlib
import shlex
import subprocess
import sys

root = pathlib.Path(__file__).parents[2]
FEWER = {"train0.with.steps": 40, "train.with.steps": 40, "classify0.with.epochs": 4, "classify1.with.epochs": 2,
         "train0.with.min_dice": 0, "train.with.min_dice": 0}


def run(pons, manifest, *arguments):
    """Runs a shipped manifest, and says nothing if that works."""
    subprocess.run([pons, "run", str(root / "manifests" / manifest), "--quiet", *arguments], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def prepare(pons, folder, settings=FEWER, cases=6):
    """Makes the heads, their true masks and the table of pairs in a folder; returns the options of pons run."""
    folder = pathlib.Path(folder)
    os.environ["PONS_SITE_KEY"] = str(folder / "site.key")
    heads, images = folder / "heads", folder / "images"
    run(pons, "phantom-cohort.yaml", "--set", f"cases={cases}", "--output", str(heads))
    run(pons, "ingest.yaml", "--set", f"input={heads}", "--output", str(images))
    with open(folder / "pairs.csv", "w") as pairs:
        subprocess.run([root / "Scripts" / "pairs", images / "phi" / "cases.tsv"], stdout=pairs, check=True)
    options = [f"input={heads}", f"truth={heads}/*/truth.nii.gz", f"pairs={folder}/pairs.csv"]
    options += [f"stages.{name}={value}" for name, value in settings.items()]
    return [word for option in options for word in ("--set", option)]


if __name__ == "__main__":
    print(shlex.join(prepare(sys.argv[1], sys.argv[2], cases=int(sys.argv[3] if len(sys.argv) > 3 else 6))))
