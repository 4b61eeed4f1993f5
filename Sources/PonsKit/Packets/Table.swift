/// Rows and columns, as they go through ports of ``TableKind``.
///
/// In the packet every column is a tensor: float64 or int64 `[rows]`, or for text the UTF-8 bytes of a JSON array of
/// strings. The metadata says it: `{"columns": [{"name": "mean", "type": "number", "unit": "HU"}], "rows": 3}`.
public struct Table: Sendable, Hashable {
  /// The values of a column, one a row.
  public enum Values: Sendable, Hashable {
    case numbers([Double])
    case integers([Int64])
    case strings([String])

    /// How many rows.
    public var count: Int {
      switch self {
      case .numbers(let values): values.count
      case .integers(let values): values.count
      case .strings(let values): values.count
      }
    }
  }

  /// One column.
  public struct Column: Sendable, Hashable {
    /// `[A-Za-z0-9_.-]+`, unique in the table.
    public var name: String
    /// One value a row.
    public var values: Values
    /// Unit of the values, or nil.
    public var unit: String?

    /// A column of a table.
    public init(_ name: String, _ values: Values, unit: String? = nil) {
      self.name = name
      self.values = values
      self.unit = unit
    }
  }

  /// The columns, in order.
  public var columns: [Column]

  /// A table of columns with equally many rows.
  public init(_ columns: [Column]) { self.columns = columns }

  /// The column with a name.
  public func column(_ name: String) -> Column? { columns.first { $0.name == name } }
  /// How many rows; of the shortest column should they differ.
  public var rowCount: Int { columns.map(\.values.count).min() ?? 0 }
}

extension Table {
  init(reading packet: InputPacket<TableKind>) throws {
    let declared = try packet.metadata["columns"]?.array ?? []
    columns = try declared.map { column in
      guard let name = column["name"]?.string else {
        throw StageFailure(.badInput, code: "BAD_TABLE", "a column of the table has no name")
      }
      let tensor = try packet.tensor(name)
      let values: Values
      switch column["type"]?.string {
      case "number": values = .numbers(try tensor.array())
      case "integer": values = .integers(try tensor.array())
      case "string":
        let bytes = try tensor.array(of: UInt8.self)
        values = .strings((try JSON(parsing: bytes).array ?? []).compactMap(\.string))
      default:
        throw StageFailure(
          .badInput, code: "BAD_TABLE",
          "column '\(name)' has no type; expected number, integer or string")
      }
      return Column(name, values, unit: column["unit"]?.string)
    }
  }

  var metadata: [String: JSON] {
    let described: [JSON] = columns.map { column in
      var members: [String: JSON] = ["name": .string(column.name)]
      switch column.values {
      case .numbers: members["type"] = "number"
      case .integers: members["type"] = "integer"
      case .strings: members["type"] = "string"
      }
      if let unit = column.unit { members["unit"] = .string(unit) }
      return .object(members)
    }
    return ["columns": .array(described), "rows": .integer(Int64(rowCount))]
  }

  /// The bytes of one column as they go into its tensor, with the tensor.
  static func tensor(of column: Column) -> (TensorRequest, [UInt8]) {
    switch column.values {
    case .numbers(let values):
      let bytes = values.withUnsafeBytes { Array($0) }
      return (TensorRequest(column.name, .float64, [values.count]), bytes)
    case .integers(let values):
      let bytes = values.withUnsafeBytes { Array($0) }
      return (TensorRequest(column.name, .int64, [values.count]), bytes)
    case .strings(let values):
      let bytes = Array(JSON.array(values.map(JSON.string)).canonical.utf8)
      return (TensorRequest(column.name, .uint8, [bytes.count]), bytes)
    }
  }
}
