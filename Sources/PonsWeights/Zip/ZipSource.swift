internal import CZip

/// Bytes in memory, as libzip reads them.
///
/// libzip does not tell where in the archive a member's bytes are. But it has to read them from here: where it
/// begins to read is where they are, found by the library that checked the archive and not by a second parser.
final class ZipSource {
  let bytes: UnsafeRawBufferPointer
  /// Where the first read began since this was set to nil.
  var firstRead: Int?
  private var position = 0
  private var error = zip_error_t()

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    zip_error_init(&error)
  }

  deinit { zip_error_fini(&error) }

  /// A source of libzip that keeps this object until libzip frees it.
  func makeSource(_ error: inout zip_error_t) -> OpaquePointer? {
    let context = Unmanaged.passRetained(self)
    let source = zip_source_function_create(
      { context, data, length, command in
        guard let context else { return -1 }
        let source = Unmanaged<ZipSource>.fromOpaque(context)
        if command == ZIP_SOURCE_FREE {
          source.release()
          return 0
        }
        return source.takeUnretainedValue().answer(command, data, length)
      }, context.toOpaque(), &error)
    if source == nil { context.release() }
    return source
  }

  private func answer(
    _ command: zip_source_cmd_t, _ data: UnsafeMutableRawPointer?, _ length: UInt64
  ) -> Int64 {
    switch command {
    case ZIP_SOURCE_OPEN:
      position = 0
      return 0
    case ZIP_SOURCE_CLOSE: return 0
    case ZIP_SOURCE_READ:
      if firstRead == nil { firstRead = position }
      let count = min(Int(clamping: length), bytes.count - position)
      guard count > 0, let data, let start = bytes.baseAddress else { return 0 }
      data.copyMemory(from: start + position, byteCount: count)
      position += count
      return Int64(count)
    case ZIP_SOURCE_SEEK:
      let place = zip_source_seek_compute_offset(
        UInt64(position), UInt64(bytes.count), data, length, &error)
      if place < 0 { return -1 }
      position = Int(place)
      return 0
    case ZIP_SOURCE_TELL: return Int64(position)
    case ZIP_SOURCE_STAT:
      guard let data, length >= UInt64(MemoryLayout<zip_stat_t>.size) else { return -1 }
      let status = data.assumingMemoryBound(to: zip_stat_t.self)
      zip_stat_init(status)
      status.pointee.size = UInt64(bytes.count)
      status.pointee.valid |= UInt64(ZIP_STAT_SIZE)
      return Int64(MemoryLayout<zip_stat_t>.size)
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&error, data, length)
    case ZIP_SOURCE_SUPPORTS:
      let commands = [
        ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
        ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS,
      ]
      return commands.reduce(0) { $0 | 1 << Int64($1.rawValue) }
    default:
      zip_error_set(&error, ZIP_ER_OPNOTSUPP, 0)
      return -1
    }
  }
}
