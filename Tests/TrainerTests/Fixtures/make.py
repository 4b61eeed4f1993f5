"""Makes unet.safetensors with PyTorch: pip install torch safetensors, then run this script here.

A small 3D U-Net written with PyTorch's own modules, with and without a stem of stride 2: `NAME.state.*`, an input, classes, the logits,
the loss (cross-entropy + Dice), and the parameters after one step of SGD (0.01, momentum 0.9, decay 1e-4).
"""
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

here = pathlib.Path(__file__).parent

class Level(nn.Module):
    def __init__(self, a, b, stride=1):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv3d(a, b, 3, stride, 1), nn.InstanceNorm3d(b, affine=True)
        self.conv2, self.norm2 = nn.Conv3d(b, b, 3, 1, 1), nn.InstanceNorm3d(b, affine=True)

    def forward(self, x):
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class UNet(nn.Module):
    def __init__(self, channels, stride):
        super().__init__()
        ins = [1] + channels[:-1]
        self.encoder = nn.ModuleList(
            Level(a, b, stride if i == 0 else 1) for i, (a, b) in enumerate(zip(ins, channels)))
        self.decoder = nn.ModuleList(Level(a + b, a) for a, b in zip(channels, channels[1:]))
        self.head = nn.Conv3d(channels[0], 2, 1)

    def forward(self, x):
        kept, y = [], x
        for i, level in enumerate(self.encoder):
            y = level(y if i == 0 else F.max_pool3d(y, 2))
            kept.append(y)
        for i in reversed(range(len(self.decoder))):
            up = F.interpolate(y, kept[i].shape[2:], mode="trilinear", align_corners=False)
            y = self.decoder[i](torch.cat([kept[i], up], 1))
        y = self.head(y)
        return y if y.shape[2:] == x.shape[2:] else F.interpolate(
            y, x.shape[2:], mode="trilinear", align_corners=False)


if __name__ == "__main__":
    torch.manual_seed(1)
    tensors = {}
    for name, channels, stride in [("plain", [4, 6, 8], 1), ("stem", [4, 8], 2)]:
        network = UNet(channels, stride)
        for p in network.parameters():
            if p.dim() == 1:
                nn.init.uniform_(p, 0.3, 1.0)
        tensors |= {f"{name}.state.{k}": v.clone() for k, v in network.state_dict().items()}
        x = torch.randn(2, 1, 8, 12, 16)
        y = (torch.rand(2, 8, 12, 16) > 0.7).long()
        optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.9, weight_decay=1e-4)
        logits = network(x)
        p = logits.softmax(1)[:, 1]
        overlap = (p * y).sum((1, 2, 3))
        dice = (2 * overlap + 1e-5) / (p.sum((1, 2, 3)) + y.sum((1, 2, 3)) + 1e-5)
        loss = F.cross_entropy(logits, y) + (1 - dice).mean()
        loss.backward()
        optimizer.step()
        tensors |= {f"{name}.x": x, f"{name}.y": y, f"{name}.logits": logits, f"{name}.loss": loss}
        tensors |= {f"{name}.after.{k}": v for k, v in network.state_dict().items()}
    save_file({k: v.detach().contiguous() for k, v in tensors.items()}, here / "unet.safetensors")
