internal import CZip

/// A zip archive in memory. Members that are stored without compression are windows on it.
package final class ZipArchive {
  /// What the archive says of a member.
  package struct Member {
    /// Its path in the archive, as written there.
    package let name: String
    /// Bytes when it is unpacked.
    package let size: Int
    fileprivate let index: UInt64
    fileprivate let packedSize: Int
    fileprivate let isStored: Bool
    fileprivate let isEncrypted: Bool
  }

  /// The bytes of a member.
  package struct Contents {
    /// The archive, or memory of its own.
    package let memory: WeightMemory
    /// Where in the memory they are.
    package let range: Range<Int>

    /// Calls a closure with the bytes.
    package func withBytes<Result, Failure: Error>(
      _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      try memory.withBytes { bytes throws(Failure) in
        try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
    }
  }

  /// In the order of the archive.
  package let members: [Member]
  private let archive: OpaquePointer
  private let source: ZipSource
  private let memory: WeightMemory
  private let file: String
  /// Bytes that were unpacked, so that small files cannot ask for all memory.
  private var unpacked = 0

  /// Deflate makes at most 1,032 bytes of one.
  private static let maximumRatio = 1040
  private static let maximumUnpacked = 16 << 30

  /// Reads the directory of an archive.
  ///
  /// - Parameter file: its name, for errors.
  /// - Throws: ``WeightError``.
  package init(_ memory: WeightMemory, file: String) throws(WeightError) {
    self.memory = memory
    self.file = file
    source = ZipSource(memory.bytes)
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let zipSource = source.makeSource(&error) else {
      throw WeightError("libzip: \(String(cString: zip_error_strerror(&error)))", file: file)
    }
    guard let archive = zip_open_from_source(zipSource, ZIP_RDONLY, &error) else {
      zip_source_free(zipSource)
      throw WeightError(
        "the archive cannot be read: \(String(cString: zip_error_strerror(&error)))", file: file,
        hint: "it is damaged or was cut off; fetch it again")
    }
    self.archive = archive
    var members: [Member] = []
    for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
      var status = zip_stat_t()
      let known = UInt64(ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD)
      guard zip_stat_index(archive, index, 0, &status) == 0, status.valid & known == known,
        let name = status.name.flatMap({ String(validatingCString: $0) }),
        let size = Int(exactly: status.size), let packedSize = Int(exactly: status.comp_size)
      else { continue }
      members.append(
        Member(
          name: name, size: size, index: index, packedSize: packedSize,
          isStored: Int32(status.comp_method) == ZIP_CM_STORE,
          isEncrypted: status.encryption_method != UInt16(ZIP_EM_NONE)))
    }
    self.members = members
  }

  deinit { zip_discard(archive) }

  /// The bytes of a member: of the archive itself when they are stored, else unpacked.
  ///
  /// - Throws: ``WeightError``.
  package func contents(of member: Member) throws(WeightError) -> Contents {
    if member.isEncrypted { throw failure(member, "it is encrypted") }
    if member.packedSize > memory.bytes.count
      || (member.isStored && member.packedSize != member.size)
      || member.size / Self.maximumRatio > member.packedSize
    {
      throw failure(member, "its size cannot be right: \(member.size) bytes")
    }
    guard let reader = zip_fopen_index(archive, member.index, 0) else { throw failure(member) }
    defer { zip_fclose(reader) }
    if member.size == 0 {
      return Contents(memory: memory, range: 0..<0)
    }
    if member.isStored {
      var first: UInt8 = 0
      source.firstRead = nil
      guard zip_fread(reader, &first, 1) == 1, let start = source.firstRead else {
        throw failure(member)
      }
      guard start <= memory.bytes.count - member.size, memory.bytes[start] == first else {
        throw failure(member, "it ends beyond the archive")
      }
      return Contents(memory: memory, range: start..<(start + member.size))
    }
    if member.size > Self.maximumUnpacked - unpacked {
      throw failure(member, "the archive unpacks to more than \(Self.maximumUnpacked >> 30) GiB")
    }
    unpacked += member.size
    let pages = try WeightMemory.filled(member.size, file: file) {
      (target: UnsafeMutableRawBufferPointer) throws(WeightError) in
      var done = 0
      while done < target.count, let start = target.baseAddress {
        let count = zip_fread(reader, start + done, UInt64(target.count - done))
        if count <= 0 { throw failure(member) }
        done += Int(count)
      }
      // The checksum is compared at the end.
      var extra: UInt8 = 0
      if zip_fread(reader, &extra, 1) != 0 { throw failure(member) }
    }
    return Contents(memory: pages, range: 0..<member.size)
  }

  private func failure(_ member: Member, _ message: String? = nil) -> WeightError {
    let text = message ?? "it cannot be unpacked"
    return WeightError(
      "member '\(member.name.shownInErrors)': \(text)", file: file,
      hint: message == nil ? "the archive is damaged; fetch it again" : "")
  }
}
