extension Services {
  /// The host finds the stages, the engine runs them.
  package static let standard = Services(
    catalogue: { _, _ in StageCatalogue(entries: []) },
    makeRun: { _, _ in throw CommandFailure("pending") })
}
