// swift-tools-version: 6.2
import Glibc
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
// with the host's. Its name is given because the linker would write the folder of the build otherwise, and the digest
// of a plugin must not depend on that.
func pluginLinking(_ library: String) -> [LinkerSetting] {
  [
    .unsafeFlags([
      "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/CPons/plugin.map",
      "-Xlinker", "-soname=lib\(library).so",
    ]),
    // Debug information names the compiler's caches, which are called after the folder of the build.
    .unsafeFlags(["-Xlinker", "--strip-debug"], .when(configuration: .release)),
  ]
}

// Debian's LibTorch, or the one in the folder that PONS_LIBTORCH names.
let libTorch = Context.environment["PONS_LIBTORCH"].flatMap { $0.isEmpty ? nil : $0 }
let torchIncludes =
  libTorch.map { ["-I\($0)/include", "-I\($0)/include/torch/csrc/api/include"] }
  ?? ["-I/usr/include/torch/csrc/api/include"]
// The headers of the newest need C++20, those of 1.13 do not compile with it.
let torchNeedsCXX20 = libTorch.map { access("\($0)/include/torch/headeronly", F_OK) == 0 } ?? false
let torchSettings: [CXXSetting] = [
  .unsafeFlags(torchIncludes)
]
let torchLinking: [LinkerSetting] =
  libTorch.map { folder in
    // By their paths: a search would find those of Debian first where they are installed, too.
    let libraries = ["torch", "torch_cpu", "c10"].flatMap {
      ["-Xlinker", "\(folder)/lib/lib\($0).so"]
    }
    // Kernels for CUDA register themselves when their library is loaded; nothing refers to it.
    let cuda = "\(folder)/lib/libtorch_cuda.so"
    let kernels =
      access(cuda, F_OK) == 0
      ? ["-Xlinker", "--no-as-needed", "-Xlinker", cuda, "-Xlinker", "--as-needed"] : []
    return [.unsafeFlags(["-Xlinker", "-rpath=\(folder)/lib"] + libraries + kernels)]
  } ?? [.linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10")]

/// What a plugin is made of: a target with its code in Plugins/NAME, a target with its entry only, because two entries cannot
/// be linked into one test program, and the library that the host loads.
struct PluginParts {
  let product: Product
  let targets: [Target]

  /// - Parameters:
  ///   - dependencies: of the code.
  ///   - exclude: folders in the plugin's that are targets of their own.
  ///   - entry: what the entry needs beside the code and PonsKit.
  init(
    _ name: String, library: String, dependencies: [Target.Dependency], exclude: [String] = [],
    entry: [Target.Dependency] = []
  ) {
    product = .library(name: library, type: .dynamic, targets: ["\(name)Plugin"])
    targets = [
      .target(
        name: name, dependencies: dependencies, path: "Plugins/\(name)",
        exclude: exclude + ["Entry"], swiftSettings: strict),
      .target(
        name: "\(name)Plugin", dependencies: [.byName(name: name), "PonsKit"] + entry,
        path: "Plugins/\(name)/Entry", swiftSettings: strict,
        linkerSettings: pluginLinking(library)),
    ]
  }
}

let plugins = [
  PluginParts(
    "NIfTI", library: "pons-nifti", dependencies: ["CNIfTI", "PonsFiles", "PonsKit"],
    exclude: ["CNIfTI"]),
  PluginParts("Statistics", library: "pons-statistics", dependencies: ["PonsKit"]),
  PluginParts(
    "DICOM", library: "pons-dicom",
    dependencies: [
      "CDCMTK", "COpenJPEG", "COpenSSL", "PonsFiles", "PonsGrids", "PonsImaging", "PonsKit",
    ],
    exclude: ["CDCMTK", "COpenJPEG"]),
  PluginParts("Cases", library: "pons-cases", dependencies: ["PonsFiles", "PonsKit"]),
  PluginParts(
    "Preprocess", library: "pons-preprocess",
    dependencies: ["PonsGrids", "PonsImaging", "PonsKit"]),
  PluginParts(
    "ClipLabeler", library: "pons-clip",
    dependencies: [
      "PonsGrids", "PonsImaging", "PonsKit", "PonsModels", "PonsTorch", "PonsWeights",
    ],
    exclude: ["Training"], entry: ["PonsTorch"]),
  PluginParts(
    "PromptGenerator", library: "pons-prompts",
    dependencies: ["PonsFiles", "PonsGrids", "PonsImaging", "PonsKit"]),
  PluginParts(
    "CAM", library: "pons-cam",
    dependencies: [
      "PonsGrids", "PonsImaging", "PonsKit", "PonsModels", "PonsTorch", "PonsWeights",
    ]),
  PluginParts(
    "Phantom", library: "pons-phantom", dependencies: ["NIfTI", "PonsImaging", "PonsKit"]),
  PluginParts(
    "Trainer", library: "pons-trainer",
    dependencies: [
      "COpenSSL", "PonsFiles", "PonsGrids", "PonsImaging", "PonsKit", "PonsTorch", "PonsWeights",
    ]),
  PluginParts(
    "SAM", library: "pons-sam",
    dependencies: ["PonsGrids", "PonsImaging", "PonsKit", "PonsModels", "PonsTorch", "PonsWeights"]),
  PluginParts("S3F", library: "pons-s3f", dependencies: ["PonsGrids", "PonsImaging", "PonsKit"]),
  PluginParts(
    "Evaluate", library: "pons-evaluate",
    dependencies: ["PonsFiles", "PonsGrids", "PonsImaging", "PonsKit"]),
  PluginParts(
    "Labels", library: "pons-labels",
    dependencies: ["Cases", "PonsFiles", "PonsGrids", "PonsImaging", "PonsKit"]),
  PluginParts("AMDA", library: "pons-amda", dependencies: ["PonsGrids", "PonsImaging", "PonsKit"]),
  PluginParts("ROI", library: "pons-roi", dependencies: ["PonsGrids", "PonsImaging", "PonsKit"]),
  PluginParts(
    "Report", library: "pons-report",
    dependencies: ["CPNG", "PonsFiles", "PonsGrids", "PonsImaging", "PonsKit"], exclude: ["CPNG"]),
]

let package = Package(
  name: "pons",
  products: [
    .library(name: "PonsKit", targets: ["PonsKit"]),
    .executable(name: "pons", targets: ["pons"]),
    // For tests of the host only; its name keeps it out of the folder scan for libpons-*.so.
    .library(name: "fixture-plugin", type: .dynamic, targets: ["FixturePlugin"]),
  ] + plugins.map(\.product),
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
      name: "PonsFiles", dependencies: ["PonsKit"], path: "Sources/PonsFiles",
      swiftSettings: strict),
    .systemLibrary(
      name: "CZip", path: "Sources/CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .target(
      name: "PonsWeights", dependencies: ["CZip", "PonsKit"], path: "Sources/PonsWeights",
      swiftSettings: strict),
    .testTarget(
      name: "PonsWeightsTests", dependencies: ["PonsKit", "PonsWeights", "TestFolders"],
      path: "Tests/PonsWeightsTests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "PonsModels", dependencies: ["COpenSSL", "PonsKit", "PonsWeights"],
      path: "Sources/PonsModels", swiftSettings: strict),
    .target(name: "CCurl", path: "Sources/CCurl"),
    .target(
      name: "PonsFetch", dependencies: ["CCurl", "PonsModels", "PonsWeights"],
      path: "Sources/PonsFetch", swiftSettings: strict),
    .testTarget(
      name: "PonsModelsTests",
      dependencies: ["PonsKit", "PonsModels", "PonsWeights", "TestFolders"],
      path: "Tests/PonsModelsTests", swiftSettings: strict),
    .target(name: "TestFolders", path: "Tests/TestFolders", swiftSettings: strict),
    .testTarget(
      name: "PonsFilesTests", dependencies: ["PonsFiles", "PonsKit", "TestFolders"],
      path: "Tests/PonsFilesTests",
      swiftSettings: strict),
    .target(name: "PonsImaging", path: "Sources/PonsImaging", swiftSettings: strict),
    .target(
      name: "PonsGrids", dependencies: ["PonsImaging", "PonsKit"], path: "Sources/PonsGrids",
      swiftSettings: strict),
    .executableTarget(
      name: "imaging-benchmark", dependencies: ["PonsImaging"], path: "Benchmarks/Imaging/Program",
      swiftSettings: strict),
    .testTarget(
      name: "PonsImagingTests", dependencies: ["PonsImaging", "ReferenceTables"],
      path: "Tests/PonsImagingTests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "ReferenceTables", path: "Tests/ReferenceTables", swiftSettings: strict),
    .systemLibrary(
      name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    .target(name: "CPonsSystem", path: "Sources/CPonsSystem"),
    .target(
      name: "PonsEngine", dependencies: ["COpenSSL", "CPonsSystem", "PonsKit", "PonsManifest"],
      path: "Sources/PonsEngine", swiftSettings: strict),
    .target(
      name: "PonsHost",
      dependencies: ["CPons", "CPonsSystem", "PonsKit", "PonsEngine", "PonsManifest"],
      path: "Sources/PonsHost",
      swiftSettings: strict),
    .executableTarget(
      name: "pons-worker", dependencies: ["PonsHost"], path: "Sources/pons-worker",
      swiftSettings: strict),
    .target(
      name: "FixturePlugin", dependencies: ["PonsKit"], path: "Tests/FixturePlugin",
      swiftSettings: strict, linkerSettings: pluginLinking("fixture-plugin")),
    .target(
      name: "CPonsLayout", dependencies: ["CPons"], path: "Tests/CPonsTests/Layout",
      cSettings: [.headerSearchPath("../../../Sources/CPons/include")]),
    .testTarget(
      name: "CPonsTests", dependencies: ["CPons", "CPonsLayout", "PonsHost"],
      path: "Tests/CPonsTests", exclude: ["Layout"], swiftSettings: strict),
    .executableTarget(
      name: "engine-benchmark", dependencies: ["PonsEngine", "PonsKit", "PonsManifest"],
      path: "Benchmarks/Engine", swiftSettings: strict),
    .executableTarget(
      name: "isolation-benchmark",
      dependencies: ["PonsEngine", "PonsHost", "PonsKit", "PonsManifest"],
      path: "Benchmarks/Isolation", swiftSettings: strict),
    .testTarget(
      name: "PonsEngineTests", dependencies: ["PonsEngine", "PonsKit", "PonsManifest"],
      path: "Tests/PonsEngineTests", swiftSettings: strict),
    .testTarget(
      name: "PonsHostTests",
      dependencies: ["PonsHost", "PonsEngine", "PonsKit", "PonsManifest", "pons-worker"],
      path: "Tests/PonsHostTests", exclude: ["Hostile"], swiftSettings: strict),
    .testTarget(
      name: "PonsKitTests", dependencies: ["PonsKit", "CPons"], path: "Tests/PonsKitTests",
      swiftSettings: strict),
    .target(
      name: "PonsCommand",
      dependencies: [
        "CPons", "CPonsSystem", "PonsEngine", "PonsFetch", "PonsHost", "PonsKit", "PonsManifest",
        "PonsModels", "PonsWeights",
      ],
      path: "Sources/PonsCommand", swiftSettings: strict),
    .executableTarget(
      name: "pons", dependencies: ["PonsCommand"], path: "Sources/pons", swiftSettings: strict),
    .testTarget(
      name: "PonsCommandTests",
      dependencies: [
        "PonsCommand", "PonsEngine", "PonsKit", "PonsManifest", "pons", "pons-worker",
      ],
      path: "Tests/PonsCommandTests", exclude: ["Support/range_server.py"], swiftSettings: strict),
    .testTarget(
      name: "PonsManifestTests", dependencies: ["PonsKit", "PonsManifest"],
      path: "Tests/PonsManifestTests", swiftSettings: strict),
    .target(
      name: "CTorch", path: "Sources/CTorch", cxxSettings: torchSettings,
      linkerSettings: torchLinking),
    .target(
      name: "PonsTorch", dependencies: ["CTorch", "PonsFiles", "PonsKit", "PonsWeights"],
      path: "Sources/PonsTorch", swiftSettings: strict),
    .target(
      name: "TestTensors", dependencies: ["PonsKit", "PonsTorch", "PonsWeights"],
      path: "Tests/TestTensors",
      swiftSettings: strict),
    .testTarget(
      name: "PonsTorchTests",
      dependencies: ["PonsKit", "PonsTorch", "PonsWeights", "TestFolders", "TestTensors"],
      path: "Tests/PonsTorchTests", exclude: ["Fixtures"], swiftSettings: strict),

    // What plugins wrap, and their tests.
    .target(
      name: "CNIfTI", path: "Plugins/NIfTI/CNIfTI", cSettings: [.headerSearchPath("niftilib")],
      linkerSettings: [
        .linkedLibrary("nifti2"), .linkedLibrary("isal"), .linkedLibrary("deflate"),
      ]),
    .target(
      name: "CDCMTK", path: "Plugins/DICOM/CDCMTK",
      linkerSettings: [
        "dcmseg", "dcmfg", "dcmiod", "dcmjpls", "dcmjpeg", "dcmdata", "oflog", "ofstd", "z",
      ].map { .linkedLibrary($0) }),
    .target(
      name: "COpenJPEG", path: "Plugins/DICOM/COpenJPEG",
      cSettings: [.unsafeFlags(["-I/usr/include/openjpeg-2.5"])],
      linkerSettings: [.linkedLibrary("openjp2")]),
    .target(
      name: "StageHarness", dependencies: ["PonsEngine", "PonsHost", "PonsKit"],
      path: "Tests/StageHarness", swiftSettings: strict),
    .testTarget(
      name: "DICOMTests",
      dependencies: [
        "DICOM", "PonsEngine", "PonsHost", "PonsKit", "StageHarness", "TestFolders",
      ],
      path: "Tests/DICOMTests",
      exclude: ["Fixtures", "Segmentation/read_back.py", "Writing/read_back.py"],
      swiftSettings: strict),
    .testTarget(
      name: "CasesTests",
      dependencies: [
        "Cases", "PonsEngine", "PonsFiles", "PonsHost", "PonsKit", "ReferenceTables",
        "StageHarness", "TestFolders",
      ],
      path: "Tests/CasesTests", exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "PreprocessTests",
      dependencies: [
        "PonsEngine", "PonsHost", "PonsImaging", "PonsKit", "StageHarness", "TestFolders",
      ],
      path: "Tests/PreprocessTests", exclude: ["Fixtures"], swiftSettings: strict),
    .executableTarget(
      name: "train-clip-tiny",
      dependencies: ["ClipLabeler", "NIfTI", "PonsImaging", "PonsKit", "PonsTorch"],
      path: "Plugins/ClipLabeler/Training", swiftSettings: strict),
    .executableTarget(
      name: "clip-benchmark",
      dependencies: ["CPonsSystem", "ClipLabeler", "PonsTorch", "PonsWeights"],
      path: "Benchmarks/Clip/Program", swiftSettings: strict),
    .testTarget(
      name: "ClipLabelerTests",
      dependencies: [
        "ClipLabeler", "PonsEngine", "PonsHost", "PonsImaging", "PonsKit", "PonsTorch",
        "PonsWeights", "StageHarness", "TestFolders", "TestTensors",
      ],
      path: "Tests/ClipLabelerTests", exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "PhantomTests",
      dependencies: ["Phantom", "PonsEngine", "PonsHost", "PonsKit", "StageHarness"],
      path: "Tests/PhantomTests", swiftSettings: strict),
    .testTarget(
      name: "CAMTests",
      dependencies: [
        "CAM", "PonsEngine", "PonsHost", "PonsKit", "PonsTorch", "StageHarness", "TestFolders",
        "TestTensors",
      ],
      path: "Tests/CAMTests", exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "TrainerTests",
      dependencies: [
        "PonsEngine", "PonsHost", "PonsKit", "PonsTorch", "StageHarness", "TestFolders",
        "TestTensors", "Trainer",
      ],
      path: "Tests/TrainerTests", exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "PromptGeneratorTests",
      dependencies: [
        "PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "StageHarness", "TestFolders",
      ],
      path: "Tests/PromptGeneratorTests", exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "SAMTests",
      dependencies: [
        "CPonsSystem", "PonsEngine", "PonsGrids", "PonsHost", "PonsKit", "PonsTorch",
        "PonsWeights", "SAM", "StageHarness", "TestFolders", "TestTensors",
      ],
      path: "Tests/SAMTests", exclude: ["Fixtures"], swiftSettings: strict),
    .executableTarget(
      name: "models-benchmark",
      dependencies: ["CPonsSystem", "PonsKit", "PonsTorch", "PonsWeights", "SAM", "Trainer"],
      path: "Benchmarks/Models/Program", swiftSettings: strict),
    .testTarget(
      name: "S3FTests",
      dependencies: [
        "PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "S3F", "StageHarness",
      ],
      path: "Tests/S3FTests", exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "EvaluateTests",
      dependencies: [
        "Evaluate", "PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "StageHarness",
        "TestFolders",
      ],
      path: "Tests/EvaluateTests", exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "LabelsTests",
      dependencies: ["PonsEngine", "PonsHost", "PonsKit", "StageHarness", "TestFolders"],
      path: "Tests/LabelsTests", swiftSettings: strict),
    .testTarget(
      name: "AMDATests",
      dependencies: ["PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "StageHarness"],
      path: "Tests/AMDATests", exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "ROITests",
      dependencies: ["PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "StageHarness"],
      path: "Tests/ROITests", exclude: ["Fixtures"], swiftSettings: strict),
    .systemLibrary(
      name: "CPNG", path: "Plugins/Report/CPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"])]),
    .testTarget(
      name: "ReportTests",
      dependencies: [
        "PonsEngine", "PonsHost", "PonsImaging", "PonsKit", "Report", "StageHarness",
        "TestFolders",
      ],
      path: "Tests/ReportTests", exclude: ["Support/check_page.py"], swiftSettings: strict),
    .target(
      name: "CFloor", path: "Benchmarks/NIfTIRead/CFloor",
      linkerSettings: [.linkedLibrary("deflate")]),
    .executableTarget(
      name: "nifti-read-benchmark", dependencies: ["CFloor", "NIfTI", "PonsKit"],
      path: "Benchmarks/NIfTIRead/Program", swiftSettings: strict),
    .testTarget(
      name: "NIfTITests", dependencies: ["NIfTI", "PonsKit", "TestFolders"],
      path: "Tests/NIfTITests",
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "StatisticsTests", dependencies: ["Statistics", "PonsKit"],
      path: "Tests/StatisticsTests", swiftSettings: strict),
  ] + plugins.flatMap(\.targets),
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: torchNeedsCXX20 ? .cxx20 : .cxx17
)
