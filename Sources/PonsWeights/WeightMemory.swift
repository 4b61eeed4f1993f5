internal import Glibc

/// Memory that tensors lie in: a mapped file, or pages that were filled once.
///
/// A mapped file is read when its pages are touched and never copied. Whoever writes to the memory changes
/// a private copy of the page, and not the file. A file that becomes shorter while it is mapped ends the process
/// when its lost pages are touched; weight files are therefore replaced by renaming, and never written in place.
public final class WeightMemory: @unchecked Sendable {
  /// All bytes, valid as long as this object. The compiler may let go of an object after its last use, so that
  /// ``withBytes(_:)`` is the safe way to them.
  public let bytes: UnsafeRawBufferPointer

  // Unchecked because of the pointer: nothing changes the bytes after `init`.
  private init(_ start: UnsafeMutableRawPointer?, _ count: Int) {
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  /// Calls a closure with all bytes.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(bytes)
  }

  /// Maps a regular file.
  ///
  /// - Throws: ``WeightError`` when it cannot be opened or mapped.
  public static func mapping(_ path: String) throws(WeightError) -> WeightMemory {
    func failure(_ what: String, hint: String = "") -> WeightError {
      WeightError(what, file: path, hint: hint)
    }
    // Without O_NONBLOCK, opening a pipe would wait for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 {
      throw failure("it cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw failure("this is no regular file")
    }
    let count = Int(status.st_size)
    if count == 0 { return WeightMemory(nil, 0) }
    let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0)
    guard let start, start != MAP_FAILED else {
      throw failure("it cannot be mapped: \(String(cString: strerror(errno)))")
    }
    return WeightMemory(start, count)
  }

  /// Pages of this process, filled once by a closure.
  ///
  /// - Throws: ``WeightError`` when there is not so much memory, and what the closure throws.
  static func filled(
    _ count: Int, file: String,
    by fill: (UnsafeMutableRawBufferPointer) throws(WeightError) -> Void
  ) throws(WeightError) -> WeightMemory {
    if count == 0 { return WeightMemory(nil, 0) }
    let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let start, start != MAP_FAILED else {
      throw WeightError("there is no memory for \(count) bytes", file: file)
    }
    let memory = WeightMemory(start, count)
    try fill(UnsafeMutableRawBufferPointer(start: start, count: count))
    return memory
  }

  /// A copy of bytes, as if they were a file.
  ///
  /// - Throws: ``WeightError`` when there is not so much memory.
  public static func copying(
    _ bytes: UnsafeRawBufferPointer, name: String = "memory"
  ) throws(WeightError) -> WeightMemory {
    try filled(bytes.count, file: name) { $0.copyMemory(from: bytes) }
  }
}
