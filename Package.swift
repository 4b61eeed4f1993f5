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

let package = Package(
  name: "pons",
  products: [
    .library(name: "PonsKit", targets: ["PonsKit"])
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
    .target(
      name: "PonsEngine", dependencies: ["PonsKit", "PonsManifest"], path: "Sources/PonsEngine",
      swiftSettings: strict),
    .testTarget(
      name: "PonsManifestTests", dependencies: ["PonsKit", "PonsManifest"],
      path: "Tests/PonsManifestTests", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
