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
  .unsafeFlags(torchIncludes + (torchNeedsCXX20 ? ["-std=c++20"] : []))
]
let torchLinking: [LinkerSetting] =
  (libTorch.map {
    [
      .unsafeFlags(["-L\($0)/lib", "-Xlinker", "-rpath=\($0)/lib"]),
      // Kernels for CUDA register themselves when their library is loaded; nothing refers to it.
      access("\($0)/lib/libtorch_cuda.so", F_OK) == 0
        ? .unsafeFlags(["-Xlinker", "--no-as-needed", "-ltorch_cuda", "-Xlinker", "--as-needed"])
        : .linkedLibrary("torch"),
    ]
  } ?? []) + [.linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10")]

let package = Package(
  name: "pons",
  products: [
    .library(name: "PonsKit", targets: ["PonsKit"]),
    .executable(name: "pons", targets: ["pons"]),
    .library(name: "pons-nifti", type: .dynamic, targets: ["NIfTIPlugin"]),
    .library(name: "pons-statistics", type: .dynamic, targets: ["StatisticsPlugin"]),
    .library(name: "pons-dicom", type: .dynamic, targets: ["DICOMPlugin"]),
    .library(name: "pons-cases", type: .dynamic, targets: ["CasesPlugin"]),
    .library(name: "pons-preprocess", type: .dynamic, targets: ["PreprocessPlugin"]),
    .library(name: "pons-clip", type: .dynamic, targets: ["ClipLabelerPlugin"]),
    .library(name: "pons-prompts", type: .dynamic, targets: ["PromptGeneratorPlugin"]),
    .library(name: "pons-cam", type: .dynamic, targets: ["CAMPlugin"]),
    .library(name: "pons-phantom", type: .dynamic, targets: ["PhantomPlugin"]),
    .library(name: "pons-trainer", type: .dynamic, targets: ["TrainerPlugin"]),
    .library(name: "pons-sam", type: .dynamic, targets: ["SAMPlugin"]),
    .library(name: "pons-s3f", type: .dynamic, targets: ["S3FPlugin"]),
    .library(name: "pons-evaluate", type: .dynamic, targets: ["EvaluatePlugin"]),
    .library(name: "pons-labels", type: .dynamic, targets: ["LabelsPlugin"]),
    .library(name: "pons-amda", type: .dynamic, targets: ["AMDAPlugin"]),
    .library(name: "pons-roi", type: .dynamic, targets: ["ROIPlugin"]),
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
      name: "PonsHost", dependencies: ["CPons", "CPonsSystem", "PonsKit", "PonsEngine"],
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
    .testTarget(
      name: "PonsEngineTests", dependencies: ["PonsEngine", "PonsKit", "PonsManifest"],
      path: "Tests/PonsEngineTests", swiftSettings: strict),
    .testTarget(
      name: "PonsHostTests",
      dependencies: ["PonsHost", "PonsEngine", "PonsKit", "pons-worker"],
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

    // Plugins. Each is a target with its code, and a target with its entry only, because two entries cannot be linked
    // into one test program.
    .target(
      name: "CNIfTI", path: "Plugins/NIfTI/CNIfTI", cSettings: [.headerSearchPath("niftilib")],
      linkerSettings: [
        .linkedLibrary("nifti2"), .linkedLibrary("isal"), .linkedLibrary("deflate"),
      ]),
    .target(
      name: "NIfTI", dependencies: ["CNIfTI", "PonsFiles", "PonsKit"], path: "Plugins/NIfTI",
      exclude: ["CNIfTI", "Entry"], swiftSettings: strict),
    .target(
      name: "NIfTIPlugin", dependencies: ["NIfTI", "PonsKit"], path: "Plugins/NIfTI/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-nifti")),
    .target(
      name: "Statistics", dependencies: ["PonsKit"], path: "Plugins/Statistics",
      exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "StatisticsPlugin", dependencies: ["Statistics", "PonsKit"],
      path: "Plugins/Statistics/Entry", swiftSettings: strict,
      linkerSettings: pluginLinking("pons-statistics")),
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
      name: "DICOM",
      dependencies: [
        "CDCMTK", "COpenJPEG", "COpenSSL", "PonsFiles", "PonsGrids", "PonsImaging", "PonsKit",
      ],
      path: "Plugins/DICOM", exclude: ["CDCMTK", "COpenJPEG", "Entry"], swiftSettings: strict),
    .target(
      name: "DICOMPlugin", dependencies: ["DICOM", "PonsKit"], path: "Plugins/DICOM/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-dicom")),
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
    .target(
      name: "Cases", dependencies: ["PonsFiles", "PonsKit"], path: "Plugins/Cases",
      exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "CasesPlugin", dependencies: ["Cases", "PonsKit"], path: "Plugins/Cases/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-cases")),
    .testTarget(
      name: "CasesTests",
      dependencies: [
        "Cases", "PonsEngine", "PonsFiles", "PonsHost", "PonsKit", "ReferenceTables",
        "StageHarness", "TestFolders",
      ],
      path: "Tests/CasesTests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "Preprocess", dependencies: ["PonsImaging", "PonsKit"], path: "Plugins/Preprocess",
      exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "PreprocessPlugin", dependencies: ["Preprocess", "PonsKit"],
      path: "Plugins/Preprocess/Entry", swiftSettings: strict,
      linkerSettings: pluginLinking("pons-preprocess")),
    .testTarget(
      name: "PreprocessTests",
      dependencies: ["PonsEngine", "PonsHost", "PonsImaging", "PonsKit", "StageHarness"],
      path: "Tests/PreprocessTests", swiftSettings: strict),
    .target(
      name: "ClipLabeler",
      dependencies: [
        "PonsGrids", "PonsImaging", "PonsKit", "PonsModels", "PonsTorch", "PonsWeights",
      ],
      path: "Plugins/ClipLabeler", exclude: ["Entry", "Training"], swiftSettings: strict),
    .target(
      name: "ClipLabelerPlugin", dependencies: ["ClipLabeler", "PonsKit", "PonsTorch"],
      path: "Plugins/ClipLabeler/Entry", swiftSettings: strict,
      linkerSettings: pluginLinking("pons-clip")),
    .executableTarget(
      name: "train-clip-tiny",
      dependencies: ["ClipLabeler", "NIfTI", "PonsImaging", "PonsKit", "PonsTorch"],
      path: "Plugins/ClipLabeler/Training", swiftSettings: strict),
    .executableTarget(
      name: "clip-benchmark", dependencies: ["ClipLabeler", "PonsTorch", "PonsWeights"],
      path: "Benchmarks/Clip/Program", swiftSettings: strict),
    .testTarget(
      name: "ClipLabelerTests",
      dependencies: [
        "ClipLabeler", "PonsEngine", "PonsHost", "PonsImaging", "PonsKit", "PonsTorch",
        "PonsWeights", "StageHarness", "TestFolders", "TestTensors",
      ],
      path: "Tests/ClipLabelerTests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "Phantom", dependencies: ["NIfTI", "PonsImaging", "PonsKit"], path: "Plugins/Phantom",
      exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "PhantomPlugin", dependencies: ["Phantom", "PonsKit"], path: "Plugins/Phantom/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-phantom")),
    .testTarget(
      name: "PhantomTests",
      dependencies: ["Phantom", "PonsEngine", "PonsHost", "PonsKit", "StageHarness"],
      path: "Tests/PhantomTests", swiftSettings: strict),
    .target(
      name: "CAM",
      dependencies: [
        "PonsGrids", "PonsImaging", "PonsKit", "PonsModels", "PonsTorch", "PonsWeights",
      ],
      path: "Plugins/CAM", exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "CAMPlugin", dependencies: ["CAM", "PonsKit"], path: "Plugins/CAM/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-cam")),
    .testTarget(
      name: "CAMTests",
      dependencies: [
        "CAM", "PonsEngine", "PonsHost", "PonsKit", "PonsTorch", "StageHarness", "TestTensors",
      ],
      path: "Tests/CAMTests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "Trainer",
      dependencies: [
        "COpenSSL", "PonsFiles", "PonsGrids", "PonsImaging", "PonsKit", "PonsTorch", "PonsWeights",
      ],
      path: "Plugins/Trainer", exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "TrainerPlugin", dependencies: ["Trainer", "PonsKit"], path: "Plugins/Trainer/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-trainer")),
    .testTarget(
      name: "TrainerTests",
      dependencies: [
        "PonsEngine", "PonsHost", "PonsKit", "PonsTorch", "StageHarness", "TestFolders",
        "TestTensors", "Trainer",
      ],
      path: "Tests/TrainerTests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "PromptGenerator",
      dependencies: ["PonsFiles", "PonsGrids", "PonsImaging", "PonsKit"],
      path: "Plugins/PromptGenerator", exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "PromptGeneratorPlugin", dependencies: ["PromptGenerator", "PonsKit"],
      path: "Plugins/PromptGenerator/Entry", swiftSettings: strict,
      linkerSettings: pluginLinking("pons-prompts")),
    .testTarget(
      name: "PromptGeneratorTests",
      dependencies: [
        "PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "StageHarness", "TestFolders",
      ],
      path: "Tests/PromptGeneratorTests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "SAM",
      dependencies: [
        "PonsGrids", "PonsImaging", "PonsKit", "PonsModels", "PonsTorch", "PonsWeights",
      ],
      path: "Plugins/SAM", exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "SAMPlugin", dependencies: ["SAM", "PonsKit"], path: "Plugins/SAM/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-sam")),
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
    .target(
      name: "S3F", dependencies: ["PonsGrids", "PonsImaging", "PonsKit"], path: "Plugins/S3F",
      exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "S3FPlugin", dependencies: ["S3F", "PonsKit"], path: "Plugins/S3F/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-s3f")),
    .testTarget(
      name: "S3FTests",
      dependencies: [
        "PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "S3F", "StageHarness",
      ],
      path: "Tests/S3FTests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "Evaluate", dependencies: ["PonsFiles", "PonsGrids", "PonsImaging", "PonsKit"],
      path: "Plugins/Evaluate", exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "EvaluatePlugin", dependencies: ["Evaluate", "PonsKit"],
      path: "Plugins/Evaluate/Entry", swiftSettings: strict,
      linkerSettings: pluginLinking("pons-evaluate")),
    .testTarget(
      name: "EvaluateTests",
      dependencies: [
        "Evaluate", "PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "StageHarness",
        "TestFolders",
      ],
      path: "Tests/EvaluateTests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "Labels", dependencies: ["Cases", "PonsFiles", "PonsGrids", "PonsImaging", "PonsKit"],
      path: "Plugins/Labels", exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "LabelsPlugin", dependencies: ["Labels", "PonsKit"], path: "Plugins/Labels/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-labels")),
    .testTarget(
      name: "LabelsTests",
      dependencies: ["PonsEngine", "PonsHost", "PonsKit", "StageHarness", "TestFolders"],
      path: "Tests/LabelsTests", swiftSettings: strict),
    .target(
      name: "AMDA", dependencies: ["PonsGrids", "PonsImaging", "PonsKit"],
      path: "Plugins/AMDA", exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "AMDAPlugin", dependencies: ["AMDA", "PonsKit"], path: "Plugins/AMDA/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-amda")),
    .testTarget(
      name: "AMDATests",
      dependencies: ["PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "StageHarness"],
      path: "Tests/AMDATests", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "ROI", dependencies: ["PonsGrids", "PonsImaging", "PonsKit"],
      path: "Plugins/ROI", exclude: ["Entry"], swiftSettings: strict),
    .target(
      name: "ROIPlugin", dependencies: ["ROI", "PonsKit"], path: "Plugins/ROI/Entry",
      swiftSettings: strict, linkerSettings: pluginLinking("pons-roi")),
    .testTarget(
      name: "ROITests",
      dependencies: ["PonsEngine", "PonsHost", "PonsKit", "ReferenceTables", "StageHarness"],
      path: "Tests/ROITests", exclude: ["Fixtures"], swiftSettings: strict),
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
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
