/// `golden:`, what an overlay has to do as well as the manifest itself.
struct GoldenDeclaration: Sendable {
  var location: SourceLocation
  /// Values of the manifest's parameters for the golden cases.
  var set: [NamedSetting] = []
  /// Names of declared outputs with masks.
  var outputs: [YAMLNode] = []
  /// How much Dice may fall.
  var maximumDiceDrop: YAMLNode
  var limit: Double
  /// A folder with true masks.
  var truth: Setting?
}

/// Golden cases of a manifest: where they are, and what is compared.
public struct GoldenCases: Sendable, Hashable {
  /// Declared outputs whose masks are compared.
  public var outputs: [String]
  /// How much the Dice of any label of any case may fall, from 0 to 1.
  public var maximumDiceDrop: Double
  /// A folder laid out as an output folder is, `CASE/OUTPUT.nii.gz`, with the true masks; nil takes the manifest's own results for true.
  public var truth: String?

  /// What is compared.
  public init(outputs: [String], maximumDiceDrop: Double, truth: String? = nil) {
    self.outputs = outputs
    self.maximumDiceDrop = maximumDiceDrop
    self.truth = truth
  }
}

extension DocumentReader {
  mutating func golden(_ entry: YAMLEntry) -> GoldenDeclaration? {
    let keys = entries(
      entry.value, "'golden'", known: ["set", "outputs", "max_dice_drop", "truth"])
    guard case .mapping = entry.value.content else { return nil }
    for key in ["set", "outputs", "max_dice_drop"] where keys[key] == nil {
      findings.error(
        entry.keyLocation, "'golden' has no '\(key)'",
        hint: "write 'golden: {set: {input: FOLDER}, outputs: [mask], max_dice_drop: 0.02}'")
    }
    guard let drop = keys["max_dice_drop"]?.value,
      let limit = finiteNumber(drop, "'max_dice_drop'")
    else { return nil }
    if !(0...1).contains(limit) {
      findings.error(drop.location, "'max_dice_drop' is a difference of Dice, from 0 to 1")
    }
    var golden = GoldenDeclaration(
      location: entry.keyLocation, maximumDiceDrop: drop, limit: limit)
    golden.set = keys["set"].map { settings($0.value, "'set' of 'golden'") } ?? []
    for node in keys["outputs"].map({ list($0.value, "'outputs' of 'golden'") }) ?? [] {
      if text(node, "an output of 'golden'") != nil { golden.outputs.append(node) }
    }
    if let node = keys["outputs"]?.value, case .sequence(let elements) = node.content,
      elements.isEmpty
    {
      findings.error(node.location, "'golden' compares no output")
    }
    if let truth = keys["truth"]?.value, text(truth, "'truth' of 'golden'") != nil {
      golden.truth = setting(truth)
    }
    return golden
  }
}
