import Glibc
import PonsHost
import PonsKit
import Testing

/// `pons plugins check` over every plugin that comes with Pons, as it was built.
struct ShippedPluginTests {
  private static let root = HostilePlugin.folder(
    of: HostilePlugin.folder(of: HostilePlugin.folder(of: #filePath)))

  /// The plugins' files in the folder of the build.
  static let plugins: [String] = names(in: HostilePlugin.products).filter {
    $0.hasPrefix("libpons-") && $0.hasSuffix(".so")
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  /// Values for stages that cannot do without, and small networks.
  private static func parameters(_ folder: String) throws -> [String: JSON] {
    let table = folder + "/cases.csv"
    let prompts = folder + "/prompts.json"
    try write("case,slice,label,from,to\ncase1,1,tumour,case1,other\n", table)
    try write(#"{"boxes": [[1, 0, 0, 4, 4]], "points": []}"#, prompts)
    let tests = root + "/Tests"
    return [
      "cases.map": ["table": .string(table)],
      "classifier.train": ["network": "small", "image_size": 32],
      "clip.label": ["model": "pons-clip-tiny"],
      "dicom.read": ["path": .string(tests + "/DICOMTests/Fixtures/explicit")],
      "labels.from-table": ["table": .string(table)],
      "labels.from-dicom": [
        "attribute": "contrast", "patterns": ["tumour": "."], "unmatched": "unlabelled",
      ],
      "nifti.read": ["path": .string(tests + "/NIfTITests/Fixtures")],
      "phantom.brain": ["size": [16, 16, 16], "spacing": 10],
      "prompts.from-json": ["path": .string(prompts)],
      "sam.segment": ["weights": .string(tests + "/SAMTests/Fixtures/tinyvit-weights.safetensors")],
      "unet3d.train": ["patch": [16, 16, 16], "channels": [4, 8], "min_dice": 0],
    ]
  }

  private static func write(_ text: String, _ path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
  }

  /// Stages that see only what the suite cannot make, and so are checked as far as refusing goes: models of their own, heads, chests,
  /// tables with columns of their own, prompts without points, volumes that know their DICOM images.
  private static let refusing: Set<String> = {
    let always: Set = [
      "cam.compute", "dicom.write-seg", "envelope.check", "evaluate.cohort", "model.read",
      "preprocess.brain-mask", "preprocess.lung-mask", "sam.segment", "unet3d.predict",
    ]
    // The head that phantoms are made of comes with a package that only tests need.
    let hasHead = access("/usr/share/mricron/templates/ch2bet.nii.gz", R_OK) == 0
    return hasHead ? always : always.union(["phantom.brain"])
  }()

  @Test func `every plugin was built`() {
    #expect(Self.plugins.count == Self.names(in: Self.root + "/Plugins").count)
  }

  @Test(arguments: plugins) func `a plugin keeps the rules`(file: String) throws {
    let folder = try HostilePlugin.temporaryFolder()
    defer { HostilePlugin.remove(folder) }
    let report = ConformanceSuite(
      file: "\(HostilePlugin.products)/\(file)", parameters: try Self.parameters(folder),
      worker: HostilePlugin.worker, secondsPerCheck: 20
    ).run()
    let isPassed = report.isPassed
    #expect(isPassed, "\(report.text)")
    for line in report.lines where line.outcome == .skipped {
      let stage = line.stage ?? ""
      let isExpected =
        line.reason == "a source has no inputs" || Self.refusing.contains(stage)
        || line.check.hasPrefix("no leak") && line.reason.hasPrefix("only")
      #expect(isExpected, "\(stage), \(line.check): \(line.reason)")
    }
  }
}
