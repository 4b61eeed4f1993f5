"""Makes pictures.safetensors: grey pictures of several sizes, and what CLIP's preprocessing makes of them.

Reference: the same with Pillow (CLIPImageProcessorPil of transformers: bytes, bicubic with Pillow's kernel, centre crop, mean and
standard deviation).

    python make_pictures.py
"""
import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file

MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
# height, width of the picture; edge that it is resized to. Smaller, larger, the same, odd differences.
SIZES = [(40, 50, 32), (97, 60, 32), (20, 17, 32), (32, 45, 32), (90, 133, 32), (31, 32, 32)]


def main():
    generator = np.random.default_rng(3)
    tensors = {}
    for number, (height, width, edge) in enumerate(SIZES):
        y, x = np.mgrid[:height, :width]
        smooth = 120 + 90 * np.sin(x / 5 + number) * np.cos(y / 7)
        picture = np.clip(smooth + generator.normal(0, 30, smooth.shape), 0, 255).round().astype(np.uint8)
        # Edges at which bicubic overshoots.
        picture[height // 3 : height // 2, width // 3 : width // 2] = 255
        picture[: height // 5] = 0
        short, long = sorted((height, width))
        other = int(edge * long / short)
        size = (other, edge) if width > height else (edge, other)
        resized = np.asarray(Image.fromarray(picture).convert("RGB").resize(size, Image.Resampling.BICUBIC))
        top, left = (resized.shape[0] - edge) // 2, (resized.shape[1] - edge) // 2
        cut = resized[top : top + edge, left : left + edge].astype(np.float32)
        result = (cut / 255 - MEAN) / STD
        tensors[f"{number}.picture"] = picture
        tensors[f"{number}.result"] = np.ascontiguousarray(result.transpose(2, 0, 1))
    check(tensors)
    save_file(tensors, "pictures.safetensors")


def check(tensors):
    """That transformers does the same: this would be no reference otherwise."""
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    for number in range(len(SIZES)):
        picture = Image.fromarray(tensors[f"{number}.picture"]).convert("RGB")
        other = processor(picture, return_tensors="np")["pixel_values"][0]
        assert np.abs(other - tensors[f"{number}.result"]).max() < 1e-5, number


main()
