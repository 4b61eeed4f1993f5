// swift-tools-version: 6.2
import PackageDescription

// Every Swift target is compiled with these: one door for C, no accidental existentials, no
// warning left.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

// A plugin exports its entry point and nothing else: its own copy of PonsKit must not be mixed up
// with the host's.
let pluginLinking: [LinkerSetting] = [
  .unsafeFlags([
    "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/CPons/plugin.map",
  ])
]

let package = Package(
  name: "pons",
  products: [
    .library(name: "PonsKit", targets: ["PonsKit"]),
    .library(name: "pons-nifti", type: .dynamic, targets: ["NIfTIPlugin"]),
    .library(name: "pons-statistics", type: .dynamic, targets: ["StatisticsPlugin"]),
    // For tests of the host only; its name keeps it out of the folder scan for libpons-*.so.
    .library(name: "fixture-plugin", type: .dynamic, targets: ["FixturePlugin"]),
  ],
  targets: [
    .systemLibrary(name: "CPons", path: "Sources/CPons"),
    .target(
      name: "PonsKit", dependencies: ["CPons"], path: "Sources/PonsKit", swiftSettings: strict),
    .target(
      name: "PonsManifest", dependencies: ["PonsKit"], path: "Sources/PonsManifest",
      swiftSettings: strict),
    .target(
      name: "PonsEngine", dependencies: ["PonsKit", "PonsManifest"], path: "Sources/PonsEngine",
      swiftSettings: strict),
    .target(
      name: "FixturePlugin", dependencies: ["PonsKit"], path: "Tests/FixturePlugin",
      swiftSettings: strict, linkerSettings: pluginLinking),
    .testTarget(
      name: "PonsKitTests", dependencies: ["PonsKit", "CPons"], path: "Tests/PonsKitTests",
      swiftSettings: strict),

    // Plugins. Each is a target with its code, and a target with its entry only, because two entries cannot be linked
    // into one test program.
    .target(
      name: "CNIfTI", path: "Plugins/NIfTI/CNIfTI", cSettings: [.headerSearchPath("niftilib")],
      linkerSettings: [
        .linkedLibrary("nifti2"), .linkedLibrary("isal"), .linkedLibrary("deflate"),
      ]),
    .target(
      name: "NIfTI", dependencies: ["CNIfTI", "PonsKit"], path: "Plugins/NIfTI",
      exclude: ["CNIfTI", "Entry"], swiftSettings: strict),
    .target(
      name: "NIfTIPlugin", dependencies: ["NIfTI", "PonsKit"], path: "Plugins/NIfTI/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking),
    .target(
      name: "Statistics", dependencies: ["PonsKit"], path: "Plugins/Statistics",
      exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "StatisticsPlugin", dependencies: ["Statistics", "PonsKit"],
      path: "Plugins/Statistics/Entry", swiftSettings: strict, linkerSettings: pluginLinking),
    .target(
      name: "CFloor", path: "Benchmarks/NIfTIRead/CFloor",
      linkerSettings: [.linkedLibrary("deflate")]),
    .executableTarget(
      name: "nifti-read-benchmark", dependencies: ["CFloor", "NIfTI", "PonsKit"],
      path: "Benchmarks/NIfTIRead/Program", swiftSettings: strict),
    .testTarget(
      name: "NIfTITests", dependencies: ["NIfTI", "PonsKit"], path: "Tests/NIfTITests",
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "StatisticsTests", dependencies: ["Statistics", "PonsKit"],
      path: "Tests/StatisticsTests", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
