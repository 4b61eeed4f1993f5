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

// What a plugin's library exports; see the file. Only the target with a plugin's entry has it: tests link the rest.
let pluginExports: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/exports.map"])
]

let package = Package(
  name: "pons",
  products: [
    .library(name: "PonsKit", targets: ["PonsKit"])
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
    .testTarget(
      name: "NIfTITests", dependencies: ["NIfTI", "PonsKit"], path: "Tests/NIfTITests",
      exclude: ["Fixtures"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
