internal import PonsKit
internal import PonsTorch
internal import Synchronization
internal import Testing

@Suite struct TensorTests {
  @Test func `an error names the operation and the shapes`() throws {
    let x = try Tensor.zeros([2, 3])
    let error = try #require(throws: TorchError.self) { try x.matmul(x) }
    #expect(error.operands == ["[2, 3] float32", "[2, 3] float32"])
    #expect(error.description.hasPrefix("matmul of [2, 3] float32 and [2, 3] float32: "))
    #expect(!error.message.contains("\n"))
  }

  @Test func `a failed operation leaves later ones alone`() throws {
    let x = try Tensor.of([1, 2, 3] as [Float])
    #expect(throws: TorchError.self) { try x.reshape([2, 2]) }
    #expect(throws: TorchError.self) { try x.select(0, 7) }
    #expect(throws: TorchError.self) { try x.permute([0, 0]) }
    #expect(try (x + x).array(of: Float.self) == [2, 4, 6])
  }

  @Test func `shape, strides, type and description`() throws {
    let x = try Tensor.arange(0, 24, type: .int32).reshape([2, 3, 4]).transpose(0, 2)
    #expect(x.shape == [4, 3, 2])
    #expect(x.strides == [1, 4, 12])
    #expect(x.type == .int32)
    #expect(!x.isContiguous())
    #expect(x.description == "Tensor [4, 3, 2] int32 on cpu")
    #expect(throws: TorchError.self) { try x.withBytes { $0.count } }
    #expect(try x.array(of: Int32.self).prefix(3) == [0, 12, 4])
  }

  @Test func `a scalar has no axes`() throws {
    let x = try Tensor.full([], 2.5)
    #expect(x.shape == [])
    #expect(x.count == 1)
    #expect(try x.item() == 2.5)
    #expect(throws: TorchError.self) { try Tensor.zeros([2]).item() }
  }

  @Test(arguments: ElementType.allCases)
  func `every type is carried or refused by name`(type: ElementType) throws {
    switch type {
    case .uint16, .uint32, .uint64:
      let error = try #require(throws: TorchError.self) { try Tensor.zeros([2], type: type) }
      #expect(error.message.contains(type.rawValue))
    default:
      let x = try Tensor.ones([2, 2], type: type)
      #expect(x.type == type)
      #expect(try x.withBytes { $0.count } == 4 * type.size)
      #expect(try x.to(.float64).sum().item() == 4)
    }
  }

  @Test func `whole numbers keep integers what they are`() throws {
    let x = try Tensor.of([3, 4] as [Int64])
    #expect(try (x + 1).array(of: Int64.self) == [4, 5])
    #expect(try (x * 0.5).array(of: Float.self) == [1.5, 2])
    #expect(try (x.to(.float32) - 1).array(of: Float.self) == [2, 3])
    try x.add_(2)
    #expect(try x.array(of: Int64.self) == [5, 6])
    #expect(throws: TorchError.self) { try x.add_(0.5) }
  }

  @Test func `elements of another type are refused`() throws {
    let x = try Tensor.zeros([2])
    #expect(throws: TorchError.self) { try x.array(of: Double.self) }
    #expect(throws: TorchError.self) { try x.withMutableElements(of: Int32.self) { $0[0] = 1 } }
  }

  private final class Owner: Sendable {
    let released: @Sendable () -> Void
    init(_ released: @escaping @Sendable () -> Void) { self.released = released }
    deinit { released() }
  }

  @Test func `borrowed memory is shared, and given back with the last view`() throws {
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: 6)
    memory.initialize(repeating: 1, count: 6)
    defer { memory.deallocate() }
    let count = Mutex(0)
    var x: Tensor? = try Tensor.borrowing(
      memory, shape: [2, 3], type: .float32, owner: Owner { count.withLock { $0 += 1 } })
    var row = try x?.select(0, 1)
    memory[3] = 5
    #expect(try row?.array(of: Float.self) == [5, 1, 1])
    x = nil
    #expect(count.withLock { $0 } == 0)
    row = nil
    #expect(count.withLock { $0 } == 1)
  }

  @Test func `borrowed memory is given back when no tensor comes to be`() throws {
    let count = Mutex(0)
    var element: Float = 0
    withUnsafePointer(to: &element) { pointer in
      _ = #expect(throws: TorchError.self) {
        try Tensor.borrowing(
          pointer, shape: [2, -3], strides: [1, 1], type: .float32,
          owner: Owner { count.withLock { $0 += 1 } })
      }
    }
    #expect(count.withLock { $0 } == 1)
  }

  @Test func `DLPack shares memory in both directions`() throws {
    let x = try Tensor.arange(0, 6).reshape([2, 3])
    let y = try Tensor.consuming(dlpack: try x.dlpack())
    try x.fill_(7)
    #expect(y.shape == [2, 3])
    #expect(try y.array(of: Float.self) == [7, 7, 7, 7, 7, 7])
  }

  @Test func `channels last is another order of the same elements`() throws {
    let x = try Tensor.arange(0, 24).reshape([1, 2, 3, 4])
    let y = try x.contiguous(.channelsLast)
    #expect(y.isContiguous(.channelsLast) && !y.isContiguous())
    #expect(try y.array(of: Float.self) == x.array(of: Float.self))
  }

  @Test func `devices are told by name`() throws {
    #expect(try Device(parsing: "cpu") == .cpu)
    #expect(throws: TorchError.self) { try Device(parsing: "gpu") }
    if TorchRuntime.cudaDevices == 0 {
      let error = try #require(throws: TorchError.self) { try Device(parsing: "cuda:1") }
      #expect(error.message.contains("say cpu"))
    }
  }
}
