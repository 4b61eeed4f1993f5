"""Makes the fixtures of the tests of PonsTorch with PyTorch: pip install torch safetensors, then run this script here.

operations.safetensors: inputs, and what PyTorch answers, `NAME.out`.
training.safetensors: a small network's parameters before and after steps of each optimiser, with fixed gradients.
"""
import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent
torch.manual_seed(1)
torch.set_num_threads(1)


def operations():
    x = torch.randn(2, 4, 6, 5)
    v = torch.randn(2, 4, 4, 6, 5)
    m = torch.randn(3, 4, 5)
    w2, b4 = torch.randn(6, 2, 3, 3) * 0.3, torch.randn(4)
    t = {"x": x, "v": v, "m": m, "w2": w2, "b4": b4, "b6": torch.randn(6)}
    t["w3"] = torch.randn(3, 4, 3, 3, 3) * 0.2
    t["wt"] = torch.randn(4, 3, 2, 2)
    t["wl"], t["bl"] = torch.randn(7, 5), torch.randn(7)
    t["gamma"], t["mean"], t["var"] = torch.randn(4), torch.randn(4), torch.rand(4) + 0.5
    t["q"], t["k"], t["value"] = torch.randn(2, 3, 7, 4), torch.randn(2, 3, 5, 4), torch.randn(2, 3, 5, 6)
    t["bias"] = torch.randn(3, 7, 5)
    t["classes"] = torch.tensor([[0, 3, 1, 2, 0], [1, 1, -100, 3, 2]])
    t["logits"] = torch.randn(2, 4, 5)
    t["weights"] = torch.rand(4) + 0.5
    o = {
        "exp": x.exp(), "log": x.abs().log(), "sigmoid": x.sigmoid(), "tanh": x.tanh(), "relu": x.relu(),
        "gelu": F.gelu(x), "gelu_tanh": F.gelu(x, approximate="tanh"), "quick_gelu": x * torch.sigmoid(1.702 * x),
        "silu": F.silu(x), "leaky": F.leaky_relu(x, 0.01), "round": (x * 3).round(), "clamp": x.clamp(-0.5, 0.25),
        "softmax": x.softmax(1), "log_softmax": x.log_softmax(-1), "variance": x.var((2, 3), unbiased=False),
        "mean": x.mean((0, 2), keepdim=True), "amax": x.amax((1, 3)), "norm": x.norm(dim=1), "cumsum": x.cumsum(2),
        "argmax": x.argmax(1),
        "matmul": m @ m.transpose(1, 2), "baddbmm": torch.baddbmm(b4, m, m.transpose(1, 2), beta=0.5, alpha=2.0),
        "flip": x.flip(2, 3), "rot90": torch.rot90(x, 1, (2, 3)), "roll": x.roll((1, -2), (2, 3)),
        "pad": F.pad(x, (1, 2, 0, 3), value=7.0), "cat": torch.cat([x, x * 2], 1), "stack": torch.stack([m, m + 1], 1),
        "repeat": m.repeat_interleave(3, 1), "slice": x[:, :, 1:5:2],
        "linear": F.linear(x, t["wl"], t["bl"]),
        "conv2d": F.conv2d(x, w2, t["b6"], stride=2, padding=1, groups=2),
        "conv2d_dilated": F.conv2d(x, t["w3"][:, :, 0], None, padding=2, dilation=2),
        "conv3d": F.conv3d(v, t["w3"], None, padding=1),
        "conv_transpose2d": F.conv_transpose2d(x, t["wt"], None, stride=2, output_padding=1),
        "batch_norm": F.batch_norm(x, t["mean"], t["var"], t["gamma"], b4, False, 0.1, 1e-5),
        "layer_norm": F.layer_norm(x.transpose(1, 3), (4,), t["gamma"], b4, 1e-5),
        "layer_norm_2d": F.layer_norm(x.permute(0, 2, 3, 1), (4,), t["gamma"], b4, 1e-6).permute(0, 3, 1, 2),
        "instance_norm": F.instance_norm(v, None, None, t["gamma"], b4, True, 0.1, 1e-5),
        "group_norm": F.group_norm(v, 2, t["gamma"], b4, 1e-5),
        "attention": F.scaled_dot_product_attention(t["q"], t["k"], t["value"], attn_mask=t["bias"]),
        "nearest": F.interpolate(x, (11, 7), mode="nearest"),
        "bilinear": F.interpolate(x, (11, 7), mode="bilinear", align_corners=False),
        "bilinear_corners": F.interpolate(x, (11, 7), mode="bilinear", align_corners=True),
        "bilinear_antialias": F.interpolate(x, (3, 2), mode="bilinear", antialias=True),
        "bicubic": F.interpolate(x, (11, 7), mode="bicubic", align_corners=False),
        "bicubic_antialias": F.interpolate(x, (3, 2), mode="bicubic", antialias=True),
        "trilinear": F.interpolate(v, (8, 12, 10), mode="trilinear", align_corners=False),
        "max_pool2d": F.max_pool2d(x, 3, 2, 1), "max_pool3d": F.max_pool3d(v, 2, 2),
        "avg_pool2d": F.avg_pool2d(x, 2, 2), "avg_pool3d": F.avg_pool3d(v, 2, 2),
        "cross_entropy": F.cross_entropy(t["logits"], t["classes"], t["weights"], label_smoothing=0.1),
        "bce": F.binary_cross_entropy_with_logits(x, x.sigmoid().round()),
    }
    t.update({f"{k}.out": (v.float() if v.dtype != torch.int64 else v).contiguous() for k, v in o.items()})
    save_file({k: v.contiguous() for k, v in t.items()}, here / "operations.safetensors")


def training():
    t = {"w": torch.randn(5, 3), "b": torch.randn(5), "x": torch.randn(8, 3), "y": torch.randn(8, 5)}
    kinds = {
        "sgd": lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, weight_decay=1e-2),
        "nesterov": lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, nesterov=True),
        "adam": lambda p: torch.optim.Adam(p, 0.05, weight_decay=1e-2),
        "adamw": lambda p: torch.optim.AdamW(p, 0.05, weight_decay=0.1),
    }
    for name, make in kinds.items():
        w, b = t["w"].clone().requires_grad_(), t["b"].clone().requires_grad_()
        optimizer = make([w, b])
        for _ in range(10):
            optimizer.zero_grad()
            loss = ((F.linear(t["x"], w, b).tanh() - t["y"]) ** 2).mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([w, b], 0.5)
            optimizer.step()
        t |= {f"{name}.w": w.detach(), f"{name}.b": b.detach(), f"{name}.loss": loss.detach()}
    # Factors of the learning rate at steps 0 to 11.
    def factors(make):
        p = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([p], 1.0)
        schedule, out = make(optimizer), []
        for _ in range(12):
            out.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return torch.tensor(out, dtype=torch.float64)
    s = torch.optim.lr_scheduler
    t["step"] = factors(lambda o: s.StepLR(o, 3, 0.1))
    t["polynomial"] = factors(lambda o: s.PolynomialLR(o, 10, 0.9))
    t["cosine"] = factors(lambda o: s.CosineAnnealingLR(o, 12, 0.0))
    # Batch normalisation that trains: its output, and the running statistics after it.
    torch.manual_seed(2)
    x = torch.randn(3, 2, 4, 4)
    norm = torch.nn.BatchNorm2d(2)
    t |= {"bn.x": x, "bn.out": norm(x).detach(), "bn.mean": norm.running_mean, "bn.var": norm.running_var}
    save_file({k: v.contiguous() for k, v in t.items()}, here / "training.safetensors")


operations()
training()
