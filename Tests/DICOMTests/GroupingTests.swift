import DICOM
import PonsKit
import TestFolders
import Testing

/// What belongs to one volume, and what to several.
@Suite struct GroupingTests {
  private func outcome(_ slices: [MadeSlice], policy: GapPolicy = .quarantine) throws -> Outcome {
    let folder = try TemporaryFolder()
    try folder.write(slices)
    return try Outcome(folder.path, policy: policy)
  }

  @Test func `slices come in the order of their places`() throws {
    let volume = try #require(try outcome([3, 0, 2, 1].map { MadeSlice($0) }).volumes.first)
    #expect(volume.shape == [4, 3, 4])
    #expect(volume.voxels == MadeSlice.voxels(0..<4))
    #expect(volume.affine == [-0.5, 0, 0, -10, 0, -1.5, 0, -20, 0, 0, 2, 0, 0, 0, 0, 1])
  }

  typealias Change = @Sendable (inout MadeSlice, _ volume: Int) -> Void

  static let separators: [(String, Change)] = [
    ("echo time", { $0.set(0x0018_0081, "DS", $1 == 0 ? "3.1" : "9.2") }),
    ("echo number", { $0.set(0x0018_0086, "IS", "\($1 + 1)") }),
    ("time point", { $0.set(0x0020_0100, "IS", "\($1 + 1)") }),
    ("b-value", { $0.data[0x0018_9087] = .double([Double(1000 * $1)]) }),
    ("image type", { $0.set(0x0008_0008, "CS", $1 == 0 ? "ORIGINAL\\M" : "ORIGINAL\\P") }),
    ("frame of reference", { $0.set(0x0020_0052, "UI", "1.2.\($1)") }),
    ("inversion time", { $0.set(0x0018_0082, "DS", "\(100 + $1)") }),
    (
      "gradient",
      {
        $0.data[0x0018_9087] = .double([700])
        $0.data[0x0018_9089] = .double($1 == 0 ? [1, 0, 0] : [0, 0, 1])
      }
    ),
    // Nothing but the order in time tells these apart.
    ("acquisition number", { $0.set(0x0020_0012, "IS", "\($1 + 1)") }),
    ("trigger time", { $0.set(0x0018_1060, "DS", "\(40 * $1)") }),
    ("acquisition time", { $0.set(0x0008_0032, "TM", "10101\($1).25") }),
    (
      "private b-value of Siemens, whose representation is not told",
      {
        $0.set(0x0019_0010, "LO", "SIEMENS MR HEADER")
        $0.data[0x0019_100c] = .bytes("UN", Array(($1 == 0 ? "0 " : "1000").utf8))
      }
    ),
  ]

  @Test(arguments: separators.indices)
  func `images that differ in it are several volumes`(index: Int) throws {
    let (_, change) = Self.separators[index]
    // Numbers that tell nothing.
    let numbers = [5, 2, 8, 1, 7, 4, 3, 6]
    var slices: [MadeSlice] = []
    for volume in 0...1 {
      for place in 0..<4 {
        var slice = MadeSlice(place, volume: volume)
        slice.set(0x0020_0013, "IS", "\(numbers[slices.count])")
        change(&slice, volume)
        slices.append(slice)
      }
    }
    let found = try outcome(slices)
    #expect(found.refusals.isEmpty)
    let voxels = Set(found.volumes.map(\.voxels))
    #expect(voxels == [MadeSlice.voxels(0..<4), MadeSlice.voxels(0..<4, volume: 1)])
    #expect(Set(found.volumes.map(\.name)).count == 2)
  }

  @Test(arguments: [true, false])
  func `instance numbers tell time points apart`(isInterleaved: Bool) throws {
    var slices: [MadeSlice] = []
    for volume in 0...1 {
      for place in 0..<3 {
        var slice = MadeSlice(place, volume: volume)
        slice.set(0x0020_0013, "IS", "\(isInterleaved ? 2 * place + volume : 3 * volume + place)")
        slices.append(slice)
      }
    }
    let found = try outcome(slices)
    #expect(
      found.volumes.map(\.voxels) == [MadeSlice.voxels(0..<3), MadeSlice.voxels(0..<3, volume: 1)])
  }

  @Test func `what nothing tells apart is refused with both files`() throws {
    var second = MadeSlice(1, volume: 1)
    second.set(0x0020_0013, "IS", "9")
    let found = try outcome([MadeSlice(0), MadeSlice(1), MadeSlice(2), second])
    let refusal = try #require(found.refusals.first)
    #expect(found.volumes.isEmpty && refusal.code == "DUPLICATE_POSITION")
    #expect(refusal.message.contains("im002.dcm") && refusal.message.contains("im004.dcm"))
  }

  @Test func `an echo time that wanders is one volume`() throws {
    let slices = (0..<4).map { index in
      var slice = MadeSlice(index)
      slice.set(0x0018_0081, "DS", "3.10\(index)")
      return slice
    }
    #expect(try outcome(slices).volumes.map(\.voxels) == [MadeSlice.voxels(0..<4)])
  }

  @Test func `a localizer is split off`() throws {
    var slices = (0..<3).map { MadeSlice($0) }
    for index in 0..<2 {
      var slice = MadeSlice(index, volume: 5)
      slice.set(0x0020_0037, "DS", "0\\1\\0\\0\\0\\-1")
      slice.move(Double(10 * index), 0, 0)
      slice.set(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\LOCALIZER")
      slices.append(slice)
    }
    let found = try outcome(slices)
    #expect(found.volumes.map(\.shape).sorted { $0[0] < $1[0] } == [[2, 3, 4], [3, 3, 4]])
    #expect(found.refusals.isEmpty)
  }

  @Test func `one series in two studies is two volumes`() throws {
    var slices: [MadeSlice] = []
    for study in 0...1 {
      for index in 0..<3 {
        var slice = MadeSlice(index, volume: study)
        slice.set(0x0020_000d, "UI", "1.2.\(study)")
        slices.append(slice)
      }
    }
    let found = try outcome(slices)
    #expect(found.volumes.count == 2 && Set(found.volumes.map(\.name)).count == 2)
  }

  @Test func `a single slice takes its thickness`() throws {
    var slice = MadeSlice(0)
    slice.set(0x0018_0050, "DS", "4.5")
    #expect(try outcome([slice]).volumes.first?.affine[10] == 4.5)
    let bare = try #require(try outcome([MadeSlice(0)]).volumes.first)
    #expect(bare.affine[10] == 1 && bare.notices == ["NO_THICKNESS"])
  }
}
