import CPons
import PonsKit

/// A host of one process: keeps what a plugin tells it, and gives one input packet.
final class FakeHost: @unchecked Sendable {
  // @unchecked: tests that use it run one after the other.
  struct Failure: Equatable {
    var status: Int32
    var code: String
    var message: String
    var parameter: String
  }

  struct Sealed {
    var port: String
    var caseKey: String
    var metadata: JSON
    var shapes: [[Int64]]
    var bytes: [UInt8]
  }

  /// The functions of the table are C and cannot capture: they talk to this one.
  nonisolated(unsafe) static var current = FakeHost()

  var failures: [Failure] = []
  var forwarded: [(port: String, packet: UInt64)] = []
  var sealed: [Sealed] = []
  var verdicts: [(UInt32, Double, String)] = []
  var cases: [(String, UInt64, [String])] = []
  var discarded = 0
  var released = 0
  var retained = 0
  var wantsEnd = false
  var voxels: [Float] = [1, 2, 3, 4]
  private var pending: (port: String, caseKey: String, memory: [UnsafeMutableRawBufferPointer])?
  private let shape = UnsafeMutablePointer<Int64>.allocate(capacity: 3)
  private let text = Array(#"{"modality":"CT"}"#.utf8CString)

  static func string(_ text: pons_string) -> String {
    String(
      decoding: UnsafeRawBufferPointer(start: text.data, count: Int(text.length)), as: UTF8.self)
  }

  nonisolated(unsafe) static let table: UnsafePointer<pons_host> = {
    let table = UnsafeMutablePointer<pons_host>.allocate(capacity: 1)
    table.initialize(to: pons_host())
    table.pointee.size = UInt64(MemoryLayout<pons_host>.size)
    table.pointee.fail = { _, error in
      guard let error = error?.pointee else { return }
      current.failures.append(
        Failure(
          status: error.status, code: string(error.code), message: string(error.message),
          parameter: string(error.parameter)))
    }
    table.pointee.log = { _, _, _, _ in }
    table.pointee.progress = { _, _, _ in current.wantsEnd ? 1 : 0 }
    table.pointee.cancelled = { _ in current.wantsEnd ? 1 : 0 }
    table.pointee.seed = { _ in 7 }
    table.pointee.threads = { _ in 2 }
    table.pointee.scratch = { _, _ in PONS_RESOURCE }
    table.pointee.input_count = { _, port, count in
      count?.pointee = string(port) == "volume" ? 1 : 0
      return PONS_OK
    }
    table.pointee.input = { _, port, _, packet in
      if string(port) != "volume" { return PONS_BAD_INPUT }
      packet?.pointee = 41
      return PONS_OK
    }
    table.pointee.packet_view = { _, view in
      if let view { current.fill(view) }
      return PONS_OK
    }
    table.pointee.packet_retain = { _ in
      current.retained += 1
      return PONS_OK
    }
    table.pointee.packet_release = { _ in current.released += 1 }
    table.pointee.wanted = { _, port in string(port) == "kept" ? 1 : 0 }
    table.pointee.begin = { _, output, builder in
      guard let output = output?.pointee else { return PONS_INTERNAL }
      let memory = (0..<Int(output.tensor_count)).compactMap {
        index -> UnsafeMutableRawBufferPointer? in
        guard let request = output.tensors[index]?.pointee else { return nil }
        let count = (0..<Int(request.ndim)).reduce(Int(request.bits) / 8) {
          $0 * Int(request.shape[$1])
        }
        return .allocate(byteCount: count, alignment: 64)
      }
      current.pending = (string(output.port), string(output.case_key), memory)
      builder?.pointee = 5
      return PONS_OK
    }
    table.pointee.builder_tensor = { _, _, tensor in
      tensor?.pointee.data = current.pending?.memory.first?.baseAddress
      return PONS_OK
    }
    table.pointee.seal = { _, metadata, _, count, shapes in
      let pending = current.pending
      let shapes = (0..<Int(count)).compactMap { index -> [Int64]? in
        guard let shape = shapes?[index]?.pointee else { return nil }
        return (0..<Int(shape.ndim)).map { shape.shape[$0] }
      }
      let text = string(metadata)
      current.sealed.append(
        Sealed(
          port: pending?.port ?? "", caseKey: pending?.caseKey ?? "",
          metadata: (try? JSON(parsing: text)) ?? .null, shapes: shapes,
          bytes: pending?.memory.first.map { Array($0) } ?? []))
      return PONS_OK
    }
    table.pointee.discard = { _ in current.discarded += 1 }
    table.pointee.forward = { _, port, _, packet in
      current.forwarded.append((string(port), packet))
      return PONS_OK
    }
    table.pointee.verdict = { _, verdict in
      guard let verdict = verdict?.pointee else { return PONS_INTERNAL }
      current.verdicts.append((verdict.decision, verdict.score, string(verdict.reason)))
      return PONS_OK
    }
    table.pointee.add_case = { _, found in
      guard let found = found?.pointee else { return PONS_INTERNAL }
      let files = (0..<Int(found.file_count)).map { string(found.files[$0]) }
      current.cases.append((string(found.name), found.flags, files))
      return PONS_OK
    }
    table.pointee.skipped = { _, _, _, _ in PONS_OK }
    table.pointee.case_key = { _, name, flags, key in
      key?.pointee = constant((flags == 0 ? "private " : "public ") + string(name))
      return PONS_OK
    }
    return UnsafePointer(table)
  }()

  private func fill(_ view: UnsafeMutablePointer<pons_packet_view>) {
    shape.initialize(repeating: 1, count: 3)
    shape[2] = Int64(voxels.count)
    let data = UnsafeMutablePointer<Float>.allocate(capacity: voxels.count)
    data.initialize(from: voxels, count: voxels.count)
    let tensor = UnsafeMutablePointer<pons_tensor>.allocate(capacity: 1)
    tensor.initialize(
      to: pons_tensor(
        data: data, device_type: 1, device_id: 0, ndim: 3, code: 2, bits: 32, lanes: 1,
        shape: shape, strides: nil, byte_offset: 0))
    let named = UnsafeMutablePointer<pons_named_tensor>.allocate(capacity: 1)
    named.initialize(
      to: pons_named_tensor(
        size: UInt64(MemoryLayout<pons_named_tensor>.size),
        name: Self.constant("voxels"), tensor: UnsafePointer(tensor)))
    let list = UnsafeMutablePointer<UnsafePointer<pons_named_tensor>?>.allocate(capacity: 1)
    list.initialize(to: UnsafePointer(named))
    view.pointee.kind = Self.constant("volume")
    view.pointee.case_key = Self.constant("a")
    view.pointee.tensor_count = 1
    view.pointee.tensors = UnsafePointer(list)
    view.pointee.metadata = Self.constant(#"{"modality":"CT"}"#)
    view.pointee.sidecar = Self.constant("{}")
  }

  /// Text that is never freed; tests are short.
  static func constant(_ text: String) -> pons_string {
    let bytes = Array(text.utf8CString)
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    memory.initialize(from: bytes, count: bytes.count)
    return pons_string(data: UnsafePointer(memory), length: UInt64(bytes.count - 1))
  }
}
