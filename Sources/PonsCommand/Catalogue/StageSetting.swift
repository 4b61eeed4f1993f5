package import PonsKit

/// A parameter of a stage on the command line: `nifti.read.path=scans`.
package struct StageSetting: Sendable, Hashable {
  /// Id of the stage.
  package var stage: String
  /// Name of the parameter.
  package var parameter: String
  /// Its value: JSON, or text when it is none.
  package var value: JSON

  /// Reads a setting; ids of stages have dots, names of parameters do not.
  package init?(_ text: String) {
    guard let equals = text.firstIndex(of: "="), let dot = text[..<equals].lastIndex(of: ".")
    else { return nil }
    stage = String(text[..<dot])
    parameter = String(text[text.index(after: dot)..<equals])
    let written = String(text[text.index(after: equals)...])
    if stage.isEmpty || parameter.isEmpty { return nil }
    value = (try? JSON(parsing: written)) ?? .string(written)
  }
}
