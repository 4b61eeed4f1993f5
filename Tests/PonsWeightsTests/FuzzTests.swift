import Glibc
import PonsKit
import PonsWeights
import Testing

/// Random damage: every file is read or refused with an error; nothing crashes, and no tensor reaches beyond the file.
///
/// PONS_FUZZ_ITERATIONS sets how many files are tried of each kind (1000 by default).
@Suite struct FuzzTests {
  private static let iterations =
    getenv("PONS_FUZZ_ITERATIONS").flatMap { Int(String(cString: $0)) } ?? 1000

  /// Changes bytes, cuts, copies, or puts opcodes and numbers in.
  private static func damage(_ bytes: inout [UInt8], within limit: Int, _ random: inout SplitMix64)
  {
    let pieces: [[UInt8]] = [
      [0], [0xff], [0x7f, 0xff, 0xff, 0xff], Array("(".utf8), Array("t".utf8), Array(")R".utf8),
      Array("}".utf8), Array("]".utf8), Array("e".utf8), Array("u".utf8), Array("s".utf8),
      Array("b".utf8), [0x85], [0x86], [0x87], Array("Q".utf8), Array("0".utf8), Array("2".utf8),
      [0x94], [0x93], Array("q\u{0}".utf8), Array("h\u{1}".utf8), Array("K\u{8}".utf8),
      [0x8a, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0x50, 0x4b, 1, 2],
      [0x50, 0x4b, 3, 4], Array("cos\nsystem\n".utf8), Array("9223372036854775807".utf8),
    ]
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      guard !bytes.isEmpty else { return }
      let place = Int.random(in: 0..<max(1, min(limit, bytes.count)), using: &random)
      let end = min(bytes.count, place + Int.random(in: 1...8, using: &random))
      switch Int.random(in: 0..<7, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.replaceSubrange(place..<place, with: pieces.randomElement(using: &random) ?? [])
      case 3: bytes.replaceSubrange(place..<end, with: pieces.randomElement(using: &random) ?? [])
      case 4: bytes.removeSubrange(place..<end)
      case 5:
        let other = Int.random(in: 0..<max(1, min(limit, bytes.count)), using: &random)
        bytes.insert(contentsOf: bytes[other...].prefix(24), at: place)
      default: bytes.removeLast(min(bytes.count, Int.random(in: 0...40, using: &random)))
      }
    }
  }

  /// Reads a file, and every byte of its tensors; says whether it was accepted.
  private static func exercise(_ bytes: [UInt8]) -> Bool {
    do throws(WeightError) {
      let file = try WeightFile(bytes: bytes)
      var sum: UInt = 0
      for tensor in file.tensors {
        if tensor.range.upperBound > tensor.memory.bytes.count { Issue.record("beyond the file") }
        tensor.withBytes { for byte in $0 { sum &+= UInt(byte) } }
        if tensor.elementCount < 1 << 16 { sum &+= UInt(tensor.floats().count) }
        if file[tensor.name] == nil { Issue.record("a tensor is lost") }
      }
      return sum != .max
    } catch {
      if error.message.isEmpty { Issue.record("an error without words") }
      return false
    }
  }

  private func check(
    seed: UInt64, name: String, limit: (Int) -> Int = { $0 },
    wrap: ([UInt8]) -> [UInt8] = { $0 }, _ whole: [UInt8]
  ) {
    #expect(Self.exercise(wrap(whole)))
    var random = SplitMix64(seed: seed)
    var accepted = 0
    for _ in 0..<Self.iterations {
      var bytes = whole
      Self.damage(&bytes, within: limit(bytes.count), &random)
      if Self.exercise(wrap(bytes)) { accepted += 1 }
    }
    #expect(accepted > 0 && accepted < Self.iterations)
    if getenv("PONS_FUZZ_ITERATIONS") != nil {
      print("\(name): \(accepted) of \(Self.iterations) were read")
    }
  }

  @Test func `damaged safetensors`() throws {
    check(seed: 1, name: "safetensors", limit: { $0 - 100 }, try Fixture.bytes("every.safetensors"))
  }

  @Test(arguments: ["run.pth", "deflated.pth"])
  func `damaged archives`(name: String) throws {
    check(seed: 2, name: name, try Fixture.bytes(name))
  }

  /// The archive is sound and its pickle is not: what a malicious file would look like.
  @Test(arguments: ["views_2.pth", "views_4.pth", "run.pth"])
  func `damaged pickles in sound archives`(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let memory = try bytes.withUnsafeBytes { try WeightMemory.copying($0) }
    let archive = try ZipArchive(memory, file: name)
    let members = try archive.members.map {
      (name: $0.name, bytes: try archive.contents(of: $0).withBytes { Array($0) })
    }
    let pickle = try #require(members.firstIndex { $0.name.hasSuffix("/data.pkl") })
    check(
      seed: 3, name: "pickle of \(name)",
      wrap: { pickled in
        var members = members
        members[pickle].bytes = pickled
        return StoredZip.archive(members)
      }, members[pickle].bytes)
  }
}
