"""Makes models/stage, a model with a closed vocabulary of a few words, and stage.safetensors: slices and their probabilities.

The slices are 16 x 16, as the network takes them, so that nothing is resized. Reference: transformers, from the picture (each
slice from 0 to 255 by its least and largest voxel, rounded) to softmax(exp(logit scale) * cosine), where a class with two texts
is the mean of their normalised embeddings, normalised.

    python make_stage.py
"""
import json
import os
import shutil

import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from make_tokenizer import END, START, train

TEXTS = [["an image of a normal brain", "a brain"], ["an image of a tumor"]]
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)[:, None, None]
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)[:, None, None]


def main():
    folder = "models/stage"
    shutil.rmtree(folder, ignore_errors=True)
    words = {word for texts in TEXTS for text in texts for word in text.split()}
    symbols = {tuple(word[:-1]) + (word[-1] + "</w>",): 1 for word in sorted(words)}
    # Until every word is one token.
    merges = train(symbols, 1000)
    tokens = sorted({symbol for word in symbols for symbol in word}) + ["".join(pair) for pair in merges] + [START, END]
    vocabulary = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    torch.manual_seed(11)
    size = dict(hidden_size=16, num_attention_heads=2, intermediate_size=16, num_hidden_layers=1)
    model = CLIPModel(CLIPConfig(
        text_config=dict(size, vocab_size=len(vocabulary), max_position_embeddings=12, eos_token_id=vocabulary[END]),
        vision_config=dict(size, image_size=16, patch_size=8), projection_dim=8)).eval()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    model.logit_scale.data.fill_(1.5)
    model.save_pretrained(folder)
    for name, value in {"vocab.json": vocabulary, "tokenizer_config.json": {"closed_vocabulary": sorted(words)},
                        "preprocessor_config.json": {"size": 16, "crop_size": 16}}.items():
        with open(f"{folder}/{name}", "w") as file:
            json.dump(value, file)
    with open(f"{folder}/merges.txt", "w") as file:
        file.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))

    generator = np.random.default_rng(2)
    y, x = np.mgrid[:16, :16]
    volume = np.zeros((12, 16, 16), np.int16)
    for z in range(1, 11):
        volume[z] = (400 + 300 * np.sin(x / (2 + z / 3)) * np.cos(y / 3 + z) + generator.normal(0, 40, (16, 16))).round()
    volume[0] = volume[11] = volume.min()
    pictures = []
    for image in volume.astype(np.float32):
        low, high = image.min(), image.max()
        grey = np.rint((image - low) * (np.float32(255) / (high - low))) if high > low else image * 0
        pictures.append((np.repeat(grey[None], 3, 0) / 255 - MEAN) / STD)
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=merges)
    with torch.no_grad():
        points = []
        for texts in TEXTS:
            ids = [torch.tensor([tokenizer(text)["input_ids"]]) for text in texts]
            rows = [model.text_projection(model.text_model(input_ids=i).pooler_output)[0] for i in ids]
            mean = torch.stack([row / row.norm() for row in rows]).mean(0)
            points.append(mean / mean.norm())
        pixels = torch.tensor(np.stack(pictures), dtype=torch.float32)
        images = model.visual_projection(model.vision_model(pixels).pooler_output)
        images /= images.norm(dim=1, keepdim=True)
        probability = (model.logit_scale.exp() * images @ torch.stack(points).T).softmax(1).numpy()
    print(probability)
    save_file({"volume": volume, "probability": np.ascontiguousarray(probability)}, "stage.safetensors")
    os.chmod(f"{folder}/model.safetensors", 0o644)
    os.remove(f"{folder}/generation_config.json") if os.path.exists(f"{folder}/generation_config.json") else None


main()
