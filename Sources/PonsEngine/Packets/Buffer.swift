internal import CPonsSystem
internal import Glibc
internal import PonsKit
internal import Synchronization

/// Who writes a buffer, and who may see it.
package enum BufferSharing: Sendable, Hashable {
  /// This process alone.
  case none
  /// This process writes, and may lend it to workers, which can only read it.
  case lent
  /// A worker writes, and this process reads. Used once: memory that is sealed against a worker cannot be written again.
  case filled
}

/// Memory that holds the tensors of one packet; aligned to 64 bytes or more.
///
/// Written only while a ``PacketBuilder`` owns it, read-only and shared afterwards. What the memory is decides what
/// happens when the last owner lets go: heap blocks are freed, pooled blocks go back to their pool, maps are
/// unmapped.
public final class Buffer: @unchecked Sendable {
  // @unchecked: the pointer is written by one builder before the buffer is shared, and only read afterwards.
  enum Origin {
    case heap
    case pool(BufferPool)
    /// A map of a file; the path opens it again for workers.
    case map(path: String)
    /// Memory that a worker has filled.
    case filled(BufferPool)
    /// Memory of somebody who is told when it is not needed any more.
    case borrowed(released: @Sendable () -> Void)
  }

  /// First byte.
  public let base: UnsafeMutableRawPointer
  /// Usable bytes.
  public let size: Int
  private let capacity: Int
  private let origin: Origin
  /// The memory file behind the buffer, and its number; nil for memory of this process alone.
  package let shared: SharedMemory?

  init(
    base: UnsafeMutableRawPointer, size: Int, capacity: Int, origin: Origin,
    shared: SharedMemory? = nil
  ) {
    self.base = base
    self.size = size
    self.capacity = capacity
    self.origin = origin
    self.shared = shared
  }

  deinit {
    switch origin {
    case .heap: free(base)
    case .pool(let pool): pool.takeBack(BufferPool.Block(base, shared), capacity: capacity)
    case .map: munmap(base, capacity)
    case .filled(let pool):
      munmap(base, capacity)
      if let shared { close(shared.descriptor) }
      pool.forget(capacity)
    case .borrowed(let released): released()
    }
  }

  /// Memory that somebody else keeps until `released` is called, once.
  package static func borrowing(
    _ base: UnsafeMutableRawPointer, size: Int, released: @escaping @Sendable () -> Void
  ) -> Buffer {
    Buffer(base: base, size: size, capacity: size, origin: .borrowed(released: released))
  }

  /// A copy of what a worker may still write.
  ///
  /// - Throws: ``StageFailure`` of category `resource` when there is no memory.
  package func privateCopy() throws -> Buffer {
    guard case .filled(let pool) = origin else { return self }
    let copy = try pool.buffer(size: size)
    copy.base.copyMemory(from: base, byteCount: size)
    return copy
  }

  /// How the memory is shared.
  package var sharing: BufferSharing {
    if case .filled = origin { return .filled }
    return shared == nil ? .none : .lent
  }

  /// Tells whether memory that is used again and again is still there; nil for memory that is used once.
  package var presence: (@Sendable () -> Bool)? {
    guard case .pool(let pool) = origin, let shared else { return nil }
    return { [weak pool] in pool?.isPresent(shared.number) ?? false }
  }

  /// A new descriptor that a worker may map read-only, which the caller closes; nil when the memory is of this process alone.
  package func readableDescriptor() -> Int32? {
    let descriptor: Int32
    switch origin {
    case .map(let path):
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      var status = stat()
      // Somebody may have put another file there.
      if descriptor >= 0, fstat(descriptor, &status) != 0 || Int(status.st_size) != size {
        close(descriptor)
        return nil
      }
    default: descriptor = shared.map { fcntl($0.descriptor, F_DUPFD_CLOEXEC, 3) } ?? -1
    }
    return descriptor < 0 ? nil : descriptor
  }

  /// Makes what a worker has filled read-only for everybody; false when the worker still has it mapped for writing.
  package func sealWrites() -> Bool {
    guard case .filled = origin, let shared else { return true }
    return pons_system_seal_writes(shared.descriptor) == 0
  }

  /// A worker's view of memory that another process has handed over; the descriptor may be closed afterwards.
  ///
  /// - Throws: ``StageFailure`` of category `resource` when it cannot be mapped.
  package static func mapping(descriptor: Int32, size: Int, isWritable: Bool) throws -> Buffer {
    guard
      let base = mmap(
        nil, size, isWritable ? PROT_READ | PROT_WRITE : PROT_READ,
        isWritable ? MAP_SHARED : MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
    else { throw SystemFailure.resource("mmap", path: "packet") }
    return Buffer(base: base, size: size, capacity: size, origin: .map(path: ""))
  }

  /// Whether the bytes live in anonymous memory; false for a map of a file, which the kernel can drop.
  var isAnonymous: Bool {
    if case .map = origin { return false }
    return true
  }

  /// Maps a whole file read-only.
  ///
  /// - Throws: ``StageFailure`` of category `resource` when the file cannot be opened or mapped.
  package static func mapping(file path: String) throws -> Buffer {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw SystemFailure.resource("open", path: path) }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw SystemFailure.resource("fstat", path: path) }
    let size = Int(status.st_size)
    if size == 0 { throw StageFailure(.resource, code: "STORE_DAMAGED", "an empty packet file") }
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
    else { throw SystemFailure.resource("mmap", path: path) }
    return Buffer(base: base, size: size, capacity: size, origin: .map(path: path))
  }
}

/// A memory file that a worker can map.
package struct SharedMemory: Sendable, Hashable {
  /// Open as long as the memory is there.
  package let descriptor: Int32
  /// Never given twice in a process.
  package let number: Int
  /// Bytes.
  package let size: Int

  private static let last = Atomic<Int>(0)

  /// Nil when there is no memory or no descriptor left.
  fileprivate init?(size: Int) {
    descriptor = pons_system_shared_memory(UInt64(size))
    if descriptor < 0 { return nil }
    number = Self.last.add(1, ordering: .relaxed).newValue
    self.size = size
  }
}

/// Hands out buffers and takes them back: fresh pages cost more than the work that is done on them (first touch runs at
/// under 2 GB/s), so blocks are kept and used again.
public final class BufferPool: Sendable {
  /// Below this size blocks come from the heap.
  public static let smallest = 64 * 1024

  /// Memory that is used again and again.
  fileprivate struct Block: Sendable {
    let address: UInt
    let shared: SharedMemory?

    init(_ base: UnsafeMutableRawPointer, _ shared: SharedMemory?) {
      address = UInt(bitPattern: base)
      self.shared = shared
    }

    func release(_ capacity: Int) {
      munmap(UnsafeMutableRawPointer(bitPattern: address), capacity)
      if let shared { close(shared.descriptor) }
    }
  }

  /// Blocks that can stand for each other.
  private struct Shelf: Hashable {
    let capacity: Int
    let isShared: Bool
  }

  private struct State {
    /// Free blocks, the one used last at the end.
    var free: [Shelf: [Block]] = [:]
    /// Numbers of the shared blocks that are there, free or not.
    var shared: Set<Int> = []
    var freeBytes = 0
    var bytesInUse = 0
    var peakInUse = 0
    var allocations = 0
  }

  private let state = Mutex(State())
  private let keptBytes: Int

  /// A pool that keeps at most so many bytes of unused blocks.
  public init(keeping keptBytes: Int) { self.keptBytes = keptBytes }

  deinit {
    state.withLock { state in
      for (shelf, blocks) in state.free { for block in blocks { block.release(shelf.capacity) } }
    }
  }

  /// Bytes of all blocks that are handed out.
  public var bytesInUse: Int { state.withLock { $0.bytesInUse } }
  /// The most bytes that were ever handed out at the same time.
  public var peakInUse: Int { state.withLock { $0.peakInUse } }
  /// How often memory was taken from the kernel.
  public var allocations: Int { state.withLock { $0.allocations } }

  /// Whether a shared block is still there, free or not.
  fileprivate func isPresent(_ number: Int) -> Bool {
    state.withLock { $0.shared.contains(number) }
  }

  /// A buffer of at least `size` bytes, not cleared.
  ///
  /// Small buffers are never shared, and neither are those for which the system has no descriptor: what a worker needs of
  /// them is copied.
  ///
  /// - Throws: ``StageFailure`` of category `resource` when there is no memory.
  package func buffer(size: Int, sharing: BufferSharing) throws -> Buffer {
    if size < Self.smallest { return try small(size) }
    let capacity = Self.capacity(for: size)
    if sharing == .filled, let buffer = filled(size, capacity) { return buffer }
    let shelf = Shelf(capacity: capacity, isShared: sharing == .lent)
    let kept: Block? = state.withLock { state in
      state.bytesInUse += capacity
      state.peakInUse = max(state.peakInUse, state.bytesInUse)
      guard let block = state.free[shelf]?.popLast() else {
        state.allocations += 1
        return nil
      }
      state.freeBytes -= capacity
      return block
    }
    let block: Block
    do {
      block = try kept ?? fresh(capacity, sharing)
    } catch {
      state.withLock { $0.bytesInUse -= capacity }
      throw error
    }
    guard let base = UnsafeMutableRawPointer(bitPattern: block.address) else {
      throw StageFailure(.resource, code: "OUT_OF_MEMORY", "no memory for \(size) bytes")
    }
    return Buffer(
      base: base, size: size, capacity: capacity, origin: .pool(self), shared: block.shared)
  }

  /// A buffer of at least `size` bytes for this process alone, not cleared.
  ///
  /// - Throws: ``StageFailure`` of category `resource` when there is no memory.
  public func buffer(size: Int) throws -> Buffer { try buffer(size: size, sharing: .none) }

  private func small(_ size: Int) throws -> Buffer {
    var block: UnsafeMutableRawPointer?
    guard posix_memalign(&block, 64, max(size, 64)) == 0, let block else {
      throw StageFailure(.resource, code: "OUT_OF_MEMORY", "no memory for \(size) bytes")
    }
    return Buffer(base: block, size: size, capacity: size, origin: .heap)
  }

  private func fresh(_ capacity: Int, _ sharing: BufferSharing) throws -> Block {
    if sharing == .lent, capacity <= Self.physicalMemory,
      let shared = SharedMemory(size: capacity)
    {
      let base = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, shared.descriptor, 0)
      if let base, base != MAP_FAILED, pons_system_seal_future_writes(shared.descriptor) == 0 {
        if capacity >= Self.largePage { madvise(base, capacity, MADV_HUGEPAGE) }
        state.withLock { _ = $0.shared.insert(shared.number) }
        return Block(base, shared)
      }
      if let base, base != MAP_FAILED { munmap(base, capacity) }
      close(shared.descriptor)
    }
    guard
      let base = mmap(
        nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      base != MAP_FAILED
    else {
      throw StageFailure(.resource, code: "OUT_OF_MEMORY", "no memory for \(capacity) bytes")
    }
    // Fewer and larger pages: touching a volume for the first time costs a fault for every page.
    if capacity >= Self.largePage { madvise(base, capacity, MADV_HUGEPAGE) }
    return Block(base, nil)
  }

  /// Memory for a worker to write; this process sees it read-only from the beginning.
  private func filled(_ size: Int, _ capacity: Int) -> Buffer? {
    // A memory file may be larger than any memory: its pages come when they are written.
    guard capacity <= Self.physicalMemory, let shared = SharedMemory(size: capacity) else {
      return nil
    }
    guard let base = mmap(nil, capacity, PROT_READ, MAP_PRIVATE, shared.descriptor, 0),
      base != MAP_FAILED
    else {
      close(shared.descriptor)
      return nil
    }
    state.withLock { state in
      state.bytesInUse += capacity
      state.peakInUse = max(state.peakInUse, state.bytesInUse)
      state.allocations += 1
    }
    return Buffer(
      base: base, size: size, capacity: capacity, origin: .filled(self), shared: shared)
  }

  private static let largePage = 2 << 20
  private static let physicalMemory =
    max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))

  fileprivate func forget(_ capacity: Int) { state.withLock { $0.bytesInUse -= capacity } }

  fileprivate func takeBack(_ block: Block, capacity: Int) {
    let surplus: [(Block, Int)] = state.withLock { state in
      state.bytesInUse -= capacity
      let shelf = Shelf(capacity: capacity, isShared: block.shared != nil)
      state.free[shelf, default: []].append(block)
      state.freeBytes += capacity
      var surplus: [(Block, Int)] = []
      while state.freeBytes > keptBytes,
        let shelf = state.free.first(where: { !$0.value.isEmpty })?.key,
        let block = state.free[shelf]?.removeFirst()
      {
        state.freeBytes -= shelf.capacity
        if let shared = block.shared { state.shared.remove(shared.number) }
        surplus.append((block, shelf.capacity))
      }
      return surplus
    }
    for (block, size) in surplus { block.release(size) }
  }

  /// Sizes are rounded up to eighths of a power of two, so that volumes of nearly the same size share blocks.
  static func capacity(for size: Int) -> Int {
    let page = 4096
    let step = max(page, (1 << (Int.bitWidth - 1 - size.leadingZeroBitCount)) / 8)
    return (size + step - 1) / step * step
  }
}
