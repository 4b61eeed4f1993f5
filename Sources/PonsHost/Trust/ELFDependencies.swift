internal import Glibc

/// What a shared library needs, and where it says that it looks for it (ELF-64, little-endian; System V ABI, chapter 5). Of a file that
/// is not as it should be nothing is known: the dynamic linker refuses it anyway.
package struct ELFDependencies {
  /// Names under `DT_NEEDED`.
  package private(set) var needed: [String] = []
  /// Folders of `DT_RUNPATH` and `DT_RPATH`.
  package private(set) var folders: [String] = []

  /// Reads the dynamic section of an open file.
  init(_ descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 64,
      let map = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0),
      map != MAP_FAILED
    else { return }
    defer { munmap(map, Int(status.st_size)) }
    read(UnsafeRawBufferPointer(start: map, count: Int(status.st_size)))
  }

  /// Reads the dynamic section of a file's bytes.
  package init(bytes: [UInt8]) { bytes.withUnsafeBytes { read($0) } }

  private struct Segment {
    var type: Int
    var offset: Int
    var address: Int
    var size: Int
  }

  private mutating func read(_ bytes: UnsafeRawBufferPointer) {
    func number<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) -> Int? {
      guard offset >= 0, offset <= bytes.count - MemoryLayout<Number>.size else { return nil }
      return Int(
        exactly: Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)))
    }
    // 0: magic; 4: class, 2 is 64 bits; 5: byte order, 1 is little-endian.
    guard bytes.count > 64, bytes[..<6].elementsEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1]),
      // 32: place of the program headers; 54: size of one; 56: how many.
      let table = number(32, UInt64.self), let size = number(54, UInt16.self), size >= 56,
      let count = number(56, UInt16.self), table <= bytes.count
    else { return }
    var segments: [Segment] = []
    for index in 0..<count {
      let start = table + index * size
      // 0: type; 8: place in the file; 16: address; 32: bytes in the file.
      guard let type = number(start, UInt32.self), let offset = number(start + 8, UInt64.self),
        let address = number(start + 16, UInt64.self), let length = number(start + 32, UInt64.self)
      else { return }
      segments.append(Segment(type: type, offset: offset, address: address, size: length))
    }
    guard let dynamic = segments.first(where: { $0.type == 2 }) else { return }
    var entries: [(tag: Int, value: Int)] = []
    for index in 0..<min(dynamic.size / 16, 4096) {
      guard let start = Self.sum(dynamic.offset, index * 16), let tag = number(start, UInt64.self),
        tag != 0
      else { break }
      // Values of tags that nobody asks for may be anything.
      if let value = number(start + 8, UInt64.self) { entries.append((tag, value)) }
    }
    // DT_STRTAB is an address; the segment that is loaded there says where it is in the file.
    guard let address = entries.first(where: { $0.tag == 5 })?.value,
      let segment = segments.first(where: {
        $0.type == 1 && $0.address <= address && address - $0.address < $0.size
      }), let strings = Self.sum(segment.offset, address - segment.address)
    else { return }
    func text(_ offset: Int) -> String? {
      guard let start = Self.sum(strings, offset), start < bytes.count,
        let length = bytes[start...].prefix(4096).firstIndex(of: 0)
      else { return nil }
      return String(decoding: bytes[start..<length], as: UTF8.self)
    }
    needed = entries.filter { $0.tag == 1 }.compactMap { text($0.value) }
    folders = entries.filter { $0.tag == 15 || $0.tag == 29 }.compactMap { text($0.value) }
      .flatMap { $0.split(separator: ":").map(String.init) }
  }

  private static func sum(_ a: Int, _ b: Int) -> Int? {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow || sum < 0 ? nil : sum
  }

  /// The needed libraries that are found relative to the library itself, in the order in which they are named.
  ///
  /// - Parameter origin: the folder that `$ORIGIN` stands for.
  func besideIt(_ origin: String) -> [(name: String, path: String)] {
    let own = folders.filter { $0.contains("$ORIGIN") || $0.contains("${ORIGIN}") }.map { folder in
      var parts = folder.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      for index in parts.indices where ["$ORIGIN", "${ORIGIN}"].contains(parts[index]) {
        parts[index] = origin
      }
      return parts.joined(separator: "/")
    }
    return needed.filter { !$0.contains("/") }.compactMap { name in
      own.map { $0 + "/" + name }.first(where: HostFile.isFile).map { (name, $0) }
    }
  }
}
