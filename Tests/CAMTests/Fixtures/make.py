"""Makes resnet.safetensors with torchvision: pip install torch torchvision safetensors, then run this script here.

Two small networks of torchvision's classes (basic blocks and bottlenecks) with random weights and running statistics:
`NAME.state.*`, an input, the activations of layer2, the logits, the derivatives of the second logit by these activations,
and the class activation maps made of both.
"""
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

here = pathlib.Path(__file__).parent
torch.manual_seed(1)


def small(block, layers, classes):
    # torchvision's class has no parameter for the width of the stem, so that its own layers are replaced.
    network = ResNet(block, layers, num_classes=classes)
    network.inplanes = 4
    network.conv1 = torch.nn.Conv2d(3, 4, 7, 2, 3, bias=False)
    network.bn1 = torch.nn.BatchNorm2d(4)
    for i, count in enumerate(layers):
        setattr(network, f"layer{i + 1}", network._make_layer(block, 4 << i, count, stride=1 if i == 0 else 2))
    network.fc = torch.nn.Linear(32 * block.expansion, classes)
    return network


tensors = {}
for name, block, layers in [("basic", BasicBlock, [1, 2, 1, 1]), ("bottleneck", Bottleneck, [1, 1, 2, 1])]:
    network = small(block, layers, 2)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
            torch.nn.init.normal_(module.running_mean, 0, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    network.eval()
    x = torch.randn(2, 3, 32, 40)
    kept = []
    network.layer2.register_forward_hook(lambda m, i, o: kept.append(o))
    logits = network(x)
    (gradient,) = torch.autograd.grad(logits[:, 1].sum(), kept[0])
    tensors |= {f"{name}.state.{k}": v for k, v in network.state_dict().items()}
    a, g = kept[0].detach().double().numpy(), gradient.double().numpy()
    # The formulas of the papers, in numpy and float64.
    relu = lambda v: np.maximum(v, 0)
    maps = {"layercam": relu((relu(g) * a).sum(1)), "gradcam": relu((g.mean((2, 3), keepdims=True) * a).sum(1))}
    denominator = 2 * g**2 + a.sum((2, 3), keepdims=True) * g**3
    alpha = np.divide(g**2, denominator, out=np.zeros_like(g), where=denominator != 0)
    maps["gradcam++"] = relu(((alpha * relu(g)).sum((2, 3), keepdims=True) * a).sum(1))
    tensors |= {f"{name}.{k}": torch.from_numpy(v) for k, v in maps.items()}
    tensors |= {f"{name}.x": x, f"{name}.layer2": kept[0], f"{name}.logits": logits, f"{name}.gradient": gradient}
plain = {k: v.detach().contiguous() for k, v in tensors.items()}
save_file(plain, here / "resnet.safetensors")
