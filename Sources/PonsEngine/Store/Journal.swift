internal import Glibc
internal import PonsKit

/// Where a frame lies in a journal.
struct JournalReference: Sendable {
  let journal: JournalFile
  /// Offset of the body in the file, and its length.
  let offset: Int
  let count: Int
  /// The part of the body that is meant; the whole body when nil.
  var part: Range<Int>?
}

/// A journal that is open for reading.
final class JournalFile: Sendable {
  let path: String
  let descriptor: Int32

  init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return nil }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}

/// Finished calls whose results are small, appended one after the other to a file: a folder for each would cost more than the
/// work itself. A run writes its own journal, so runs do not meet in one.
///
/// A frame is, little-endian:
///
///     offset  bytes
///          0      4  magic "PJ01"
///          4      4  length of the body
///          8     32  key of the call (SHA-256)
///         40     16  first half of the body's SHA-256
///         56      n  body: 4 bytes length of the record, the record (JSON), packets
///
/// A frame that a power cut left incomplete ends the reading of its file; its digest tells.
enum Journal {
  static let magic: [UInt8] = Array("PJ01".utf8)
  static let headerSize = 56
  /// The most bytes of a body; larger results get a folder of their own.
  static let maximumBody = 1 << 20

  /// A key as four words: half the memory of its text.
  struct Key: Hashable, Sendable {
    let words: (UInt64, UInt64, UInt64, UInt64)

    init?(hexadecimal text: String) {
      var text = text
      let parsed: (UInt64, UInt64, UInt64, UInt64)? = text.withUTF8 { bytes in
        guard bytes.count == 64 else { return nil }
        func word(_ index: Int) -> UInt64? {
          var word: UInt64 = 0
          for byte in bytes[16 * index..<16 * index + 16] {
            switch byte {
            case 0x30...0x39: word = word << 4 | UInt64(byte - 0x30)
            case 0x61...0x66: word = word << 4 | UInt64(byte - 0x57)
            default: return nil
            }
          }
          return word
        }
        guard let first = word(0), let second = word(1), let third = word(2), let fourth = word(3)
        else { return nil }
        return (first, second, third, fourth)
      }
      guard let parsed else { return nil }
      words = parsed
    }

    init(bytes: UnsafeRawBufferPointer) {
      func word(_ index: Int) -> UInt64 {
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
      }
      words = (word(0), word(1), word(2), word(3))
    }

    func append(to bytes: inout [UInt8]) {
      for word in [words.0, words.1, words.2, words.3] {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
      }
    }

    /// 64 characters of lower-case hexadecimal.
    var text: String {
      [words.0, words.1, words.2, words.3].map { word in
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined()
    }

    static func == (left: Key, right: Key) -> Bool { left.words == right.words }
    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
  }

  /// One frame. `record` is made with offsets that count from the end of the record.
  static func frame(key: Key, record: [UInt8], packets: [UInt8]) throws -> [UInt8] {
    var body: [UInt8] = []
    body.reserveCapacity(record.count + packets.count + 4)
    withUnsafeBytes(of: UInt32(record.count).littleEndian) { body.append(contentsOf: $0) }
    body.append(contentsOf: record)
    body.append(contentsOf: packets)
    var frame: [UInt8] = magic
    frame.reserveCapacity(headerSize + body.count)
    withUnsafeBytes(of: UInt32(body.count).littleEndian) { frame.append(contentsOf: $0) }
    key.append(to: &frame)
    frame.append(contentsOf: try checksum(body))
    frame.append(contentsOf: body)
    return frame
  }

  /// Reads the keys of all complete frames of a file; later frames of a key replace earlier ones.
  static func index(_ journal: JournalFile, into index: inout [Key: JournalReference]) {
    walk(journal) { index[$0] = $1 }
  }

  /// Bytes behind the last complete frame of a file.
  static func unreadBytes(of journal: JournalFile) -> Int {
    let (end, size) = walk(journal) { _, _ in }
    return size - end
  }

  /// Goes from frame to frame. The file is read and not mapped: another run may cut off what it could not write to the end, and a file
  /// that shrinks under a map ends the process.
  @discardableResult
  private static func walk(
    _ journal: JournalFile, _ body: (Key, JournalReference) -> Void
  ) -> (end: Int, size: Int) {
    var status = stat()
    guard fstat(journal.descriptor, &status) == 0 else { return (0, 0) }
    let size = Int(status.st_size)
    var chunk: [UInt8] = []
    var start = 0
    var position = 0
    while position + headerSize <= size {
      if position + headerSize > start + chunk.count {
        start = position
        chunk =
          (try? FileSystem.read(
            journal.descriptor, at: start, count: min(1 << 20, size - start), name: journal.path))
          ?? []
        if chunk.count < headerSize { break }
      }
      let found: (Key, Int)? = chunk.withUnsafeBytes { bytes in
        let header = UnsafeRawBufferPointer(
          rebasing: bytes[position - start..<position - start + headerSize])
        guard header[..<4].elementsEqual(magic) else { return nil }
        let length = UInt32(
          littleEndian: header.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        return (Key(bytes: UnsafeRawBufferPointer(rebasing: header[8..<40])), Int(length))
      }
      guard let (key, length) = found, length >= 4, length <= maximumBody,
        position + headerSize + length <= size
      else { break }
      body(key, JournalReference(journal: journal, offset: position + headerSize, count: length))
      position += headerSize + length
    }
    return (position, size)
  }

  /// All bytes of a frame, or nil when it is damaged.
  static func frame(at reference: JournalReference) -> [UInt8]? {
    guard read(reference) != nil else { return nil }
    return try? FileSystem.read(
      reference.journal.descriptor, at: reference.offset - headerSize,
      count: headerSize + reference.count, name: reference.journal.path)
  }

  /// The record and the bytes behind it, or nil when the frame is damaged.
  static func read(_ reference: JournalReference) -> (record: JSON, body: [UInt8], packets: Int)? {
    let start = reference.offset - headerSize
    guard
      let frame = try? FileSystem.read(
        reference.journal.descriptor, at: start, count: headerSize + reference.count,
        name: reference.journal.path),
      frame.count == headerSize + reference.count
    else { return nil }
    let body = Array(frame[headerSize...])
    guard let digest = try? checksum(body), digest.elementsEqual(frame[40..<56]) else { return nil }
    let length = Int(body[0]) | Int(body[1]) << 8 | Int(body[2]) << 16 | Int(body[3]) << 24
    guard length <= body.count - 4, let record = try? JSON(parsing: Array(body[4..<4 + length]))
    else { return nil }
    return (record, body, 4 + length)
  }

  /// The first 16 bytes of a body's SHA-256.
  private static func checksum(_ body: [UInt8]) throws -> [UInt8] {
    var hash = SHA256()
    body.withUnsafeBytes { hash.update($0) }
    var bytes: [UInt8] = []
    if let key = Key(hexadecimal: try hash.finish()) { key.append(to: &bytes) }
    return Array(bytes.prefix(16))
  }
}

/// Appends frames to the journal of one run; used by one thread at a time.
final class JournalWriter {
  let journal: JournalFile
  private let descriptor: Int32
  private var length = 0

  init(path: String) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw SystemFailure.resource("open", path: path) }
    guard let journal = JournalFile(path: path) else {
      close(descriptor)
      throw SystemFailure.resource("open", path: path)
    }
    self.journal = journal
  }

  deinit {
    close(descriptor)
    if length == 0 { unlink(journal.path) }
  }

  /// Appends frames with one write; answers the offset of the first.
  func append(_ frames: [UInt8]) throws -> Int {
    let start = length
    do {
      try frames.withUnsafeBytes {
        try FileSystem.write($0, to: descriptor, name: journal.path)
      }
    } catch {
      // A frame that is cut off would hide what comes after it.
      ftruncate(descriptor, start)
      throw error
    }
    length += frames.count
    return start
  }
}
