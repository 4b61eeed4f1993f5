internal import CPonsSystem
internal import Glibc
internal import PonsTorch
internal import PonsWeights
internal import SAM

// models-benchmark litemedsam WEIGHTS [THREADS [SECONDS]]: the time of an image, with a box, in milliseconds.
// First thing, as in the host: freed memory keeps its pages.
pons_system_keep_pages()

let arguments = CommandLine.arguments
TorchRuntime.setThreads(arguments.count > 3 ? Int(arguments[3]) ?? 2 : 2)
let clock = ContinuousClock()

func milliseconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) / 1e15
}

func best(_ times: Int, _ body: () throws -> Void) throws -> Double {
  var best = Double.infinity
  for _ in 0..<times { best = min(best, milliseconds(try clock.measure(body))) }
  return best
}

do {
  let model = SAMModel(SAMConfiguration(.tinyViT(TinyViTConfiguration())))
  let load = try clock.measure {
    try model.load(weights: StateDict(WeightFile(path: arguments[2])))
  }
  let image = try Tensor.full([1, 256, 256, 1], 0.5)
  let prompt = Prompt(box: [60, 60, 180, 180])
  let embedding = try model.embed(image)
  print("load", milliseconds(load))
  print("encoder", try best(7) { _ = try model.embed(image) })
  print("decoder", try best(7) { _ = try model.masks(embedding, [prompt]) })
} catch {
  print("error: \(error)")
  exit(1)
}
