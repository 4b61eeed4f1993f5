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
    .executable(name: "pons", targets: ["pons"]),
    // For tests of the host only; its name keeps it out of the folder scan for libpons-*.so.
    .library(name: "fixture-plugin", type: .dynamic, targets: ["FixturePlugin"]),
  ],
  targets: [
    .systemLibrary(name: "CPons", path: "Sources/CPons"),
    .systemLibrary(
      name: "CYAML", path: "Sources/CYAML", pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"])]),
    .target(
      name: "PonsKit", dependencies: ["CPons"], path: "Sources/PonsKit", swiftSettings: strict),
    .target(
      name: "PonsManifest", dependencies: ["PonsKit", "CYAML"], path: "Sources/PonsManifest",
      swiftSettings: strict),
    .systemLibrary(
      name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    .target(name: "CPonsSystem", path: "Sources/CPonsSystem"),
    .target(
      name: "PonsEngine", dependencies: ["COpenSSL", "CPonsSystem", "PonsKit", "PonsManifest"],
      path: "Sources/PonsEngine", swiftSettings: strict),
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
    .testTarget(
      name: "PonsEngineTests", dependencies: ["PonsEngine", "PonsKit", "PonsManifest"],
      path: "Tests/PonsEngineTests", swiftSettings: strict),
    .testTarget(
      name: "PonsKitTests", dependencies: ["PonsKit", "CPons"], path: "Tests/PonsKitTests",
      swiftSettings: strict),
    .target(
      name: "PonsCommand",
      dependencies: ["CPons", "CPonsSystem", "PonsKit", "PonsManifest", "PonsEngine", "PonsHost"],
      path: "Sources/PonsCommand", swiftSettings: strict),
    .executableTarget(
      name: "pons", dependencies: ["PonsCommand"], path: "Sources/pons", swiftSettings: strict),
    .testTarget(
      name: "PonsCommandTests",
      dependencies: ["PonsCommand", "PonsEngine", "PonsKit", "PonsManifest"],
      path: "Tests/PonsCommandTests", swiftSettings: strict),
    .testTarget(
      name: "PonsManifestTests", dependencies: ["PonsKit", "PonsManifest"],
      path: "Tests/PonsManifestTests", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
