"""Makes models/NAME, folders as transformers saves them, and models.safetensors: what these models compute.

Two small CLIPModels with seeded weights: "quick" as OpenAI's files are (quick_gelu, the text summed up at the token with the
highest id, weights in one file), "exact" as others are (gelu, at the first end token, other sizes in the two towers, weights
in shards). Reference: transformers.CLIPModel, float32.

    python make_models.py
"""
import os
import shutil

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

TEXTS = [[126, 12, 40, 77, 127], [126, 9, 127], [126, 100, 101, 102, 103, 104, 105, 106, 107, 127], [126, 127]]
CONFIGURATIONS = {
    "quick": (dict(hidden_act="quick_gelu", eos_token_id=2, hidden_size=24, num_attention_heads=3, intermediate_size=48,
                   num_hidden_layers=2),
              dict(hidden_act="quick_gelu", hidden_size=32, num_attention_heads=4, intermediate_size=64,
                   num_hidden_layers=2, image_size=32, patch_size=8), "1GB"),
    "exact": (dict(hidden_act="gelu", eos_token_id=127, hidden_size=16, num_attention_heads=2, intermediate_size=40,
                   num_hidden_layers=3, layer_norm_eps=1e-6),
              dict(hidden_act="gelu", hidden_size=24, num_attention_heads=2, intermediate_size=56, num_hidden_layers=1,
                   image_size=30, patch_size=7), "20KB"),
}


def main():
    shutil.rmtree("models", ignore_errors=True)
    tensors = {}
    for number, (name, (text, vision, shard)) in enumerate(CONFIGURATIONS.items()):
        torch.manual_seed(number)
        config = CLIPConfig(
            text_config=dict(text, vocab_size=128, max_position_embeddings=12, bos_token_id=126),
            vision_config=vision, projection_dim=20)
        model = CLIPModel(config).eval()
        for parameter in model.parameters():
            # Larger than transformers starts with, so that a wrong activation or scale shows; norms near 1.
            if parameter.dim() > 1:
                torch.nn.init.normal_(parameter, std=0.25)
            elif parameter.dim() == 1:
                parameter.data += 0.1 * torch.randn(parameter.shape)
        model.save_pretrained(f"models/{name}", max_shard_size=shard)
        size = vision["image_size"]
        images = torch.randn(2, 3, size, size)
        # Padded with the end token, as the tokenizer pads.
        length = max(map(len, TEXTS))
        ids = torch.tensor([text + [127] * (length - len(text)) for text in TEXTS])
        with torch.no_grad():
            out = model(input_ids=ids, pixel_values=images)
            image = model.visual_projection(model.vision_model(images).pooler_output)
            texts = model.text_projection(model.text_model(input_ids=ids).pooler_output)
        tensors |= {f"{name}.images": images, f"{name}.image_embeddings": image, f"{name}.text_embeddings": texts,
                    f"{name}.logits": out.logits_per_image}
    save_file({key: value.contiguous() for key, value in tensors.items()}, "models.safetensors")
    for folder in os.listdir("models"):
        for file in os.listdir(f"models/{folder}"):
            if file == "generation_config.json":
                os.remove(f"models/{folder}/{file}")


if __name__ == "__main__":
    main()
