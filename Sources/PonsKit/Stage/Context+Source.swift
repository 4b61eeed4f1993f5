internal import CPons

extension Context {
  /// Announces a case; in ``SourceStage/enumerate(_:)`` only. The order does not matter.
  public func announce(_ found: SourceCase) throws {
    try Arena.with { arena in
      let files = arena.array(found.files.map { arena.string($0) })
      var record = pons_case()
      record.size = UInt64(MemoryLayout<pons_case>.size)
      record.name = arena.string(found.name)
      record.flags = found.isPublic ? UInt64(PONS_CASE_PUBLIC_NAME) : 0
      record.file_count = UInt64(found.files.count)
      record.files = UnsafePointer(files)
      record.fingerprint = arena.string(found.fingerprint)
      record.about = arena.json(found.about)
      try HostRefusal.check(host.pointee.add_case(handle, &record))
    }
  }

  /// Counts things that a source passes over on purpose; in ``SourceStage/enumerate(_:)`` only.
  ///
  /// - Parameters:
  ///   - code: for machines: `NOT_NIFTI`.
  ///   - text: for people: "not a NIfTI file".
  ///   - count: how many.
  public func skipped(code: String, _ text: String, count: Int = 1) throws {
    try HostRefusal.check(
      code.withPonsString { code in
        text.withPonsString {
          host.pointee.skipped(handle, code, $0, UInt64(max(0, count)))
        }
      })
  }
}
