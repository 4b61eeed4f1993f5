internal import PonsKit

extension Packet {
  /// The most rows, slices or prompts that an explanation has.
  private static let limit = 512

  /// The content of packets of small kinds, and the extent of masks, for explanations.
  ///
  /// - table: `columns` and `rows`, those of a case when some name it; - slice-labels: one `{"z", "label", "probability"}` a slice;
  /// - prompts: `boxes` and `points`; - mask: `voxels` that are not zero, and the first and last `slices` that have some.
  ///
  /// - Returns: nil for other kinds, and for packets that are not as their kind says.
  func shortValues(of caseKey: String?) -> JSON? {
    switch kind {
    case "table": table(of: caseKey)
    case "slice-labels": sliceLabels
    case "prompts": prompts
    case "mask": extent
    default: nil
    }
  }

  private var facts: JSON { (try? JSON(parsing: metadata)) ?? [:] }

  private func numbers(_ name: String) -> [JSON]? {
    guard let tensor = tensor(name) else { return nil }
    func values<Element>(_ type: Element.Type, _ make: (Element) -> JSON) -> [JSON] {
      withBytes(of: name) { bytes in
        guard let bytes else { return [] }
        return (0..<bytes.count / MemoryLayout<Element>.stride).map {
          make(
            bytes.loadUnaligned(
              fromByteOffset: $0 * MemoryLayout<Element>.stride, as: Element.self))
        }
      }
    }
    switch tensor.type {
    case .float64: return values(Double.self) { .number($0) }
    case .float32: return values(Float.self) { .number((Double($0) * 1e4).rounded() / 1e4) }
    case .int64: return values(Int64.self) { .integer($0) }
    case .int32: return values(Int32.self) { .integer(Int64($0)) }
    case .int8: return values(Int8.self) { .integer(Int64($0)) }
    case .uint8: return values(UInt8.self) { .integer(Int64($0)) }
    default: return nil
    }
  }

  private func table(of caseKey: String?) -> JSON? {
    guard let declared = facts["columns"]?.array else { return nil }
    var columns: [(name: String, values: [JSON])] = []
    for column in declared {
      guard let name = column["name"]?.string else { return nil }
      if column["type"]?.string == "string" {
        let text = withBytes(of: name) { $0.map { Array($0) } } ?? []
        columns.append((name, (try? JSON(parsing: text))?.array ?? []))
      } else {
        columns.append((name, numbers(name) ?? []))
      }
    }
    let rows = (0..<(columns.map(\.values.count).min() ?? 0)).map { row in
      columns.map { $0.values[row] }
    }
    let own = rows.filter { row in caseKey.map { row.contains(.string($0)) } ?? false }
    let shown = own.isEmpty ? Array(rows.prefix(Self.limit)) : own
    return [
      "columns": .array(columns.map { .string($0.name) }), "count": .integer(Int64(rows.count)),
      "rows": .array(shown.map(JSON.array)),
    ]
  }

  private var sliceLabels: JSON? {
    guard let labels = numbers("label"), let probabilities = numbers("probability"),
      !labels.isEmpty, probabilities.count % labels.count == 0
    else { return nil }
    let classes = (facts["classes"]?.array ?? []).compactMap(\.string)
    let width = probabilities.count / labels.count
    return [
      "classes": .array(classes.map(JSON.string)),
      "slices": .array(
        labels.prefix(Self.limit).enumerated().map { z, label in
          let number = Int(label.integer ?? -1)
          return [
            "z": .integer(Int64(z)),
            "label": classes.indices.contains(number) ? .string(classes[number]) : .null,
            "probability": .array(Array(probabilities[z * width..<(z + 1) * width])),
          ]
        }),
    ]
  }

  private var prompts: JSON? {
    func rows(_ name: String, _ fields: [String]) -> JSON {
      let values = numbers(name) ?? []
      return .array(
        (0..<min(values.count / fields.count, Self.limit)).map { row in
          .object(
            Dictionary(
              uniqueKeysWithValues: fields.enumerated().map {
                ($1, values[row * fields.count + $0])
              }))
        })
    }
    return [
      "boxes": rows("boxes", ["z", "x0", "y0", "x1", "y1"]),
      "points": rows("points", ["z", "x", "y", "label"]),
    ]
  }

  private var extent: JSON? {
    guard let voxels = tensor("voxels"), voxels.type == .uint8, voxels.shape.count == 3,
      voxels.byteCount > 0
    else { return nil }
    let slice = voxels.shape[1] * voxels.shape[2]
    return withBytes(of: "voxels") { bytes in
      guard let bytes else { return nil }
      var total = 0
      var first: Int?
      var last = 0
      for z in 0..<voxels.shape[0] {
        let count = bytes[z * slice..<(z + 1) * slice].reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
        if count == 0 { continue }
        total += count
        first = first ?? z
        last = z
      }
      var members: [String: JSON] = ["voxels": .integer(Int64(total))]
      if let first { members["slices"] = [.integer(Int64(first)), .integer(Int64(last))] }
      return .object(members)
    }
  }
}
