import DICOM
import PonsKit
import TestFolders
import Testing

/// Stacks with gaps, copies and places that cannot be.
@Suite struct RegularityTests {
  private func outcome(
    _ slices: [MadeSlice], policy: GapPolicy = .quarantine
  ) throws -> Outcome {
    let folder = try TemporaryFolder()
    try folder.write(slices)
    return try Outcome(folder.path, policy: policy)
  }

  private func stack(_ count: Int, _ change: (inout MadeSlice, Int) -> Void) -> [MadeSlice] {
    (0..<count).map { index in
      var slice = MadeSlice(index)
      change(&slice, index)
      return slice
    }
  }

  @Test(arguments: [[0, 1, 3], [0, 2, 3], [0, 1, 2, 4, 5], [0, 1, 2, 3, 6]])
  func `a missing slice is named`(places: [Int]) throws {
    let found = try outcome(places.map { MadeSlice($0) })
    let refusal = try #require(found.refusals.first)
    #expect(found.volumes.isEmpty && refusal.code == "MISSING_SLICE")
    let gap = try #require(zip(places, places.dropFirst()).first { $1 - $0 > 1 })
    #expect(refusal.message.contains("(instance \(gap.0 + 1))"))
    #expect(refusal.message.contains("(instance \(gap.1 + 1))"))
    #expect(refusal.message.contains("\(gap.1 - gap.0 - 1) slice"))
  }

  @Test func `a jump in spacing is named`() throws {
    let slices = stack(6) { $0.move(0, 0, 2 * Double($1) + ($1 > 3 ? 0.7 : 0)) }
    let refusal = try #require(try outcome(slices).refusals.first)
    #expect(refusal.code == "IRREGULAR_SPACING")
    #expect(refusal.message.contains("(instance 4)") && refusal.message.contains("2.7 mm"))
  }

  @Test(arguments: [0, 2, 4])
  func `a slice to the side is named`(which: Int) throws {
    let slices = stack(5) { $0.move($1 == which ? 1 : 0, 0, 2 * Double($1)) }
    let refusal = try #require(try outcome(slices).refusals.first)
    #expect(refusal.code == "IRREGULAR_SPACING" && refusal.message.contains("to the side"))
    #expect(refusal.message.contains("(instance \(which + 1))"))
  }

  /// 1 % of the spacing is accepted; the affine is that of the first and the last slice.
  @Test(arguments: [(0.019, true), (0.05, false)])
  func `jitter`(amount: Double, isAccepted: Bool) throws {
    let slices = stack(6) { $0.move(0, 0, 2 * Double($1) + ([2, 3].contains($1) ? amount : 0)) }
    let found = try outcome(slices)
    #expect(found.volumes.isEmpty != isAccepted)
    if isAccepted { #expect(abs((found.volumes.first?.affine[10] ?? 0) - 2) < 1e-12) }
  }

  @Test func `split makes a volume of each regular part`() throws {
    let found = try outcome([0, 1, 2, 4, 5].map { MadeSlice($0) }, policy: .split)
    #expect(found.volumes.map(\.voxels) == [MadeSlice.voxels(0..<3), MadeSlice.voxels(4..<6)])
    #expect(found.volumes.allSatisfy { $0.notices == ["SPLIT_AT_GAP"] })
  }

  @Test func `keep takes the stack as it is`() throws {
    let found = try outcome([0, 1, 2, 4, 5].map { MadeSlice($0) }, policy: .keep)
    let volume = try #require(found.volumes.first)
    #expect(volume.voxels == MadeSlice.voxels([0, 1, 2, 4, 5]))
    #expect(volume.affine[10] == 2.5 && volume.notices == ["IRREGULAR_SPACING"])
  }

  @Test(arguments: [
    ("a\\b\\c", "BAD_POSITION"), ("nan\\0\\0", "BAD_POSITION"), ("1,5\\0\\2", "BAD_POSITION"),
    ("1\\2", "BAD_POSITION"), ("1\\2\\3\\4", "BAD_POSITION"), ("", "BAD_POSITION"),
    ("1e30\\0\\0", "BAD_POSITION"), ("0\\0\\inf", "BAD_POSITION"), ("0x10\\0\\2", "BAD_POSITION"),
  ])
  func `a place that is none is named`(text: String, code: String) throws {
    var slices = (0..<3).map { MadeSlice($0) }
    slices[1].set(0x0020_0032, "DS", text)
    let refusal = try #require(try outcome(slices).refusals.first)
    #expect(refusal.code == code && refusal.message.contains("im002.dcm"))
  }

  @Test func `a place that is missing is named`() throws {
    var slices = (0..<3).map { MadeSlice($0) }
    slices[2].data[0x0020_0032] = nil
    let refusal = try #require(try outcome(slices).refusals.first)
    #expect(refusal.code == "BAD_POSITION" && refusal.message.contains("im003.dcm"))
  }

  @Test(arguments: [UInt32(0x0020_0037), 0x0028_0030])
  func `series without geometry are refused`(tag: UInt32) throws {
    let slices = stack(3) { slice, _ in slice.data[tag] = nil }
    #expect(try outcome(slices).codes == ["NO_GEOMETRY"])
    let zeros = stack(3) { slice, _ in
      slice.set(tag, "DS", tag == 0x0028_0030 ? "0\\0" : "0\\0\\0\\0\\0\\0")
    }
    #expect(try outcome(zeros).codes == ["NO_GEOMETRY"])
  }

  // MARK: Copies

  @Test func `copies are left out and counted`() throws {
    let slices = (0..<4).map { MadeSlice($0) }
    let found = try outcome(slices + [slices[1], slices[1]])
    #expect(found.volumes.map(\.voxels) == [MadeSlice.voxels(0..<4)])
    #expect(found.duplicates == 2 && found.volumes.first?.notices == ["DUPLICATES_DROPPED"])
  }

  @Test func `copies with UIDs of their own are left out too`() throws {
    var slices = (0..<4).map { MadeSlice($0) }
    slices.append(slices[2])
    slices[4].set(0x0008_0018, "UI", "1.9.9")
    let found = try outcome(slices)
    #expect(found.volumes.map(\.voxels) == [MadeSlice.voxels(0..<4)] && found.duplicates == 1)
  }

  @Test func `copies with other pixels are a conflict that names both`() throws {
    var slices = (0..<4).map { MadeSlice($0) }
    slices.append(slices[2])
    slices[4].data[0x7fe0_0010] = .bytes("OW", [UInt8](repeating: 1, count: 24))
    let refusal = try #require(try outcome(slices).refusals.first)
    #expect(refusal.code == "CONFLICTING_COPIES")
    #expect(refusal.message.contains("im003.dcm") && refusal.message.contains("im005.dcm"))
  }
}
