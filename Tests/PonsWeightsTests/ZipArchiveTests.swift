import PonsWeights
import Testing

@Suite struct ZipArchiveTests {
  private func refusal(_ members: [(name: String, bytes: [UInt8])]) -> String? {
    #expect(throws: WeightError.self) {
      try WeightFile(bytes: StoredZip.archive(members))
    }?.message
  }

  @Test func `archives that are none of torch.save are refused`() {
    #expect(refusal([])?.contains("no 'NAME/data.pkl'") == true)
    #expect(refusal([("data.pkl", [])])?.contains("no 'NAME/data.pkl'") == true)
    #expect(refusal([("a/b/data.pkl", [])])?.contains("no 'NAME/data.pkl'") == true)
    #expect(refusal([("a/data.pkl", []), ("b/data.pkl", [])])?.contains("several") == true)
    #expect(refusal([("a/data.pkl", []), ("a/data.pkl", [])])?.contains("two members") == true)
    #expect(
      refusal([("a/data.pkl", []), ("a/byteorder", Array("big".utf8))])?.contains("order") == true)
  }

  @Test func `members are found where they are`() throws {
    let bytes = StoredZip.archive([("a", [1, 2, 3]), ("empty", []), ("b/c", [4, 5])])
    let memory = try bytes.withUnsafeBytes { try WeightMemory.copying($0) }
    let archive = try ZipArchive(memory, file: "x")
    #expect(archive.members.map(\.name) == ["a", "empty", "b/c"])
    #expect(
      try archive.members.map { try archive.contents(of: $0).withBytes { Array($0) } } == [
        [1, 2, 3], [], [4, 5],
      ])
    #expect(try archive.contents(of: archive.members[0]).memory === memory)
  }

  @Test func `a size that cannot be is refused before memory is taken`() throws {
    var bytes = try Fixture.bytes("deflated.pth")
    // The unpacked size in the central directory (offset 24 of each entry) becomes 4 GiB.
    for place in bytes.indices.dropLast(46) where bytes[place...].starts(with: [0x50, 0x4b, 1, 2]) {
      bytes.replaceSubrange((place + 24)..<(place + 28), with: [0xfe, 0xff, 0xff, 0xff])
    }
    let error = #expect(throws: WeightError.self) { try WeightFile(bytes: bytes) }
    #expect(error?.message.contains("cannot be right") == true, "\(String(describing: error))")
  }

  @Test func `damage in compressed members is found by their checksum`() throws {
    let whole = try Fixture.bytes("deflated.pth")
    var refused = 0
    for place in stride(from: 40, to: whole.count / 2, by: 3) {
      var bytes = whole
      bytes[place] ^= 0x10
      let original = try WeightFile(bytes: whole)
      do throws(WeightError) {
        let file = try WeightFile(bytes: bytes)
        for tensor in original.tensors {
          #expect(file[tensor.name]?.floats() == tensor.floats())
        }
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100)
  }
}
