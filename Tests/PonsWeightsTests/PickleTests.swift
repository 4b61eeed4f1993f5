import PonsWeights
import Testing

/// Pickles written by hand: what no honest program writes.
@Suite struct PickleTests {
  private func refusal(_ pickle: [UInt8], storages: [String: [UInt8]] = [:]) -> WeightError? {
    #expect(throws: WeightError.self) {
      try WeightFile(bytes: StoredZip.torch(pickle, storages: storages))
    }
  }

  private func text(_ text: String) -> [UInt8] {
    [UInt8(ascii: "X")] + withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { Array($0) }
      + Array(text.utf8)
  }

  private func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  private func integer(_ value: Int) -> [UInt8] {
    [0x8a, 8] + withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) }
  }

  /// {"x": _rebuild_tensor_v2(storage '0' of 4 floats, offset, shape, strides, False, OrderedDict())}
  private func tensor(
    offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1], count: Int = 4,
    type: String = "FloatStorage"
  ) -> [UInt8] {
    func tuple(_ values: [Int]) -> [UInt8] {
      [UInt8(ascii: "(")] + values.flatMap(integer) + [UInt8(ascii: "t")]
    }
    var pickle: [UInt8] = [0x80, 2] + Array("}".utf8) + text("x")
    pickle += global("torch._utils", "_rebuild_tensor_v2") + Array("((".utf8) + text("storage")
    pickle += global("torch", type) + text("0") + text("cpu") + integer(count)
    pickle += Array("tQ".utf8) + integer(offset) + tuple(shape) + tuple(strides)
    pickle += [0x89] + global("collections", "OrderedDict") + Array(")RtRs.".utf8)
    return pickle
  }

  private let storage = ["0": [UInt8](repeating: 0, count: 16)]

  @Test func `a tensor by hand`() throws {
    let file = try WeightFile(bytes: StoredZip.torch(tensor(), storages: storage))
    #expect(try file.tensor("x").floats() == [0, 0, 0, 0])
  }

  @Test(arguments: [
    (0, [5], [1], 4), (1, [4], [1], 4), (-1, [4], [1], 4), (0, [2], [4], 4), (0, [-4], [1], 4),
    (0, [4], [-1], 4), (0, [4, 4], [1], 4), (0, [Int.max, Int.max], [0, 0], 4),
    (0, [2], [Int.max], 4), (Int.max, [1], [1], 4), (0, [1 << 21], [0], 4), (0, [5], [1], 5),
    (0, [4], [1], 3), (0, [4], [1], Int.max), (0, [4], [1], -4),
  ])
  func `a tensor beyond its storage is refused by name`(
    offset: Int, shape: [Int], strides: [Int], count: Int
  ) {
    let pickle = tensor(offset: offset, shape: shape, strides: strides, count: count)
    let error = refusal(pickle, storages: storage)
    #expect(count < 0 || error?.key == "x", "\(String(describing: error))")
  }

  @Test func `an expanded tensor, a scalar and an empty one`() throws {
    func read(_ shape: [Int], _ strides: [Int]) throws -> WeightTensor {
      let pickle = tensor(offset: 3, shape: shape, strides: strides)
      return try WeightFile(bytes: StoredZip.torch(pickle, storages: storage)).tensor("x")
    }
    #expect(try read([1000], [0]).floats().count == 1000)
    #expect(try read([], []).floats() == [0])
    #expect(try read([0, 7], [7, 1]).floats().isEmpty)
  }

  @Test(arguments: [
    ("os", "system"), ("builtins", "eval"), ("torch.storage", "_load_from_bytes"),
    ("torch", "load"), ("torch._utils", "_rebuild_tensor"), ("collections", "Counter"),
    ("torch", "ComplexFloatStorage"), ("numpy.core.multiarray", "scalar"),
  ])
  func `names beyond the list are refused, however they are spelled`(
    module: String, name: String
  ) {
    let old = refusal([0x80, 2] + global(module, name) + Array(".".utf8))
    #expect(old?.message.contains("asks to run '\(module).\(name)'") == true)
    #expect(old?.offset == 2)
    let new = refusal([0x80, 4] + text(module) + text(name) + [0x93, UInt8(ascii: ".")])
    #expect(new?.message.contains("asks to run '\(module).\(name)'") == true)
    let instance = refusal(Array("(i\(module)\n\(name)\n.".utf8))
    #expect(instance?.message.contains("asks to run '\(module).\(name)'") == true)
  }

  @Test(arguments: [
    "", ".", "}", "N.", "].", ").", "t.", "}N.", "s.", "}Ns.", "}(NNNu.", "Na.", "(.", "}(s.",
    "h\u{5}.", "q\u{1}.", "(0.", "1.", "2.", "R.", "NNR.", "Nb.", "NQ.", ")Q.", "(lQ.", "o.",
    "\u{1}", "ccollections\nOrderedDict\nNR.", "ccollections\nOrderedDict\n(NNtR.",
    "ccollections\nOrderedDict\n((ltR.", "ctorch\nFloatStorage\n)R.",
    "ctorch._utils\n_rebuild_parameter\n)R.", "ctorch._utils\n_rebuild_tensor_v2\n)R.",
    "X\u{7f}\u{7f}\u{7f}\u{7f}a.", "cos", "c\n", "K", "G1234567.",
  ])
  func `nonsense is refused`(pickle: String) { _ = refusal(Array(pickle.utf8)) }

  @Test func `depth and circles take no stack`() throws {
    // A tuple in a tuple, and so on, a million times; then lists that hold each other.
    let deep = Array(")".utf8) + [UInt8](repeating: 0x85, count: 1_000_000) + Array("0".utf8)
    let circle = Array("]q\u{1}h\u{1}a0}q\u{2}".utf8) + text("me") + Array("h\u{2}s0".utf8)
    let whole = try WeightFile(
      bytes: StoredZip.torch(deep + circle + tensor().dropFirst(2), storages: storage))
    #expect(whole.tensors.count == 1)
    // Dictionaries below each other, each with the next one, deeper than anybody looks.
    var nested: [UInt8] = []
    for _ in 0..<100_000 { nested += Array("}".utf8) + text("a") }
    let tail = [UInt8](repeating: UInt8(ascii: "s"), count: 100_000) + Array(".".utf8)
    #expect(refusal(nested + Array("}".utf8) + tail)?.message == "the file holds no tensors")
  }

  @Test func `a pickle that repeats itself takes no more memory than it has bytes`() {
    // The list is appended to itself by the memo: two million references, not two to the twentieth lists.
    var pickle = Array("]q\u{1}".utf8)
    for _ in 0..<100_000 { pickle += Array("h\u{1}a".utf8) }
    #expect(refusal(pickle + Array(".".utf8))?.message.contains("a list") == true)
  }
}
