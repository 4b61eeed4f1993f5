// How long CLIP takes to embed a batch of slices, preprocessing included.
//
//     clip-benchmark FOLDER THREADS BATCH
//
// FOLDER is a CLIPModel as Hugging Face lays it out. Prints how long loading took, then for each line that comes in embeds
// one batch and prints milliseconds: compare.py asks in turn with PyTorch.

internal import CPonsSystem
internal import ClipLabeler
internal import Glibc
internal import PonsTorch
internal import PonsWeights

// First thing, as in the host: freed memory keeps its pages.
pons_system_keep_pages()

let arguments = CommandLine.arguments
let clock = ContinuousClock()

func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }

TorchRuntime.setThreads(Int(arguments[2]) ?? 1)
var start = clock.now
let classifier = try ClipClassifier(folder: ModelFolder(path: arguments[1]))
print("\(milliseconds(clock.now - start))")
fflush(nil)
let count = Int(arguments[3]) ?? 16
let pixels = (0..<count * 240 * 240).map { Float($0 * 7919 % 256) }
let pictures = try Tensor.of(pixels, shape: [count, 240, 240])
while readLine() != nil {
  start = clock.now
  let sum = try withoutGradients {
    try classifier.model.embed(images: classifier.preprocessing(pictures)).sum().item()
  }
  precondition(sum.isFinite, "embeddings are numbers")
  print("\(milliseconds(clock.now - start))")
  fflush(nil)
}
