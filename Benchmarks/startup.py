"""Wall time of `pons run` on an empty graph, as a whole process: python startup.py PONS MANIFEST."""

import statistics
import subprocess
import sys
import tempfile
import time

program, manifest = sys.argv[1:3]
with tempfile.TemporaryDirectory() as folder:
    times = []
    for _ in range(31):
        start = time.perf_counter()
        subprocess.run(
            [program, "run", manifest, "--output", folder, "--quiet"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append((time.perf_counter() - start) * 1e3)
print(f"start-up: pons run on an empty graph: {statistics.median(times):.1f} ms, "
      f"slowest of {len(times)} {max(times):.1f} ms (goal under 50)")
