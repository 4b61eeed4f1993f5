import Glibc
import PonsEngine
import PonsKit

// What the engine itself costs, measured with stages that do nothing. Usage:
//   engine-benchmark edge [PACKETS]      empty packets through source -> stage -> stage
//   engine-benchmark copies [CASES]      counts copies of voxels on edges
//   engine-benchmark cases [CASES]...    many small cases, and once more with everything in the store
//   engine-benchmark memory [CASES]...   volumes of 4 MB, used before and again after a barrier, budget 256 MB
let arguments = CommandLine.arguments.dropFirst()
SystemInformation.keepPages()
do {
  switch arguments.first {
  case "edge":
    try EdgeBenchmark.run(packets: arguments.dropFirst().first.flatMap { Int($0) } ?? 100_000)
  case "copies":
    try CopyBenchmark.run(cases: arguments.dropFirst().first.flatMap { Int($0) } ?? 200)
  case "cases": try CasesBenchmark.run(cases: arguments.dropFirst().compactMap { Int($0) })
  case "memory": try MemoryBenchmark.run(cases: arguments.dropFirst().compactMap { Int($0) })
  default:
    print(
      "usage: engine-benchmark edge [PACKETS] | copies [CASES] | cases [CASES]... | memory [CASES]..."
    )
    exit(2)
  }
} catch {
  print("error: \(error)")
  exit(1)
}
