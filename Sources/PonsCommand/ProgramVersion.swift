/// Version of this build.
package enum ProgramVersion {
  /// Version of Pons.
  package static let text = "0.1.0"
}
