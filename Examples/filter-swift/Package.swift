// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "filter-swift",
  products: [
    .library(name: "pons-filter-swift", type: .dynamic, targets: ["FilterSwift"])
  ],
  dependencies: [
    // Of a package of your own: .package(url: "...", from: "...").
    .package(name: "pons", path: "../..")
  ],
  targets: [
    .target(
      name: "FilterSwift", dependencies: [.product(name: "PonsKit", package: "pons")],
      path: "Sources",
      // A plugin exports its entry and nothing else.
      linkerSettings: [
        .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map"])
      ])
  ],
  swiftLanguageModes: [.v6]
)
