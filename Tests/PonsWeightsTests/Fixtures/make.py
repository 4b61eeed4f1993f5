"""Makes the weight files of these tests with PyTorch 2.x and safetensors, and writes down what PyTorch reads from them.

    python make.py            (needs torch, safetensors and numpy)

values.json: file -> tensor -> [type, shape, [numbers]].
"""
import collections, io, json, os, pathlib, pickle, zipfile
import torch
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent
names = {torch.float32: "float32", torch.float16: "float16", torch.bfloat16: "bfloat16",
         torch.float64: "float64", torch.int64: "int64", torch.int32: "int32", torch.int16: "int16",
         torch.int8: "int8", torch.uint8: "uint8", torch.bool: "bool"}
values = {}


def note(file, tensors):
    values[file] = {name: [names[t.dtype], list(t.shape), t.to(torch.float32).flatten().tolist()]
                    for name, t in tensors.items()}


torch.manual_seed(20)
every = collections.OrderedDict(
    [(f"of.{name}", (torch.rand(2, 3) * 200 - 60).abs().to(t)) for t, name in names.items()])
every["of.negative"] = torch.tensor([-1.5, -2, -0.25])
every["scalar"] = torch.tensor(7.5)
every["empty"] = torch.zeros(0, 4)
every["Ünïcode\n"] = torch.arange(5, dtype=torch.int64) - 2

save_file(every, here / "every.safetensors", metadata={"format": "pt", "note": 'quotes " and ü'})
note("every.safetensors", every)

# Views: transposed, expanded, cut out; two names of one storage; a parameter.
base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
views = collections.OrderedDict(
    every, base=base, transposed=base.T, cut=base[1:3, 2:5], stepped=base[::2, 1::3],
    expanded=torch.tensor([1.0, 2.0]).reshape(2, 1).expand(2, 5), same=base,
    parameter=torch.nn.Parameter(torch.tensor([[1.0, 2.0]])))
views._metadata = collections.OrderedDict([("", {"version": 1})])
for protocol in (2, 3, 4, 5):
    torch.save(views, here / f"views_{protocol}.pth", pickle_protocol=protocol)
    note(f"views_{protocol}.pth", {k: v.detach() for k, v in views.items()})

# A training run.
model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
optimizer = torch.optim.AdamW(model.parameters())
model(torch.rand(4, 3)).sum().backward()
optimizer.step()
run = {"epoch": 3, "loss": 0.25, "name": "tiny", "history": [1.0, 0.5], "scheduler": None,
       "seed": 1 << 70, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
torch.save(run, here / "run.pth")
note("run.pth", model.state_dict())
torch.save({"a": model.state_dict(), "b": {"ema": {"x": torch.ones(2)}}}, here / "two.pth")
note("two.pth", {"x": torch.ones(2)})

# The same archive, compressed.
with zipfile.ZipFile(here / "run.pth") as source, \
        zipfile.ZipFile(here / "deflated.pth", "w", zipfile.ZIP_DEFLATED) as target:
    for info in source.infolist():
        target.writestr(info.filename, source.read(info))
values["deflated.pth"] = values["run.pth"]

# What is refused.
torch.save(model.state_dict(), here / "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(model, here / "module.pth")


class Evil:
    def __reduce__(self):
        return os.system, ("touch pons-was-here",)


torch.save({"x": torch.ones(1), "y": Evil()}, here / "evil.pth")
torch.jit.script(torch.nn.Linear(2, 2)).save(here / "script.pth")

# Folders as Hugging Face lays them out.
shard = here / "sharded"
shard.mkdir(exist_ok=True)
one, two = {"a.weight": torch.ones(2, 2)}, {"b.weight": torch.full((3,), 2.0)}
save_file(one, shard / "model-00001-of-00002.safetensors", metadata={"format": "pt"})
save_file(two, shard / "model-00002-of-00002.safetensors", metadata={"format": "pt"})
(shard / "model.safetensors.index.json").write_text(json.dumps({
    "metadata": {"total_size": 28},
    "weight_map": {"a.weight": "model-00001-of-00002.safetensors",
                   "b.weight": "model-00002-of-00002.safetensors"}}))
(shard / "config.json").write_text(json.dumps({"model_type": "tiny", "hidden_size": 2}))
(shard / "vocab.json").write_text("{}")
note("sharded", one | two)

(here / "values.json").write_text(json.dumps(values))
