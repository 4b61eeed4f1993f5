internal import CPons
internal import PonsKit

/// Reads what a plugin hands over during a call. Everything is checked: a plugin's mistake becomes an error.
enum BridgeReading {
  static func text(_ text: pons_string, _ what: String) throws -> String {
    if text.length == 0 { return "" }
    guard let data = text.data, text.length <= 1 << 30 else {
      throw mistake("\(what) has \(text.length) bytes at NULL, or more than 1 GiB")
    }
    let bytes = UnsafeRawBufferPointer(start: data, count: Int(text.length))
    guard let valid = String(validating: bytes, as: UTF8.self) else {
      throw mistake("\(what) is not valid UTF-8")
    }
    return valid
  }

  /// Text for people, where a wrong byte must not hide the rest.
  static func lossy(_ text: pons_string) -> String {
    guard let data = text.data, text.length > 0, text.length <= 1 << 20 else { return "" }
    let bytes = UnsafeRawBufferPointer(start: data, count: Int(text.length))
    return String(decoding: bytes, as: UTF8.self)
  }

  static func object(_ text: pons_string, _ what: String) throws -> JSON {
    let text = try self.text(text, what)
    if text.isEmpty || text == "{}" { return .object([:]) }
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: text)
    } catch {
      throw mistake("\(what) is no JSON: \(error)")
    }
    if json.object == nil { throw mistake("\(what) is no JSON object") }
    return json
  }

  ///
  /// - Parameter minimum: the size that the struct had at first: fields that its author did not compile are zero.
  static func record<Record>(
    _ pointer: UnsafePointer<Record>?, _ what: String, minimum: Int = MemoryLayout<Record>.size
  ) throws -> Record {
    guard let pointer else { throw mistake("\(what) is NULL") }
    // `size` is the first member of every struct that grows.
    let given = UnsafeRawPointer(pointer).load(as: UInt64.self)
    if given < minimum {
      throw mistake("\(what) has size \(given), expected at least \(minimum)")
    }
    let size = min(Int(clamping: given), MemoryLayout<Record>.size)
    return withUnsafeTemporaryAllocation(of: Record.self, capacity: 1) { record in
      let bytes = UnsafeMutableRawBufferPointer(record)
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      bytes.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: size))
      return record[0]
    }
  }

  static func count(_ count: UInt64, limit: Int, _ what: String) throws -> Int {
    if count > UInt64(limit) { throw mistake("\(count) \(what), expected at most \(limit)") }
    return Int(count)
  }

  static func shape(
    _ pointer: UnsafePointer<Int64>?, _ ndim: Int32, _ what: String
  ) throws -> [Int] {
    if ndim < 0 || ndim > PONS_MAX_DIMENSIONS {
      throw mistake("\(what) has \(ndim) dimensions, expected 0 to \(PONS_MAX_DIMENSIONS)")
    }
    if ndim == 0 { return [] }
    guard let pointer else { throw mistake("the shape of \(what) is NULL") }
    return (0..<Int(ndim)).map { Int(pointer[$0]) }
  }

  static func output(_ pointer: UnsafePointer<pons_output>?) throws -> (
    port: String, caseKey: String?, tensors: [TensorRequest]
  ) {
    let output = try record(pointer, "pons_output")
    let count = try count(output.tensor_count, limit: 1 << 20, "tensors in one packet")
    var tensors: [TensorRequest] = []
    for index in 0..<count {
      let request = try record(output.tensors?[index], "pons_tensor_request")
      let name = try text(request.name, "a tensor's name")
      guard let type = ElementType(dlpackCode: request.code, bits: request.bits) else {
        throw mistake("tensor '\(name)' has unknown code \(request.code), bits \(request.bits)")
      }
      tensors.append(
        TensorRequest(name, type, try shape(request.shape, request.ndim, "tensor '\(name)'")))
    }
    let key = try text(output.case_key, "the case key")
    return (try text(output.port, "the port"), key.isEmpty ? nil : key, tensors)
  }

  static func shapes(
    _ count: UInt64, _ pointers: UnsafePointer<UnsafePointer<pons_final_shape>?>?
  ) throws -> [String: [Int]] {
    var shapes: [String: [Int]] = [:]
    for index in 0..<(try self.count(count, limit: 1 << 20, "final shapes")) {
      let final = try record(pointers?[index], "pons_final_shape")
      let name = try text(final.name, "a tensor's name")
      shapes[name] = try shape(final.shape, final.ndim, "tensor '\(name)'")
    }
    return shapes
  }

  static func pieces(_ count: UInt64, _ pointer: UnsafePointer<pons_bytes>?) throws
    -> [UnsafeRawBufferPointer]
  {
    let count = try self.count(count, limit: 1 << 20, "pieces of a file")
    if count == 0 { return [] }
    guard let pointer else { throw mistake("the pieces of a file are NULL") }
    return try UnsafeBufferPointer(start: pointer, count: count).map { piece in
      guard piece.size == 0 || piece.data != nil, piece.size <= UInt64(Int.max) else {
        throw mistake("a piece of a file has \(piece.size) bytes at NULL, or too many")
      }
      return UnsafeRawBufferPointer(
        start: piece.data, count: piece.data == nil ? 0 : Int(piece.size))
    }
  }

  static func failure(_ pointer: UnsafePointer<pons_error>?) -> StageFailure {
    guard let error = try? record(pointer, "pons_error") else {
      return mistake("it described an error with a broken pons_error")
    }
    let parameter = lossy(error.parameter)
    let port = lossy(error.port)
    let message = lossy(error.message)
    return StageFailure(
      StageFailure.Category(rawValue: error.status) ?? .internal, code: lossy(error.code),
      message.isEmpty ? "no reason given" : message, hint: lossy(error.hint),
      parameter: parameter.isEmpty ? nil : parameter, port: port.isEmpty ? nil : port)
  }

  static func mistake(_ message: String) -> StageFailure {
    StageFailure(.internal, code: "PLUGIN_MISTAKE", message)
  }
}
