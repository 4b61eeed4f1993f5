internal import PonsFiles
internal import PonsImaging
internal import PonsKit
internal import Synchronization

/// Reads the voxels of a volume: slice after slice to its place, on several threads.
package struct VolumeReader: Sendable {
  private let catalogue: Catalogue
  private let slices: [Slice]
  /// What the voxels become.
  package let type: VoxelType
  /// `[z, y, x]`.
  package let shape: [Int]

  package init(_ catalogue: Catalogue, _ plan: VolumePlan) throws {
    self.catalogue = catalogue
    slices = plan.slices
    guard let first = slices.first else {
      throw StageFailure(.internal, "a volume without slices was not refused")
    }
    let format = catalogue.instances[first.instance].format
    type = VoxelType(
      slices.map { slice in
        let instance = catalogue.instances[slice.instance]
        return (instance.format, instance.pixels?.kind ?? .integer, catalogue.frame(slice))
      })
    shape = [slices.count, format.rows, format.columns]
  }

  /// Fills the memory with the voxels.
  ///
  /// - Parameters:
  ///   - memory: room for ``shape`` in elements of ``type``.
  ///   - limit: seconds that decoding one frame may take.
  ///   - progress: called now and then with 0...1; what it throws ends the reading.
  /// - Throws: `StageFailure` that names the file: TRUNCATED, FILE_CHANGED, UNREADABLE, BAD_CODESTREAM, BAD_FRAGMENTS,
  ///   CODEC_TIMEOUT.
  package func read(
    into memory: UnsafeMutableRawBufferPointer, threads: Int, limit: Double,
    progress: (Double) throws -> Void
  ) throws {
    let isCompressed = slices.contains {
      catalogue.instances[$0.instance].syntax.pixels != .native
    }
    let work = PixelWork(catalogue: catalogue, slices: slices, type: type, memory: memory)
    if isCompressed {
      do {
        try DecoderCrew.run(
          slices.count, threads: threads, limit: limit,
          progress: { try progress(Double($0) / Double(slices.count)) }
        ) { index, handover in
          try work.named(index) { try work.readCompressed(index, handover) }
        }
      } catch let timeout as DecoderCrew.JobTimeout {
        throw StageFailure(
          .badInput, code: "CODEC_TIMEOUT",
          "\(catalogue.name(of: slices[timeout.index])): decoding took more than \(limit) seconds",
          hint: "the file may be damaged; the parameter codec_timeout is the limit")
      }
      return
    }
    // In pieces, so that the reading can be cancelled.
    let piece = 64 * max(1, threads)
    for start in stride(from: 0, to: slices.count, by: piece) {
      try progress(Double(start) / Double(slices.count))
      let failure = Mutex<(index: Int, failure: StageFailure)?>(nil)
      Parallel.forEach(min(piece, slices.count - start), threads: threads) { offset in
        let index = start + offset
        do {
          try work.named(index) { try work.readNative(index) }
        } catch let found as StageFailure {
          failure.withLock { if ($0?.index ?? Int.max) > index { $0 = (index, found) } }
        } catch {
          failure.withLock { $0 = (index, StageFailure(.internal, "\(error)")) }
        }
      }
      if let failure = failure.withLock({ $0 })?.failure { throw failure }
    }
  }
}

/// What the threads that read a volume share.
private final class PixelWork: @unchecked Sendable {
  // @unchecked: each slice writes to its own part of `memory`; open files are behind a lock.
  private let catalogue: Catalogue
  private let slices: [Slice]
  private let type: VoxelType
  private let memory: UnsafeMutableRawBufferPointer
  private let sliceBytes: Int
  /// Files with several frames stay open.
  private let shared = Mutex<[Int: OpenPixels]>([:])

  init(
    catalogue: Catalogue, slices: [Slice], type: VoxelType, memory: UnsafeMutableRawBufferPointer
  ) {
    self.catalogue = catalogue
    self.slices = slices
    self.type = type
    self.memory = memory
    sliceBytes = slices.isEmpty ? 0 : memory.count / slices.count
  }

  /// Says which file a failure is about.
  func named(_ index: Int, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch var failure as StageFailure where failure.category != .cancelled {
      failure.message = "\(catalogue.name(of: slices[index])): \(failure.message)"
      throw failure
    }
  }

  private func place(_ index: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: memory[index * sliceBytes..<(index + 1) * sliceBytes])
  }

  private func stored(_ index: Int, swaps: Bool) -> StoredPixels {
    let instance = catalogue.instances[slices[index].instance]
    let frame = catalogue.frame(slices[index])
    return StoredPixels(
      format: instance.format, kind: instance.pixels?.kind ?? .integer, swaps: swaps,
      slope: frame.slope, intercept: frame.intercept)
  }

  private func open(_ index: Int) throws -> OpenPixels {
    let number = slices[index].instance
    let instance = catalogue.instances[number]
    let path = catalogue.files[instance.file].path
    if instance.format.frames == 1 { return try OpenPixels(instance, path) }
    return try shared.withLock { shared in
      if let known = shared[number] { return known }
      let fresh = try OpenPixels(instance, path)
      shared[number] = fresh
      return fresh
    }
  }

  func readNative(_ index: Int) throws {
    let open = try open(index)
    let instance = catalogue.instances[slices[index].instance]
    let isBig = instance.syntax.encoding.isBig
    let stored = stored(index, swaps: isBig)
    let start = catalogue.frame(slices[index]).index * instance.format.frameBytes
    // Words hold two pixels of a byte.
    let isSwapped =
      isBig && instance.pixels?.isWords == true && instance.format.bitsAllocated == 8
    if stored.isDirect(type) {
      try read(open, start, into: place(index), isSwapped)
      stored.normalise(place(index))
      return
    }
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: instance.format.frameBytes, alignment: 64)
    defer { scratch.deallocate() }
    try read(open, start, into: scratch, isSwapped)
    stored.normalise(scratch)
    stored.convert(scratch, to: type, place(index))
  }

  /// Reads bytes of the pixels; with an odd number of them, a word may hold the last pixel of one frame and the first of
  /// the next.
  private func read(
    _ open: OpenPixels, _ start: Int, into bytes: UnsafeMutableRawBufferPointer, _ isSwapped: Bool
  ) throws {
    if !isSwapped { return try open.read(at: open.offset + start, into: bytes) }
    let first = start & ~1
    let words = UnsafeMutableRawBufferPointer.allocate(
      byteCount: (start + bytes.count + 1) & ~1 - first, alignment: 64)
    defer { words.deallocate() }
    try open.read(at: open.offset + first, into: words)
    for index in bytes.indices { bytes[index] = words[(start - first + index) ^ 1] }
  }

  func readCompressed(_ index: Int, _ handover: DecoderCrew.Handover) throws {
    let open = try open(index)
    let instance = catalogue.instances[slices[index].instance]
    let stream = try open.stream(catalogue.frame(slices[index]).index)
    let stored = stored(index, swaps: false)
    let pixels = UnsafeMutableRawBufferPointer.allocate(
      byteCount: instance.format.frameBytes, alignment: 64)
    defer { pixels.deallocate() }
    try FrameDecoder.decode(stream, instance.format, instance.syntax, into: pixels)
    stored.normalise(pixels)
    handover {
      if stored.isDirect(type) {
        place(index).copyMemory(from: UnsafeRawBufferPointer(pixels))
      } else {
        stored.convert(pixels, to: type, place(index))
      }
    }
  }
}

/// A file whose pixels are being read.
private final class OpenPixels: @unchecked Sendable {
  // @unchecked: reading at an offset is legal on every thread, and nothing else changes.
  private let source: Source
  private let fragments: Fragments?
  /// Where native pixels begin.
  let offset: Int

  private enum Source {
    case file(OpenFile)
    case whole(ByteSource)
  }

  /// - Throws: `StageFailure`: FILE_CHANGED when it is no longer what its header was read from.
  init(_ instance: Instance, _ path: String) throws {
    guard let pixels = instance.pixels else {
      throw StageFailure(.internal, "a file without pixels was not refused")
    }
    offset = pixels.offset
    let isCompressed = instance.syntax.pixels != .native
    if instance.syntax == .deflated || isCompressed {
      guard case .dicom(let file) = try DICOMFile.open(path),
        file.source.identity == instance.identity
      else { throw Self.changed }
      source = .whole(file.source)
      fragments =
        isCompressed
        ? try Fragments(
          file.source, at: pixels.offset, frames: instance.format.frames, syntax: instance.syntax)
        : nil
    } else {
      let file = try OpenFile(path: path)
      if file.identity != instance.identity { throw Self.changed }
      source = .file(file)
      fragments = nil
    }
  }

  private static var changed: StageFailure {
    StageFailure(
      .badInput, code: "FILE_CHANGED", "the file changed while the run was reading the folder",
      hint: "run again when the folder is complete; see the parameter settle")
  }

  func read(at offset: Int, into memory: UnsafeMutableRawBufferPointer) throws {
    switch source {
    case .whole(let bytes): try bytes.read(at: offset, into: memory)
    case .file(let file):
      if try file.read(at: offset, into: memory) != memory.count { throw Self.changed }
    }
  }

  func stream(_ frame: Int) throws -> [UInt8] {
    guard let fragments, case .whole(let source) = source else { return [] }
    return try fragments.stream(frame, source)
  }
}
