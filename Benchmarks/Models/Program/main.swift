internal import CPonsSystem
internal import Glibc
internal import PonsTorch
internal import PonsWeights
internal import SAM

// models-benchmark THREADS ROUNDS [LITEMEDSAM.PTH]: an image with a box, in milliseconds; see compare.py.
// First thing, as in the host: freed memory keeps its pages.
pons_system_keep_pages()

let arguments = CommandLine.arguments
let threads = arguments.count > 1 ? Int(arguments[1]) ?? 1 : 1
let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 3 : 3
TorchRuntime.setThreads(threads)

do {
  if arguments.count > 3 {
    let start = now(threads: 2)
    let file = try WeightFile(path: arguments[3])
    let sam = try ReadySAM(file, name: "lite-medsam")
    print("litemedsam.load", now(threads: 2) - start)
    let image = try Tensor.full([1, 256, 256, 1], 0.5)
    let time = try best(rounds, threads: threads) {
      _ = try sam.model.masks(sam.model.embed(image), [Prompt(box: [60, 60, 180, 180])])
    }
    print("litemedsam.slice", time)
  } else {
    // The time does not depend on the weights.
    let model = SAMModel(SAMConfiguration(.vit(ViTConfiguration())))
    try model.initialize(Generator(seed: 1))
    try model.freeze()
    let image = try Tensor.full([1, 1024, 1024, 3], 0.5)
    let time = try best(rounds, threads: threads) {
      _ = try model.masks(model.embed(image), [Prompt(box: [60, 60, 180, 180])])
    }
    print("sam.slice", time)
  }
} catch {
  print("error: \(error)")
  exit(1)
}
