internal import PonsCommand
internal import PonsKit
internal import Testing

@Suite struct DoctorTests {
  private static func services(
    _ libraries: @escaping @Sendable (String) -> Result<[LibraryInUse], StageCatalogue.Problem>
  ) -> Services {
    Services(
      catalogue: { _, _ in
        StageCatalogue(
          entries: FakeServices.descriptors.map {
            StageCatalogue.Entry(descriptor: $0, plugin: "test", file: "/plugins/libpons-test.so")
          }, libraries: libraries
        ) { _ in throw StageFailure(.internal, "nothing is run") }
      },
      makeRun: { _, _ in throw StageFailure(.internal, "nothing is run") },
      interruption: { _, _ in })
  }

  @Test func `libraries in use are shown with who uses them, and warned about`() {
    let services = Self.services { _ in
      .success([
        LibraryInUse("LibTorch", version: "1.13.0", detail: "AVX2"),
        LibraryInUse("BLAS", version: "reference BLAS", warning: "this is slow"),
      ])
    }
    let result = ProgramResult(["doctor"], services: services)
    #expect(result.code == .success)
    #expect(result.out.contains("LibTorch 1.13.0, AVX2"))
    #expect(result.out.contains("warning: this is slow"))
    #expect(result.out.hasSuffix("0 problems, 1 warnings.\n"))
    let version = ProgramResult(["version"], services: services)
    #expect(version.out.contains("\nLibTorch 1.13.0, AVX2\n"))
  }

  @Test func `a plugin that cannot tell its libraries is a problem`() {
    let services = Self.services { file in
      .failure(.init(file: file, message: "it crashes when it is opened", hint: "reinstall it"))
    }
    let result = ProgramResult(["doctor"], services: services)
    #expect(result.code == .failure)
    #expect(result.out.contains("it crashes when it is opened"))
    #expect(result.out.contains("hint: reinstall it"))
  }
}
