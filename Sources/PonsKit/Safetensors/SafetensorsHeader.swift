/// The header of a safetensors file: which tensors lie where in the data that follows it.
///
/// A file is the length N of the header (8 bytes, little-endian), N bytes of JSON, and the data. The format
/// allows no holes in the data, so gaps between aligned tensors are tensors themselves: uint8, named
/// `__pad_0`, `__pad_1`, ... The JSON is padded with spaces until the data starts at a multiple of 64 bytes.
public struct SafetensorsHeader: Sendable, Hashable {
  /// Where one tensor is.
  public struct Entry: Sendable, Hashable {
    /// Unique in the file.
    public var name: String
    /// Type of the elements.
    public var type: ElementType
    /// Slowest index first.
    public var shape: [Int]
    /// First byte, counted from the start of the data.
    public var offset: Int
    /// Bytes of all elements.
    public var byteCount: Int

    /// Says where a tensor is. The size follows from type and shape, whose product must not overflow.
    public init(_ name: String, _ type: ElementType, _ shape: [Int], offset: Int) {
      self.name = name
      self.type = type
      self.shape = shape
      self.offset = offset
      byteCount = shape.reduce(type.size, *)
    }
  }

  /// Tensors by rising offset, without padding.
  public var entries: [Entry]
  /// The strings under `__metadata__`.
  public var metadata: [String: String]
  /// Bytes of the data, with the padding after the last tensor.
  public var dataSize: Int

  /// What data and tensors are aligned to, in bytes.
  public static let alignment = 64
  /// Longer headers are refused, as by other readers.
  public static let maximumSize = 100_000_000

  /// A header for tensors whose places are known.
  ///
  /// - Parameters:
  ///   - entries: in any order; they must not overlap.
  ///   - metadata: strings for `__metadata__`.
  ///   - dataSize: bytes of the data; nil means up to the end of the last tensor.
  /// - Throws: ``SafetensorsError`` when tensors overlap, share a name, or lie beyond `dataSize`.
  public init(
    entries: [Entry], metadata: [String: String] = [:], dataSize: Int? = nil
  ) throws(SafetensorsError) {
    self.entries = entries.sorted {
      ($0.offset, $0.byteCount, $0.name) < ($1.offset, $1.byteCount, $1.name)
    }
    self.metadata = metadata
    self.dataSize = dataSize ?? entries.map { $0.offset + $0.byteCount }.max() ?? 0
    try checkPlaces(allowsHoles: true)
    var names: Set<String> = []
    for entry in entries where !names.insert(entry.name).inserted {
      throw SafetensorsError("the name occurs twice", tensor: entry.name)
    }
  }

  /// A header for tensors that are laid out one after the other, each aligned to 64 bytes.
  public init(
    layingOut tensors: [TensorRequest], metadata: [String: String] = [:]
  ) throws(SafetensorsError) {
    var end = 0
    var entries: [Entry] = []
    for tensor in tensors {
      guard let byteCount = Self.byteCount(tensor.type, tensor.shape),
        byteCount < Int.max - end - 64
      else { throw SafetensorsError("the shape \(tensor.shape) is too large", tensor: tensor.name) }
      entries.append(Entry(tensor.name, tensor.type, tensor.shape, offset: end))
      end = Self.aligned(end + byteCount)
    }
    try self.init(entries: entries, metadata: metadata)
  }

  /// The tensor with a name.
  public func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }

  static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) & ~(alignment - 1) }

  static func byteCount(_ type: ElementType, _ shape: [Int]) -> Int? {
    var count = type.size
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow || extent < 0 { return nil }
      count = product
    }
    return count
  }

  func checkPlaces(allowsHoles: Bool) throws(SafetensorsError) {
    var end = 0
    for entry in entries {
      if entry.offset < end {
        throw SafetensorsError("it overlaps the tensor before it", tensor: entry.name)
      }
      if entry.offset > end, !allowsHoles {
        throw SafetensorsError(
          "\(entry.offset - end) bytes before it belong to no tensor", tensor: entry.name)
      }
      let (next, overflow) = entry.offset.addingReportingOverflow(entry.byteCount)
      if overflow || next > dataSize {
        throw SafetensorsError(
          "it ends beyond the data, which has \(dataSize) bytes", tensor: entry.name)
      }
      end = next
    }
    if end < dataSize, !allowsHoles {
      throw SafetensorsError("the last \(dataSize - end) bytes of the data belong to no tensor")
    }
  }
}
