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
    .library(name: "PonsKit", targets: ["PonsKit"]),
    .executable(name: "pons", targets: ["pons"]),
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
      name: "PonsCommand", dependencies: ["CPons", "PonsKit", "PonsManifest", "PonsEngine"],
      path: "Sources/PonsCommand", swiftSettings: strict),
    .executableTarget(
      name: "pons", dependencies: ["PonsCommand"], path: "Sources/pons", swiftSettings: strict),
    .testTarget(
      name: "PonsCommandTests",
      dependencies: ["PonsCommand", "PonsEngine", "PonsKit", "PonsManifest"],
      path: "Tests/PonsCommandTests", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
