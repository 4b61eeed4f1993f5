package import PonsEngine

/// A run that was prepared. The engine's is the only one outside tests.
package protocol RunningGraph: Sendable {
  /// Runs, and returns when all is over. Once.
  func start() throws -> RunSummary
  /// Asks the run to end soon. Any thread, any time.
  func cancel()
}

/// The parts of Pons that commands use, so that tests can put others in their place.
package struct Services: Sendable {
  /// Finds the stages.
  package var catalogue: @Sendable (CatalogueRequest, CommandContext) throws -> StageCatalogue
  /// Prepares a run; events go to the observer.
  package var makeRun:
    @Sendable (RunConfiguration, @escaping @Sendable (RunEvent) -> Void) throws -> any RunningGraph

  /// The parts that commands use.
  package init(
    catalogue:
      @escaping @Sendable (CatalogueRequest, CommandContext) throws -> StageCatalogue,
    makeRun:
      @escaping @Sendable (RunConfiguration, @escaping @Sendable (RunEvent) -> Void) throws
      -> any RunningGraph
  ) {
    self.catalogue = catalogue
    self.makeRun = makeRun
  }
}
