internal import CPonsSystem
internal import Glibc
internal import PonsKit
internal import PonsTorch
internal import PonsWeights
internal import SAM
internal import Trainer

// models-benchmark THREADS ROUNDS [LITEMEDSAM.PTH]: an image with a box and a step of training, in milliseconds; see
// compare.py.
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
    // Two patches of 64^3, forward, backward and SGD.
    var configuration = UNet3D.Configuration.clisc
    configuration.dropout = 0
    let generator = try Generator(seed: 1)
    let network = UNet3D(configuration, generator)
    try network.initialize(generator)
    try network.setTraining(true)
    let optimizer = SGD(
      network.trained.map(\.parameter), learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4)
    let patch = try Tensor.full([2, 1, 64, 64, 64], 0.5)
    let classes = try Tensor.zeros([2, 64, 64, 64], type: .int64)
    func step() throws {
      try optimizer.zeroGradients()
      try network(patch).crossEntropy(classes).backward()
      try optimizer.step()
    }
    try step()
    print("unet.step", try best(rounds, threads: threads, step))
  }
} catch {
  print("error: \(error)")
  exit(1)
}
