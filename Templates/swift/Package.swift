// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "@NAME@",
  products: [.library(name: "pons-@NAME@", type: .dynamic, targets: ["Stages"])],
  dependencies: [.package(name: "pons", path: "@PONS@")],
  targets: [
    .target(
      name: "Stages", dependencies: [.product(name: "PonsKit", package: "pons")], path: "Sources",
      // A plugin exports its entry and nothing else.
      linkerSettings: [
        .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map"])
      ])
  ],
  swiftLanguageModes: [.v6]
)
