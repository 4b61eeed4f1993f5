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
    .systemLibrary(
      name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    .target(
      name: "PonsEngine", dependencies: ["COpenSSL", "PonsKit", "PonsManifest"],
      path: "Sources/PonsEngine",
      swiftSettings: strict),
    .target(name: "CPonsSystem", path: "Sources/CPonsSystem"),
    .target(
      name: "PonsHost", dependencies: ["CPons", "CPonsSystem", "PonsKit", "PonsEngine"],
      path: "Sources/PonsHost",
      swiftSettings: strict),
    .executableTarget(
      name: "pons-worker", dependencies: ["PonsHost"], path: "Sources/pons-worker",
      swiftSettings: strict),
    .target(
      name: "FixturePlugin", dependencies: ["PonsKit"], path: "Tests/FixturePlugin",
      swiftSettings: strict, linkerSettings: pluginLinking),
    .target(
      name: "CPonsLayout", dependencies: ["CPons"], path: "Tests/CPonsTests/Layout",
      cSettings: [.headerSearchPath("../../../Sources/CPons/include")]),
    .testTarget(
      name: "CPonsTests", dependencies: ["CPons", "CPonsLayout", "PonsHost"],
      path: "Tests/CPonsTests", exclude: ["Layout"], swiftSettings: strict),
    .testTarget(
      name: "PonsHostTests",
      dependencies: ["PonsHost", "PonsEngine", "PonsKit", "pons-worker"],
      path: "Tests/PonsHostTests", exclude: ["Hostile"], swiftSettings: strict),
    .testTarget(
      name: "PonsKitTests", dependencies: ["PonsKit", "CPons"], path: "Tests/PonsKitTests",
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
