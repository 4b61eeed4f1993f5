import Glibc
import PonsEngine
import PonsHost
import PonsKit
import PonsManifest

// What it costs to hand packets to a stage in a process of its own, and back. Usage:
//   isolation-benchmark [MEGABYTES]...      1 and 1024 when none are given
//
// A stage that forwards is handed a packet and hands it back. A stage that adds to every voxel reads a packet and fills another;
// the pages of that are new every time, because memory that a worker has written is sealed and not used again, and so what
// new pages cost is measured apart. Calls in this process and in the other take turns; the best of each counts.
SystemInformation.keepPages()
do {
  let sizes = CommandLine.arguments.dropFirst().compactMap { Int($0) }
  for megabytes in sizes.isEmpty ? [1, 1024] : sizes { try measure(megabytes) }
} catch {
  print("error: \(error)")
  exit(1)
}

/// The best times of two ways that take turns, in milliseconds.
func best(of rounds: Int, _ bodies: [() throws -> Void]) throws -> [Double] {
  let clock = ContinuousClock()
  var best = bodies.map { _ in Double.infinity }
  for _ in 0..<rounds {
    for (index, body) in bodies.enumerated() {
      let taken = try clock.measure(body)
      best[index] = min(best[index], taken / .milliseconds(1))
    }
  }
  return best
}

func measure(_ megabytes: Int) throws {
  let folder = try StageFolder()
  defer { folder.remove() }
  let fixture = folder.build + "/libfixture-plugin.so"
  let registry = PluginRegistry(
    searchPath: PluginSearchPath(only: [fixture]),
    scanner: PluginScanner(worker: folder.build + "/pons-worker", cacheFolder: nil))
  let pool = BufferPool(keeping: 8 << 30)
  let voxels = megabytes << 20 / 4

  func instance(_ id: String, isolated: Bool) throws -> (any StageInstance, StageDescriptor) {
    let provider = try registry.placeable(for: id)
    let use = GraphStage(
      name: "stage", descriptor: provider.descriptor,
      isolation: Isolation(isIsolated: isolated, memory: 1024))
    let placed = try provider.placed(for: use, folder: folder.path)
    let parameters = try ParameterSchema(provider.descriptor.parameters).filled([:])
    let call = LocalCall(stage: provider.descriptor)
    return (
      try placed.makeInstance(parameters: .object(parameters), call: call), provider.descriptor
    )
  }

  // A volume whose pages are there.
  let source = try registry.placeable(for: "fixture.brighten").descriptor
  let making = LocalCall(stage: source, pool: pool, sharing: .lent)
  let builder = try making.begin(
    "volume", caseKey: "case",
    [
      TensorRequest("voxels", .float32, [1, 1, voxels]), TensorRequest("affine", .float64, [4, 4]),
    ])
  builder.memory("voxels")?.initializeMemory(as: UInt8.self, repeating: 1)
  builder.memory("affine")?.initializeMemory(as: UInt8.self, repeating: 0)
  try making.seal(builder, metadata: ["modality": "MR"], sidecar: [:], shapes: [:])
  guard let packet = making.record.sent.first?.packet else { return }

  func calls(_ id: String, port: String) throws -> [() throws -> Void] {
    try [false, true].map { isolated in
      let (stage, descriptor) = try instance(id, isolated: isolated)
      return {
        let call = LocalCall(
          stage: descriptor, inputs: [port: [packet]], pool: pool,
          sharing: isolated ? .filled : .none)
        try stage.process(call)
      }
    }
  }
  let copied = IsolationCounters.copiedBytes
  let rounds = megabytes > 64 ? 5 : 200
  let relay = try best(of: rounds, calls("fixture.relay", port: "packet"))
  print(
    "hand-over of \(megabytes) MB and back: \(relay[1].rounded3) ms isolated, "
      + "\(relay[0].rounded3) ms in this process (goal: 1 ms more)")
  let pages = try best(of: min(rounds, 20)) { try touchNewPages(megabytes << 20, pool) }
  let adding = try best(of: min(rounds, 50), calls("fixture.brighten", port: "volume"))
  let more = adding[1] - adding[0] - pages
  print(
    "adding to \(megabytes) MB: \(adding[1].rounded3) ms isolated, \(adding[0].rounded3) ms in this "
      + "process, \(pages.rounded3) ms for new pages; beyond that \(more.rounded3) ms, "
      + "\(IsolationCounters.copiedBytes - copied) bytes copied")
}

func best(of rounds: Int, _ body: () throws -> Void) rethrows -> Double {
  try withoutActuallyEscaping(body) { try best(of: rounds, [$0])[0] }
}

/// What the kernel does for an output of a worker, whoever writes it: pages that are new, mapped for writing once and unmapped,
/// and given back at last.
func touchNewPages(_ size: Int, _ pool: BufferPool) throws {
  let buffer = try pool.buffer(size: size, sharing: .filled)
  guard let descriptor = buffer.shared?.descriptor else { return }
  let writable = try Buffer.mapping(descriptor: descriptor, size: size, isWritable: true)
  for offset in stride(from: 0, to: size, by: 4096) {
    writable.base.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
  }
}

extension Double {
  /// With three decimals.
  var rounded3: Double { (self * 1000).rounded() / 1000 }
}

/// A folder for workers, and that of the build.
struct StageFolder {
  let path: String
  let build: String

  init() throws {
    var template = Array("/tmp/pons-benchmark-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw StageFailure(.resource, "no temporary folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let program = realpath("/proc/self/exe", nil).map { String(cString: $0) } ?? ""
    build = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
  }

  func remove() { rmdir(path) }
}
