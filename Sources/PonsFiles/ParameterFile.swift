internal import PonsKit

/// A small file that a parameter of a manifest names.
package enum ParameterFile {
  /// All bytes of it.
  ///
  /// - Parameters:
  ///   - path: as the manifest has it.
  ///   - parameter: its name.
  ///   - limit: how many bytes it may have.
  /// - Throws: `StageFailure` of category `badParameter` that names the parameter: NOT_FOUND, TOO_LARGE.
  package static func read(_ path: String, parameter: String, limit: Int = 256 << 20) throws
    -> [UInt8]
  {
    let file: OpenFile
    do {
      file = try OpenFile(path: path)
    } catch let failure as StageFailure where failure.category == .badInput {
      throw StageFailure(
        .badParameter, code: "NOT_FOUND",
        "the file of '\(parameter)' cannot be read: \(failure.message)",
        hint: "check the path; a relative one counts from where pons runs", parameter: parameter)
    }
    if file.size > limit {
      throw StageFailure(
        .badParameter, code: "TOO_LARGE",
        "the file of '\(parameter)' has \(file.size) bytes, the most is \(limit)",
        hint: "check the path; this file is something else", parameter: parameter)
    }
    var bytes = [UInt8](repeating: 0, count: file.size)
    let count = try bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
    bytes.removeLast(bytes.count - count)
    return bytes
  }
}
