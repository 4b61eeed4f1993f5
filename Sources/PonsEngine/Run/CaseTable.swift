internal import PonsKit

/// The private table that maps case keys back to what the sources call them: `OUT/phi/cases.tsv`, mode 0600.
enum CaseTable {
  /// A text as one field: tabs, line ends and backslashes are escaped.
  static func field(_ text: String) -> String {
    var field = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t": field += "\\t"
      case "\n": field += "\\n"
      case "\r": field += "\\r"
      case "\\": field += "\\\\"
      default: field.unicodeScalars.append(scalar)
      }
    }
    return field
  }

  static func write(_ rows: [String], to output: String) throws {
    if rows.isEmpty { return }
    try FileSystem.makeFolders("\(output)/phi", mode: 0o700)
    let text = (["case\tsource\tname\tfiles"] + rows.sorted()).joined(separator: "\n") + "\n"
    try FileSystem.replace("\(output)/phi/cases.tsv", with: text, mode: 0o600)
  }
}
