internal import Glibc
internal import PonsKit
internal import Synchronization

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
    case map
  }

  /// First byte.
  public let base: UnsafeMutableRawPointer
  /// Usable bytes.
  public let size: Int
  private let capacity: Int
  private let origin: Origin

  init(base: UnsafeMutableRawPointer, size: Int, capacity: Int, origin: Origin) {
    self.base = base
    self.size = size
    self.capacity = capacity
    self.origin = origin
  }

  deinit {
    switch origin {
    case .heap: free(base)
    case .pool(let pool): pool.takeBack(base, capacity: capacity)
    case .map: munmap(base, capacity)
    }
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
    return Buffer(base: base, size: size, capacity: size, origin: .map)
  }
}

/// Hands out buffers and takes them back: fresh pages cost more than the work that is done on them (first touch runs at
/// under 2 GB/s), so blocks are kept and used again.
public final class BufferPool: Sendable {
  /// Below this size blocks come from the heap.
  public static let smallest = 64 * 1024

  private struct State {
    /// Free blocks by capacity, the one used last at the end.
    var free: [Int: [UInt]] = [:]
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
      for (capacity, blocks) in state.free {
        for block in blocks { munmap(UnsafeMutableRawPointer(bitPattern: block), capacity) }
      }
    }
  }

  /// Bytes of all blocks that are handed out.
  public var bytesInUse: Int { state.withLock { $0.bytesInUse } }
  /// The most bytes that were ever handed out at the same time.
  public var peakInUse: Int { state.withLock { $0.peakInUse } }
  /// How often memory was taken from the kernel.
  public var allocations: Int { state.withLock { $0.allocations } }

  /// A buffer of at least `size` bytes, not cleared.
  ///
  /// - Throws: ``StageFailure`` of category `resource` when there is no memory.
  public func buffer(size: Int) throws -> Buffer {
    if size < Self.smallest {
      var block: UnsafeMutableRawPointer?
      guard posix_memalign(&block, 64, max(size, 64)) == 0, let block else {
        throw StageFailure(.resource, code: "OUT_OF_MEMORY", "no memory for \(size) bytes")
      }
      return Buffer(base: block, size: size, capacity: size, origin: .heap)
    }
    let capacity = Self.capacity(for: size)
    let kept: UnsafeMutableRawPointer? = state.withLock { state in
      state.bytesInUse += capacity
      state.peakInUse = max(state.peakInUse, state.bytesInUse)
      guard let block = state.free[capacity]?.popLast() else {
        state.allocations += 1
        return nil
      }
      state.freeBytes -= capacity
      return UnsafeMutableRawPointer(bitPattern: block)
    }
    if let kept { return Buffer(base: kept, size: size, capacity: capacity, origin: .pool(self)) }
    guard
      let fresh = mmap(
        nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      fresh != MAP_FAILED
    else {
      state.withLock { $0.bytesInUse -= capacity }
      throw StageFailure(.resource, code: "OUT_OF_MEMORY", "no memory for \(size) bytes")
    }
    // Fewer and larger pages: touching a volume for the first time costs a fault for every page.
    if capacity >= Self.largePage { madvise(fresh, capacity, MADV_HUGEPAGE) }
    return Buffer(base: fresh, size: size, capacity: capacity, origin: .pool(self))
  }

  private static let largePage = 2 << 20

  fileprivate func takeBack(_ base: UnsafeMutableRawPointer, capacity: Int) {
    let surplus: [(UInt, Int)] = state.withLock { state in
      state.bytesInUse -= capacity
      state.free[capacity, default: []].append(UInt(bitPattern: base))
      state.freeBytes += capacity
      var surplus: [(UInt, Int)] = []
      while state.freeBytes > keptBytes,
        let size = state.free.first(where: { !$0.value.isEmpty })?.key,
        let block = state.free[size]?.removeFirst()
      {
        state.freeBytes -= size
        surplus.append((block, size))
      }
      return surplus
    }
    for (block, size) in surplus { munmap(UnsafeMutableRawPointer(bitPattern: block), size) }
  }

  /// Sizes are rounded up to eighths of a power of two, so that volumes of nearly the same size share blocks.
  static func capacity(for size: Int) -> Int {
    let page = 4096
    let step = max(page, (1 << (Int.bitWidth - 1 - size.leadingZeroBitCount)) / 8)
    return (size + step - 1) / step * step
  }
}
