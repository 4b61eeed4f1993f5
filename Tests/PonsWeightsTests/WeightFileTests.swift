import Glibc
import PonsKit
import PonsWeights
import TestFolders
import Testing

@Suite struct WeightFileTests {
  /// All numbers are exact: reading weights computes nothing.
  @Test(arguments: [
    "every.safetensors", "views_2.pth", "views_3.pth", "views_4.pth", "views_5.pth", "run.pth",
    "deflated.pth",
  ])
  func `what PyTorch reads is read`(name: String) throws {
    let file = try WeightFile(path: Fixture.folder + name)
    let expected = try Fixture.values(name)
    #expect(!expected.isEmpty)
    #expect(Set(file.tensors.map(\.name)) == Set(expected.keys))
    for (key, (type, shape, numbers)) in expected {
      let tensor = try file.tensor(key)
      #expect(tensor.type.rawValue == type, "\(key)")
      #expect(tensor.shape == shape, "\(key)")
      #expect(tensor.floats() == numbers, "\(key)")
    }
  }

  @Test(arguments: ["every.safetensors", "views_2.pth"])
  func `tensors are windows on the mapped file`(name: String) throws {
    let file = try WeightFile(path: Fixture.folder + name)
    let memory = try #require(file.tensors.first?.memory)
    #expect(memory.bytes.count == (try Fixture.bytes(name)).count)
    for tensor in file.tensors where tensor.elementCount > 0 {
      #expect(tensor.memory === memory, "\(tensor.name)")
      #expect(tensor.range.lowerBound % tensor.type.size == 0)
    }
  }

  @Test func `views of one storage share its bytes`() throws {
    let file = try WeightFile(path: Fixture.folder + "views_2.pth")
    let base = try file.tensor("base")
    let transposed = try file.tensor("transposed")
    #expect(try file.tensor("same").range == base.range)
    #expect(transposed.range == base.range)
    #expect(base.isContiguous && !transposed.isContiguous)
    #expect(transposed.strides == [1, 6])
    let cut = try file.tensor("cut")
    #expect(cut.range == base.range.lowerBound + 32..<base.range.lowerBound + 68)
    #expect(try !file.tensor("expanded").isContiguous)
    #expect(try file.tensor("empty").isContiguous)
  }

  @Test func `metadata is kept`() throws {
    let tensors = try WeightFile(path: Fixture.folder + "every.safetensors")
    #expect(tensors.format == .safetensors)
    #expect(tensors.metadata == ["format": "pt", "note": "quotes \" and ü"])
    let run = try WeightFile(path: Fixture.folder + "run.pth")
    #expect(run.format == .torch)
    #expect(run.metadata == ["epoch": 3, "loss": 0.25, "name": "tiny"])
  }

  @Test func `of several state dicts one is named`() throws {
    let path = Fixture.folder + "two.pth"
    let error = #expect(throws: WeightError.self) { try WeightFile(path: path) }
    #expect(error?.message.contains("several state dicts: 'a', 'b.ema'") == true)
    #expect(try WeightFile(path: path, section: "b.ema").tensor("x").floats() == [1, 1])
    #expect(try WeightFile(path: path, section: "a").tensors.count == 7)
    #expect(throws: WeightError.self) { try WeightFile(path: path, section: "c") }
  }

  @Test func `data at odd offsets is copied to where numbers can be read`() throws {
    let json =
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"#
    let bytes =
      withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) } + Array(json.utf8)
      + [7] + withUnsafeBytes(of: (Float(1.5), Float(-2))) { Array($0) }
    let file = try WeightFile(bytes: bytes)
    let tensor = try file.tensor("b")
    #expect(tensor.floats() == [1.5, -2])
    #expect(tensor.range.lowerBound % 4 == 0)
  }

  @Test func `an empty tensor may have any other extents`() throws {
    let json = #"{"a":{"dtype":"F32","shape":[0,4611686018427387904,8],"data_offsets":[0,0]}}"#
    let bytes =
      withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) } + Array(json.utf8)
    let tensor = try WeightFile(bytes: bytes).tensor("a")
    #expect(tensor.floats().isEmpty && tensor.isContiguous)
  }

  @Test func `a missing tensor and a missing file are named`() throws {
    let file = try WeightFile(path: Fixture.folder + "run.pth")
    let error = #expect(throws: WeightError.self) { try file.tensor("0.wait") }
    #expect(error?.key == "0.wait")
    #expect(error?.hint.contains("'0.weight'") == true)
    #expect(throws: WeightError.self) { try WeightFile(path: Fixture.folder + "none.pth") }
    #expect(throws: WeightError.self) { try WeightFile(path: Fixture.folder) }
  }

  @Test(arguments: [
    ("legacy.pth", "before version 1.6", "weights_only=True"),
    ("module.pth", "asks to run 'torch.nn.modules.container.Sequential'", "state_dict()"),
    ("evil.pth", "asks to run 'posix.system'", "trust"),
    ("script.pth", "TorchScript", "torch.jit.load"),
    ("make.py", "neither safetensors nor", "fetch it again"),
  ])
  func `what cannot be read says why`(name: String, message: String, hint: String) {
    let error = #expect(throws: WeightError.self) {
      try WeightFile(path: Fixture.folder + name)
    }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.hint.contains(hint) == true, "\(String(describing: error))")
    #expect(error?.file == Fixture.folder + name)
  }

  @Test(arguments: [
    ("version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS"),
    ("<!DOCTYPE html><html>", "web page"), ("", "empty"), ("12345678[]", "neither"),
  ])
  func `files that stand for others are told`(text: String, message: String) {
    let error = #expect(throws: WeightError.self) { try WeightFile(bytes: Array(text.utf8)) }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  /// Cut at any length, a file is refused: its directory is at its end.
  @Test(arguments: ["run.pth", "every.safetensors"])
  func `files that were cut off are refused`(name: String) throws {
    let bytes = try Fixture.bytes(name)
    for count in stride(from: 0, to: bytes.count - 1, by: 7) {
      #expect(throws: WeightError.self) { try WeightFile(bytes: Array(bytes[..<count])) }
    }
  }

  /// The weights of LiteMedSAM, where somebody says where they are.
  @Test(.enabled(if: getenv("PONS_LITE_MEDSAM") != nil))
  func `LiteMedSAM is read whole`() throws {
    let path = try #require(getenv("PONS_LITE_MEDSAM").map { String(cString: $0) })
    let file = try WeightFile(path: path)
    #expect(file.tensors.count == 435)
    let trained = file.tensors.filter { $0.type == .float32 && !$0.name.contains("running_") }
    #expect(trained.reduce(0) { $0 + $1.elementCount } > 9_700_000)
    #expect(file.tensors.allSatisfy { $0.floats().allSatisfy(\.isFinite) })
  }
}
