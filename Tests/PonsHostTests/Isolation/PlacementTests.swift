import PonsEngine
import PonsHost
import PonsKit
import PonsManifest
import Testing

extension IsolatedStages {
  /// Where stages run when nobody says it, and when somebody does.
  struct PlacementTests {
    private static let registry = PluginRegistry(
      searchPath: PluginSearchPath(executable: HostilePlugin.products + "/pons", environment: ""),
      scanner: PluginScanner(worker: HostilePlugin.worker, cacheFolder: nil))

    private func isIsolated(_ id: String, _ said: Bool?) throws -> Bool {
      let folder = try HostilePlugin.temporaryFolder()
      defer { HostilePlugin.remove(folder) }
      let stage = GraphStage(
        name: "s", descriptor: try #require(Self.registry.stage(id)),
        isolation: Isolation(isIsolated: said))
      return try Self.registry.placeable(for: id).placed(for: stage, folder: folder).isIsolated
    }

    @Test(arguments: ["dicom.read", "nifti.read", "model.read"])
    func `what parses foreign files runs in a process of its own unless that is forbidden`(
      id: String
    ) throws {
      #expect(try isIsolated(id, nil))
      #expect(try !isIsolated(id, false))
    }

    @Test func `what came with Pons and parses none runs in this process unless it is sent out`()
      throws
    {
      #expect(try !isIsolated("volume.statistics", nil))
      #expect(try isIsolated("volume.statistics", true))
    }
  }
}
