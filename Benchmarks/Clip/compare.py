"""Compares slices a second of CLIP ViT-B/32 with PyTorch and transformers: compare.py CLIP_BENCHMARK [THREADS [BATCH [ROUNDS]]]

Random weights of the true sizes; both get slices of 240 x 240, the same preprocessing (bicubic with antialias on the tensor) and
the same threads, and take turns, so that a busy machine meets both. Prints a line of JSON with the best and the middle round.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from transformers import CLIPConfig, CLIPModel

program = sys.argv[1]
threads, batch, rounds = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((2, 2), (3, 16), (4, 12)))
torch.set_num_threads(threads)
torch.manual_seed(0)
model = CLIPModel(CLIPConfig()).eval()
mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None]
std = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]
pictures = (torch.arange(batch * 240 * 240) * 7919 % 256).float().reshape(batch, 1, 240, 240)


@torch.inference_mode()
def embed():
    images = torch.nn.functional.interpolate(pictures, (224, 224), mode="bicubic", antialias=True).round().clamp(0, 255)
    images = (images / 255 - mean) / std
    return model.visual_projection(model.vision_model(images).pooler_output).sum().item()


with tempfile.TemporaryDirectory() as folder:
    model.save_pretrained(folder)
    bytes_ = [*range(33, 127), *range(161, 173), *range(174, 256)]
    symbols = [chr(b) for b in bytes_] + [chr(256 + i) for i in range(256 - len(bytes_))]
    tokens = symbols + [s + "</w>" for s in symbols] + ["<|startoftext|>", "<|endoftext|>"]
    with open(f"{folder}/vocab.json", "w") as file:
        json.dump({token: index for index, token in enumerate(tokens)}, file)
    open(f"{folder}/merges.txt", "w").close()
    # As the host sets it for itself, before OpenMP and OpenBLAS are loaded; this program links them.
    calm = os.environ | {"OMP_WAIT_POLICY": "passive", "OPENBLAS_THREAD_TIMEOUT": "18"}
    pons = subprocess.Popen([program, folder, str(threads), str(batch)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            text=True, bufsize=1, env=calm)
    load = float(pons.stdout.readline())
    times = {"pons": [], "pytorch": []}
    for _ in range(rounds + 2):
        pons.stdin.write("\n")
        times["pons"].append(float(pons.stdout.readline()))
        start = time.perf_counter()
        embed()
        times["pytorch"].append((time.perf_counter() - start) * 1000)
    pons.stdin.close()
    pons.wait()

result = {"benchmark": "clip-vit-b32", "threads": threads, "batch": batch, "load_ms": round(load), "torch": torch.__version__}
for name, values in times.items():
    # The first rounds find memory and kernels.
    result[f"{name}_per_s"] = round(batch * 1000 / min(values[2:]), 2)
    result[f"{name}_median_per_s"] = round(batch * 1000 / statistics.median(values[2:]), 2)
result["ratio"] = round(result["pons_per_s"] / result["pytorch_per_s"], 2)
print(json.dumps(result))
