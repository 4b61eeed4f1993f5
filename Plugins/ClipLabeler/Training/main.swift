// Trains pons-clip-tiny and writes it as a folder.
//
//     train-clip-tiny FOLDER [STEPS [THREADS [SEED]]]
//
// What is not said is as it was for the weights that come with Pons; results change with the threads, as sums do.

internal import Glibc
internal import PonsTorch

let arguments = CommandLine.arguments.dropFirst()
let settings = arguments.dropFirst().compactMap { Int($0) }
guard let folder = arguments.first else {
  print("usage: train-clip-tiny FOLDER [STEPS [THREADS [SEED]]]")
  exit(2)
}
let steps = settings.first ?? 1600
let threads = settings.dropFirst().first ?? 1
let seed = UInt64(settings.dropFirst(2).first ?? 1)
TorchRuntime.setThreads(threads)
do {
  let template = try Template("/usr/share/mricron/templates/ch2bet.nii.gz")
  var training = try TinyTraining(template: template, seed: seed)
  print("\(training.model.trainedCount) weights, \(Subject.words.count) words")
  try training.run(steps: steps) { step, loss, time in
    print("step \(step) of \(steps), loss \(loss), \(time.components.seconds) s")
    fflush(nil)
  }
  // Not the pictures that it was trained on, but of the same kind.
  for texts in [
    ["a normal brain without tumor", "a brain with a tumor"],
    [
      "an image of brain tissue showing typical signal intensity without any regions of abnormal intensity or suspicious mass",
      "an image of brain tissue showing a tumor with uneven hyperintensity and irregular borders distinct from surroundings",
    ],
  ] {
    let share = try training.accuracy(texts, count: 960, seed: seed &+ 1_000_003)
    print("right on new pictures of the same kind: \(share), texts: \(texts)")
  }
  try training.write(to: folder)
} catch {
  print("error: \(error)")
  exit(1)
}
