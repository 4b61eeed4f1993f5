internal import CPonsSystem
internal import Glibc
internal import PonsKit

/// One end of the socket between the host and a worker; docs/worker-protocol.md says what goes over it.
///
/// Used by one thread at a time. Nothing that comes in is trusted: lengths are bounded before memory is taken for them.
final class WorkerChannel: @unchecked Sendable {
  // @unchecked: one thread at a time has it; it is handed over under a lock.
  /// A frame.
  struct Message {
    var body: JSON
    /// Bytes behind the text: the tensors of a small packet.
    var tail: [UInt8] = []
  }

  /// What came in is no message.
  struct Garbage: Error {
    let reason: String
  }

  /// The longest text of a message, and the most bytes behind it.
  static let maximumBody = 256 << 20
  static let maximumTail = 1 << 20

  private let socket: Int32
  private let takesDescriptors: Bool
  private var received: [UInt8] = []
  private var descriptors: [Int32] = []
  private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

  /// Takes over a socket.
  ///
  /// - Parameter takesDescriptors: false drops all descriptors that come in.
  init(socket: Int32, takesDescriptors: Bool) {
    self.socket = socket
    self.takesDescriptors = takesDescriptors
  }

  deinit {
    chunk.deallocate()
    for descriptor in descriptors { close(descriptor) }
    close(socket)
  }

  /// Sends a message, and a descriptor with it.
  ///
  /// - Parameter waiting: called about every 50 ms while the other end does not take it; may throw to give up.
  /// - Throws: ``Garbage`` when the other end is gone, and what `waiting` throws.
  func send(
    _ body: JSON, tail: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
    descriptor: Int32 = -1, waiting: () throws -> Void
  ) throws {
    let text = body.canonical
    var frame: [UInt8] = []
    frame.reserveCapacity(8 + text.utf8.count + tail.count)
    for count in [text.utf8.count, tail.count] {
      withUnsafeBytes(of: UInt32(count).littleEndian) { frame.append(contentsOf: $0) }
    }
    frame.append(contentsOf: text.utf8)
    frame.append(contentsOf: tail)
    var sent = 0
    while sent < frame.count {
      let count = frame[sent...].withUnsafeBytes {
        pons_system_send(socket, $0.baseAddress, UInt($0.count), sent == 0 ? descriptor : -1)
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN || errno == EINTR {
        try wait(for: POLLOUT, waiting)
      } else {
        throw Garbage(reason: "the other end is gone")
      }
    }
  }

  /// The next message, or nil when the other end has closed the socket.
  ///
  /// - Parameter waiting: called about every 50 ms until it comes; may throw to give up.
  /// - Throws: ``Garbage``, and what `waiting` throws.
  func receive(waiting: () throws -> Void) throws -> Message? {
    while true {
      if let message = try takeMessage() { return message }
      var count: Int32 = 0
      var files = [Int32](repeating: -1, count: takesDescriptors ? 8 : 0)
      let got = pons_system_receive(
        socket, chunk.baseAddress, UInt(chunk.count), &files, Int32(files.count), &count)
      descriptors.append(contentsOf: files.prefix(Int(count)))
      if got > 0 {
        received.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<got]))
      } else if got == 0 || errno == ECONNRESET {
        if !received.isEmpty { throw Garbage(reason: "it ended within a message") }
        return nil
      } else if errno == EAGAIN || errno == EINTR {
        try wait(for: POLLIN, waiting)
      } else {
        throw Garbage(reason: "the socket cannot be read")
      }
    }
  }

  /// The descriptor that came with the message; the caller closes it.
  func takeDescriptor() throws -> Int32 {
    if descriptors.isEmpty { throw Garbage(reason: "a message came without its descriptor") }
    return descriptors.removeFirst()
  }

  private func wait(for events: Int32, _ waiting: () throws -> Void) throws {
    var polled = pollfd(fd: socket, events: Int16(events), revents: 0)
    if poll(&polled, 1, 50) <= 0 { try waiting() }
  }

  private func takeMessage() throws -> Message? {
    guard received.count >= 8 else { return nil }
    func length(at offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(received[offset + $1]) << (8 * $1) }
    }
    let (body, tail) = (length(at: 0), length(at: 4))
    if body > Self.maximumBody || tail > Self.maximumTail {
      throw Garbage(reason: "a message announces \(body) and \(tail) bytes")
    }
    guard received.count >= 8 + body + tail else { return nil }
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: Array(received[8..<8 + body]))
    } catch {
      throw Garbage(reason: "a message is no JSON: \(error)")
    }
    if json.object == nil { throw Garbage(reason: "a message is no JSON object") }
    let message = Message(body: json, tail: Array(received[(8 + body)..<(8 + body + tail)]))
    received.removeFirst(8 + body + tail)
    return message
  }
}
