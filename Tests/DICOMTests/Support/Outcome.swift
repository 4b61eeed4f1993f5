import DICOM
import Glibc
import PonsKit
import TestFolders
import Testing

/// What dicom.read would make of a folder.
struct Outcome {
  struct Volume {
    var name: String
    var shape: [Int]
    var type: ElementType
    var affine: [Double]
    var voxels: [Double]
    var notices: [String]
    var plan: VolumePlan
  }
  var volumes: [Volume] = []
  var refusals: [StageFailure] = []
  var skipped: [String: Int] = [:]
  var duplicates = 0

  /// Searches, and reads everything that is a volume.
  init(_ path: String, policy: GapPolicy = .quarantine, threads: Int = 2) throws {
    let search = try Search(path: path, policy: policy, threads: threads, shown: { $0 })
    for (skip, count) in search.skipped { skipped[skip.code, default: 0] += count }
    for plan in search.plans {
      if let problem = plan.problem {
        refusals.append(problem)
        continue
      }
      do {
        volumes.append(try Self.read(plan, search.catalogue, threads: threads))
        duplicates += plan.duplicates
      } catch let failure as StageFailure {
        refusals.append(failure)
      }
    }
  }

  private static func read(_ plan: VolumePlan, _ catalogue: Catalogue, threads: Int) throws
    -> Volume
  {
    let reader = try VolumeReader(catalogue, plan)
    let type = reader.type.element
    let size = reader.shape.reduce(type.size, *)
    if size > 64 << 20 { Issue.record("small files ask for \(size) bytes") }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0xee)
    try reader.read(into: memory, threads: threads, limit: 60) { _ in }
    return Volume(
      name: plan.name, shape: reader.shape, type: type, affine: plan.geometry?.affine ?? [],
      voxels: Voxels.double(UnsafeRawBufferPointer(memory), type),
      notices: plan.notices.map(\.code), plan: plan)
  }

  var codes: [String] { refusals.map(\.code).sorted() }
}

/// Voxels of any type as doubles, which hold all of them exactly.
enum Voxels {
  static func double(_ bytes: UnsafeRawBufferPointer, _ type: ElementType) -> [Double] {
    func whole<Value: BinaryInteger & BitwiseCopyable>(_: Value.Type) -> [Double] {
      bytes.bindMemory(to: Value.self).map { Double($0) }
    }
    switch type {
    case .uint8: return whole(UInt8.self)
    case .int8: return whole(Int8.self)
    case .uint16: return whole(UInt16.self)
    case .int16: return whole(Int16.self)
    case .uint32: return whole(UInt32.self)
    case .int32: return whole(Int32.self)
    case .float32: return bytes.bindMemory(to: Float.self).map { Double($0) }
    default: return Array(bytes.bindMemory(to: Double.self))
    }
  }
}

/// The fixtures that make_fixtures.py made.
enum Fixtures {
  static let folder =
    (#filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()) + "/Fixtures/"

  struct Expected: Sendable {
    var shape: [Int]
    var affine: [Double]
    var voxels: [Double]
  }

  /// What is in each series.
  static let all: [String: [Expected]] = {
    guard let text = try? Files.read(folder + "expected.json"),
      let members = (try? JSON(parsing: text))?.object
    else { return [:] }
    let voxels = members.first { $0.key == "voxels" }?.value.array ?? []
    var all: [String: [Expected]] = [:]
    for (name, value) in members where name != "voxels" {
      all[name] = value.array?.map { volume in
        let index = Int(volume["voxels"]?.number ?? -1)
        return Expected(
          shape: numbers(volume["shape"]).map { Int($0) }, affine: numbers(volume["affine"]),
          voxels: voxels.indices.contains(index) ? numbers(voxels[index]) : [])
      }
    }
    return all
  }()

  private static func numbers(_ json: JSON?) -> [Double] {
    (json?.array ?? []).compactMap(\.number)
  }

  static let names = all.keys.sorted()

  /// The files of a series.
  static func files(_ name: String) throws -> [[UInt8]] {
    var files: [[UInt8]] = []
    while let bytes = try? Files.read("\(folder)\(name)/\(files.count + 1).dcm") {
      files.append(bytes)
    }
    try #require(!files.isEmpty)
    return files
  }
}
