package import PonsEngine

/// The parts of Pons that commands use, so that tests can put others in their place.
package struct Services: Sendable {
  /// Finds the stages.
  package var catalogue: @Sendable (CatalogueRequest, CommandContext) throws -> StageCatalogue
  /// Prepares a run; events go to the observer.
  package var makeRun:
    @Sendable (RunConfiguration, @escaping @Sendable (RunEvent) -> Void) throws -> any RunningGraph
  /// Looks what a run would do.
  package var makePlan: @Sendable (RunConfiguration) throws -> RunPlan
  /// Waits for people and systems that want the run to end; see ``Interruption``.
  package var interruption:
    @Sendable (_ first: @escaping @Sendable () -> Void, _ second: @escaping @Sendable () -> Void)
      -> Void

  /// The parts that commands use.
  package init(
    catalogue:
      @escaping @Sendable (CatalogueRequest, CommandContext) throws -> StageCatalogue,
    makeRun:
      @escaping @Sendable (RunConfiguration, @escaping @Sendable (RunEvent) -> Void) throws
      -> any RunningGraph,
    makePlan: @escaping @Sendable (RunConfiguration) throws -> RunPlan = {
      try Run($0) { _ in }.plan()
    },
    interruption:
      @escaping @Sendable (
        _ first: @escaping @Sendable () -> Void, _ second: @escaping @Sendable () -> Void
      ) -> Void
  ) {
    self.interruption = interruption
    self.catalogue = catalogue
    self.makeRun = makeRun
    self.makePlan = makePlan
  }
}
